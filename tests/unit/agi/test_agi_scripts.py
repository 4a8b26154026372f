"""The bridge's own scripts, with a desk that answers at once: what they ask, and what they set."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from agi_desk import TestDesk
from agi_peer import Channel, dialplan_calls

import agi_scripts
from bridge.agi.desk import (
    AnswerDecision,
    CallReport,
    CallStart,
    InboundCall,
    InboundDecision,
    OfferDecision,
    StartDecision,
)
from bridge.agi.loader import ScriptLoader
from bridge.agi.server import FastAgiServer
from bridge.agi.steps import STEPS, known, phone_of, seconds

FOLDER = Path(agi_scripts.__path__[0])


@contextlib.asynccontextmanager
async def bridge(desk: TestDesk) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer(ScriptLoader(FOLDER).handler(desk), port=0)
    await server.start()
    yield server
    await server.stop()


async def step(desk: TestDesk, script: str, variables: dict[str, str] | None = None, **env: str) -> Channel:
    async with bridge(desk) as server:
        return await dialplan_calls(server.port, script, Channel(dict(variables or {})), env=env)


def test_each_step_has_its_script() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} == set(STEPS)


async def test_call_start() -> None:
    desk = TestDesk()
    channel = await step(desk, "call_start", {"CHANNEL(linkedid)": "1.0", "BRIDGE_AGENT": "anna"})
    assert desk.asked == [
        CallStart(
            channel="PJSIP/1000-0000002a",
            unique_id="1732000000.1",
            number="15551234567",
            linked_id="1.0",
            caller_id="15550001111",
            context="bridge-agi",
            agent="anna",
            phone="1000",
        )
    ]
    assert channel.variables["BRIDGE_DIAL"] == "PJSIP/15551234567@carrier"
    assert channel.variables["BRIDGE_TIMEOUT"] == "30"
    assert channel.variables["BRIDGE_CALLER_ID"] == "15550009999"
    assert channel.variables["BRIDGE_DECISION"] == "allow"
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK call_start:call-1"


async def test_call_start_takes_what_the_dialplan_says_over_what_the_channel_says() -> None:
    desk = TestDesk()
    await step(desk, "call_start", {"BRIDGE_NUMBER": "5551", "BRIDGE_PHONE": "2000"})
    assert isinstance(desk.asked[0], CallStart)
    assert (desk.asked[0].number, desk.asked[0].phone) == ("5551", "2000")


async def test_call_start_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_self: TestDesk, _start: CallStart) -> StartDecision:
        return StartDecision.refuse("dnc", "call-9")

    monkeypatch.setattr(TestDesk, "call_start", refuse)
    channel = await step(TestDesk(), "call_start")
    assert channel.variables["BRIDGE_DECISION"] == "refuse"
    assert channel.variables["BRIDGE_REASON"] == "dnc"
    assert "BRIDGE_DIAL" not in channel.variables
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK call_start:call-9"


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (AnswerDecision.join("8600051"), {"DECISION": "room", "ROOM": "8600051"}),
        (AnswerDecision.wait_for(0.5), {"DECISION": "wait", "WAIT": "0.5", "ROOM": ""}),
        (AnswerDecision.detect(1.5), {"DECISION": "detect", "DETECT": "1500", "ROOM": ""}),
        (AnswerDecision.drop("sorry"), {"DECISION": "drop", "MESSAGE": "sorry", "KEY": "", "ROOM": ""}),
        (AnswerDecision.drop("sorry", "9"), {"DECISION": "drop", "MESSAGE": "sorry", "KEY": "9"}),
    ],
)
async def test_call_answered(
    monkeypatch: pytest.MonkeyPatch, decision: AnswerDecision, expected: dict[str, str]
) -> None:
    async def decide(self: TestDesk, call_id: str, channel: str) -> AnswerDecision:
        self.asked.append((call_id, channel))
        return decision

    monkeypatch.setattr(TestDesk, "call_answered", decide)
    desk = TestDesk()
    channel = await step(desk, "call_answered", {"BRIDGE_CALL_ID": "call-1"})
    assert desk.asked == [("call-1", "PJSIP/1000-0000002a")]
    assert {f"BRIDGE_{name}": value for name, value in expected.items()}.items() <= channel.variables.items()
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK call_answered:call-1"


async def test_call_screened() -> None:
    desk = TestDesk()
    given = {"BRIDGE_CALL_ID": "call-1", "AMDSTATUS": "MACHINE", "AMDCAUSE": "LONGGREETING-1500-1500"}
    channel = await step(desk, "call_screened", given)
    assert desk.asked == [("call-1", "MACHINE", "LONGGREETING-1500-1500")]
    wanted = {"BRIDGE_DECISION": "message", "BRIDGE_MESSAGE": "bridge/later", "BRIDGE_KEY": "9"}
    assert wanted.items() <= channel.variables.items()
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK call_screened:call-1"


async def test_without_the_module_nothing_is_known_of_who_has_answered() -> None:
    desk = TestDesk()
    await step(desk, "call_screened", {"BRIDGE_CALL_ID": "call-1"})
    assert desk.asked == [("call-1", "", "")]


async def test_opt_out() -> None:
    desk = TestDesk()
    channel = await step(desk, "opt_out", {"BRIDGE_CALL_ID": "call-1", "BRIDGE_PRESSED": "9"})
    assert desk.asked == [("call-1", "9")]
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK opt_out:call-1"


async def test_an_opt_out_that_was_not_written_is_not_acknowledged() -> None:
    desk = TestDesk()
    desk.broken = True
    channel = await step(desk, "opt_out", {"BRIDGE_CALL_ID": "call-1", "BRIDGE_PRESSED": "9"})
    assert not channel.variables.get("BRIDGE_ACK")


async def test_agent_offer_taken() -> None:
    desk = TestDesk()
    given = {"BRIDGE_CALL_ID": "call-1", "BRIDGE_ROOM": "8600051", "BRIDGE_QUEUE": "sales"}
    channel = await step(desk, "agent_offer", given)
    assert desk.asked == [("8600051", "call-1", "PJSIP/1000-0000002a", "sales")]
    assert channel.variables["BRIDGE_DECISION"] == "take"
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK agent_offer:call-1"


async def test_agent_offer_rings_the_phone_of_an_agent_on_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    async def rings(_self: TestDesk, member: str, *_: str) -> OfferDecision:
        return OfferDecision.take(member, "PJSIP/1000")

    monkeypatch.setattr(TestDesk, "agent_offer", rings)
    channel = await step(TestDesk(), "agent_offer", {"BRIDGE_CALL_ID": "call-1", "BRIDGE_ROOM": "8600051"})
    wanted = {"BRIDGE_DECISION": "ring", "BRIDGE_PHONE_DIAL": "PJSIP/1000", "BRIDGE_ROOM": "8600051"}
    assert wanted.items() <= channel.variables.items()
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK agent_offer:call-1"


async def test_agent_offer_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(_self: TestDesk, member: str, *_: str) -> OfferDecision:
        return OfferDecision.busy(f"{member} talks")

    monkeypatch.setattr(TestDesk, "agent_offer", busy)
    channel = await step(TestDesk(), "agent_offer", {"BRIDGE_MEMBER": "anna", "BRIDGE_ROOM": "8600051"})
    assert channel.variables["BRIDGE_DECISION"] == "busy"
    assert channel.variables["BRIDGE_REASON"] == "anna talks"


async def test_call_end() -> None:
    desk = TestDesk()
    given = {
        "BRIDGE_CALL_ID": "call-1",
        "DIALSTATUS": "ANSWER",
        "HANGUPCAUSE": "16",
        "ANSWEREDTIME": "42",
        "DIALEDTIME": "50",
        "AMDSTATUS": "HUMAN",
        "AMDCAUSE": "HUMAN-1-2",
        "CHANNEL(linkedid)": "call-1",
    }
    channel = await step(desk, "call_end", given)
    (report,) = desk.reports
    assert report.reported_at > 1.7e9
    assert report == CallReport(
        call_id="call-1",
        channel="PJSIP/1000-0000002a",
        unique_id="1732000000.1",
        linked_id="call-1",
        dialstatus="ANSWER",
        hangupcause=16,
        answered_seconds=42,
        dialed_seconds=50,
        amd_status="HUMAN",
        amd_cause="HUMAN-1-2",
        reported_at=report.reported_at,
    )
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK call_end:call-1"


async def test_call_end_with_nothing_set() -> None:
    desk = TestDesk()
    await step(desk, "call_end")
    (report,) = desk.reports
    assert (report.call_id, report.hangupcause, report.answered_seconds) == ("", 0, None)


async def test_a_desk_that_fails_leaves_no_acknowledgement() -> None:
    for script in STEPS:
        desk = TestDesk()
        desk.broken = True
        channel = await step(desk, script, {"BRIDGE_CALL_ID": "call-1"})
        assert "BRIDGE_ACK" not in channel.variables
        assert channel.variables["BRIDGE_ERROR"] == f"{script}: RuntimeError"


async def test_inbound() -> None:
    desk = TestDesk()
    channel = await step(desk, "inbound", {"BRIDGE_DID": "+3228000"}, agi_calleridname="Ann")
    assert desk.asked == [
        InboundCall(
            did="+3228000",
            channel="PJSIP/1000-0000002a",
            unique_id="1732000000.1",
            caller_number="15550001111",
            caller_name="Ann",
        )
    ]
    assert channel.variables["BRIDGE_QUEUE"] == "sales"
    assert channel.variables["BRIDGE_LEAD_ID"] == "17"
    assert channel.variables["BRIDGE_SCREEN_NAME"] == "Ann"
    assert channel.commands[-1] == "SET VARIABLE BRIDGE_ACK inbound:call-2"


async def test_inbound_of_a_withheld_number() -> None:
    desk = TestDesk()
    await step(desk, "inbound", agi_callerid="unknown", agi_calleridname="unknown")
    assert isinstance(desk.asked[0], InboundCall)
    assert (desk.asked[0].did, desk.asked[0].caller_number, desk.asked[0].caller_name) == (
        "15551234567",
        "",
        "",
    )


async def test_inbound_that_is_an_opt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def forbidden(_self: TestDesk, _call: InboundCall) -> InboundDecision:
        return InboundDecision(queue="sales", call_id="call-2", opted_out=True)

    monkeypatch.setattr(TestDesk, "inbound", forbidden)
    assert (await step(TestDesk(), "inbound")).variables["BRIDGE_DECISION"] == "opted_out"


async def test_inbound_with_a_key_against_further_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    async def offered(_self: TestDesk, _call: InboundCall) -> InboundDecision:
        return InboundDecision(queue="sales", call_id="call-2", message="no-more", key="9")

    monkeypatch.setattr(TestDesk, "inbound", offered)
    told = (await step(TestDesk(), "inbound")).variables
    assert (told["BRIDGE_DECISION"], told["BRIDGE_MESSAGE"], told["BRIDGE_KEY"]) == ("queue", "no-more", "9")


async def test_inbound_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_self: TestDesk, _call: InboundCall) -> InboundDecision:
        return InboundDecision("", refused=True)

    monkeypatch.setattr(TestDesk, "inbound", refuse)
    assert (await step(TestDesk(), "inbound")).variables["BRIDGE_DECISION"] == "refuse"


async def test_a_screen_variable_cannot_be_named_like_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    async def odd(_self: TestDesk, _call: InboundCall) -> InboundDecision:
        return InboundDecision("sales", screen={"X) SHELL(": "1"})

    monkeypatch.setattr(TestDesk, "inbound", odd)
    channel = await step(TestDesk(), "inbound")
    assert channel.variables == {"BRIDGE_ERROR": "inbound: LocalProtocolError"}


@pytest.mark.parametrize(
    ("channel", "phone"),
    [
        ("PJSIP/1000-0000002a", "1000"),
        ("SIP/phone-a-0000002a", "phone-a"),
        ("Local/1000@from-x-0000002a;1", ""),
        ("odd", ""),
    ],
)
def test_the_phone_in_a_channels_name(channel: str, phone: str) -> None:
    assert phone_of(channel) == phone


@pytest.mark.parametrize(
    ("text", "number"), [("42", 42), ("", None), ("-1", None), ("\u0663", None), ("9" * 20, None)]
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert seconds(text) == number


def test_what_asterisk_does_not_know() -> None:
    assert known("unknown") == ""
    assert known("Ann") == "Ann"
