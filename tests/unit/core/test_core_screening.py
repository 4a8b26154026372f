"""Answering machines, recorded messages and the key by which further calls are forbidden, at the desk."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import STATED, Bench
from desk_questions import answered

from bridge.agents.model import AgentState
from bridge.agi.desk import AnswerDecision, CallReport, ScreenDecision
from bridge.calls.model import AnsweredBy, Call, CallState
from bridge.campaigns.messages import STATED as MUST_STATE
from bridge.campaigns.messages import AmdAction
from bridge.campaigns.model import Campaign
from bridge.desk import Desk
from bridge.errors import DialRefused
from bridge.services import DialRequest

LONG = ("MACHINE", "LONGGREETING-1500-1500")


async def campaign(bench: Bench, **fields: Any) -> None:
    usual: dict[str, Any] = {
        "id": "AMD",
        "trunk": "carrier",
        "drop_seconds": 0.05,
        "amd": True,
        "wrapup_seconds": 0,
    }
    await bench.core.site.put(Campaign(**(usual | fields)))


async def ended(desk: Desk, call: Call, decision: str, status: str = "MACHINE", cause: str = "") -> None:
    report = CallReport(
        call_id=call.id, hangupcause=16, amd_status=status, amd_cause=cause, decision=decision
    )
    await desk.call_end(report)


async def test_nothing_is_detected_unless_the_campaign_says_so(bench: Bench, desk: Desk) -> None:
    assert not Campaign(id="A").amd
    await campaign(bench, amd=False)
    session = await bench.ready("1000", "AMD")
    call = await answered(bench, "AMD")
    assert await desk.call_answered(call.id, "") == AnswerDecision.join(session.room)


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("HUMAN", "HUMAN-800-800"),
        ("NOTSURE", "TOOLONG-2000"),
        ("MACHINE", "INITIALSILENCE-2500-2500"),
        ("", ""),
    ],
)
async def test_whoever_is_not_surely_a_machine_is_a_person(
    bench: Bench, desk: Desk, status: str, cause: str
) -> None:
    await campaign(bench, amd_seconds=1.5)
    session = await bench.ready("1000", "AMD")
    call = await answered(bench, "AMD")
    assert await desk.call_answered(call.id, "") == AnswerDecision.detect(1.5)
    assert (await bench.session("1000")).state is AgentState.READY, "nobody is taken for a machine"
    assert await desk.call_screened(call.id, status, cause) == ScreenDecision("ask")
    assert await desk.call_answered(call.id, "") == AnswerDecision.join(session.room)
    assert (await bench.call(call.id)).answered_by is AnsweredBy.PERSON


@pytest.mark.parametrize("cause", ["LONGGREETING-1500-1500", "MAXWORDS-3-3", "MAXWORDLENGTH-5000-5000"])
async def test_a_machine_is_hung_up_on(bench: Bench, desk: Desk, cause: str) -> None:
    await campaign(bench)
    await bench.ready("1000", "AMD")
    call = await answered(bench, "AMD")
    await desk.call_answered(call.id, "")
    assert await desk.call_screened(call.id, "MACHINE", cause) == ScreenDecision("machine")
    assert await desk.call_screened(call.id, "", "") == ScreenDecision("machine"), "asked again"
    assert (await bench.session("1000")).state is AgentState.READY
    await ended(desk, call, "machine", cause=cause)
    done = await bench.call(call.id)
    assert (done.state, done.status) == (CallState.DISPOSED, "AA")
    assert (await bench.told()).count("call.screened") == 1


async def test_the_detections_time_is_part_of_the_wait_for_an_agent(bench: Bench, desk: Desk) -> None:
    """Nobody is ready when it is over, and neither is there time left."""
    await campaign(bench, drop_seconds=0.0, abandon_message="sorry", **STATED)
    call = await answered(bench, "AMD")
    await desk.call_answered(call.id, "")
    await desk.call_screened(call.id, "HUMAN", "HUMAN-800-800")
    assert await desk.call_answered(call.id, "") == AnswerDecision.drop("sorry")
    await ended(desk, call, "drop", "HUMAN", "HUMAN-800-800")
    assert (await bench.call(call.id)).status == "DROP"


@pytest.mark.parametrize(("decision", "status"), [("message", "AM"), ("played", "AL")])
async def test_a_message_is_left_where_the_campaign_wants_it(
    bench: Bench, desk: Desk, decision: str, status: str
) -> None:
    await campaign(
        bench, amd_action=AmdAction.MESSAGE, machine_message="bridge/later", opt_out_key="9", **STATED
    )
    call = await answered(bench, "AMD")
    await desk.call_answered(call.id, "")
    assert await desk.call_screened(call.id, *LONG) == ScreenDecision("message", "bridge/later", "9")
    await ended(desk, call, decision, *LONG)
    assert (await bench.call(call.id)).status == status


async def test_a_person_whom_detection_took_for_a_silent_machine_and_who_was_abandoned_counts(
    bench: Bench, desk: Desk
) -> None:
    await campaign(bench, drop_seconds=0.0)
    call = await answered(bench, "AMD")
    await desk.call_answered(call.id, "")
    silent = ("MACHINE", "INITIALSILENCE-1500-1500")
    await desk.call_screened(call.id, *silent)
    assert (await desk.call_answered(call.id, "")).action == "drop"
    await ended(desk, call, "drop", *silent)
    assert (await bench.call(call.id)).status == "DROP"


@pytest.mark.parametrize("missing", MUST_STATE)
async def test_without_purpose_seller_number_and_consent_no_recorded_message_is_played(
    bench: Bench, desk: Desk, missing: str
) -> None:
    await campaign(
        bench,
        drop_seconds=0.0,
        abandon_message="sorry",
        amd_action=AmdAction.MESSAGE,
        machine_message="bridge/later",
        opt_out_key="9",
        **(STATED | {missing: ""}),
    )
    machine = await answered(bench, "AMD")
    await desk.call_answered(machine.id, "")
    assert await desk.call_screened(machine.id, *LONG) == ScreenDecision("machine")
    person = await answered(bench, "AMD")
    await desk.call_answered(person.id, "")
    await desk.call_screened(person.id, "HUMAN", "")
    assert await desk.call_answered(person.id, "") == AnswerDecision.drop()


async def test_a_machine_is_not_waiting_for_an_agent(bench: Bench, desk: Desk) -> None:
    """The dialler places another call for her meanwhile."""
    await campaign(bench)
    call = await answered(bench, "AMD")
    await desk.call_answered(call.id, "")
    await desk.call_screened(call.id, *LONG)
    found = await bench.call(call.id)
    assert (found.answered_by, found.session_id, found.state) == (
        AnsweredBy.MACHINE,
        "",
        CallState.ANSWERED,
    )


async def test_a_key_forbids_the_number_at_once_and_ends_what_rings_there(bench: Bench, desk: Desk) -> None:
    await campaign(bench, amd=False)
    call = await answered(bench, "AMD")
    other = await bench.core.call_commands.dial(DialRequest(campaign="AMD", number=call.number))
    await desk.opt_out(call.id, "9")
    await desk.opt_out(call.id, "9")
    (entry,) = await bench.core.leads.dnc_hits(call.number)
    assert entry.campaign == ""
    assert call.id in entry.added_by
    assert (await bench.call(other.id)).hangup_asked_at is not None
    assert (await bench.call(call.id)).hangup_asked_at is None
    assert (await bench.told()).count("call.opted_out") == 1
    with pytest.raises(DialRefused) as caught:
        await bench.core.call_commands.dial(DialRequest(campaign="AMD", number=call.number))
    assert caught.value.rule == "dnc_system"


async def test_a_call_that_is_not_there(bench: Bench, desk: Desk) -> None:
    assert await desk.call_screened("01940000-0000-7000-8000-000000000000", *LONG) == ScreenDecision("drop")
    await desk.opt_out("01940000-0000-7000-8000-000000000000", "9")
    assert await bench.core.leads.dnc() == []
