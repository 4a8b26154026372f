"""What is waited for in a call's life, and what follows when it does not come in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from call_scenes import (
    PHONE,
    Make,
    automatic,
    deadline,
    dialplan,
    inbound,
    left,
    manual,
    newest,
    reached,
    rewrite,
    seen_by,
)
from core_bench import CUSTOMER, MAIN, Bench, ami_event, channel, in_doubt, refused

from bridge.agents.model import AgentState
from bridge.ami.errors import AmiError, NotConnected, OutcomeUnknown
from bridge.ami.events import (
    Hangup,
    Newchannel,
)
from bridge.calls import signals
from bridge.calls.deadlines import AGENT_DEADLINE, REPORT_DEADLINE, TRUTH_DEADLINE
from bridge.calls.model import Call, CallState, StatusSource
from bridge.calls.service import Calls
from bridge.calls.translate import RINGING
from bridge.services import DialRequest


class TestTheEnd:
    async def test_of_a_talk_asks_the_agent_for_as_long_as_the_campaign_says(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.session("1000")).state is AgentState.WRAPUP
        assert 39 < left(calls, "disposition", call) <= 40
        await deadline(calls, "disposition", call)
        after = await bench.call(call.id)
        assert (after.status, after.status_source) == ("TALKED", StatusSource.CAMPAIGN)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_that_the_agent_disposes_needs_no_deadline(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        await bench.core.call_commands.dispose(call.id, "SALE", asked_by="")
        assert (await bench.call(call.id)).status == "SALE"
        assert not calls._timers._handles

    async def test_of_an_answered_manual_call_is_wrapped_up_though_nobody_saw_the_bridge(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await reached(bench, await manual(bench), CallState.DIALING)
        await rewrite(bench, call, state=CallState.ANSWERED, answered_at=datetime.now(UTC))
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert left(calls, "disposition", call) > REPORT_DEADLINE
        await deadline(calls, "disposition", call)
        assert (await bench.call(call.id)).status == "TALKED"

    async def test_of_an_answered_call_without_a_report_is_no_unanswered_one(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.call(call.id)).state is CallState.ENDED
        assert REPORT_DEADLINE - 1 < left(calls, "disposition", call) <= REPORT_DEADLINE
        await deadline(calls, "disposition", call)
        assert (await bench.call(call.id)).status == "PU"

    @pytest.mark.parametrize(("cause", "status"), [(0, "NA"), (17, "AB"), (1, "ADC")])
    async def test_without_a_report_is_judged_by_its_cause(
        self, bench: Bench, calls: Calls, cause: int, status: str
    ) -> None:
        call = await inbound(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE, Cause=cause))
        await deadline(calls, "disposition", call)
        assert (await bench.call(call.id)).status == status

    async def test_report_that_comes_in_time_disposes_and_the_deadline_is_off(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        report = signals.Report(at=datetime.now(UTC), cause=16)
        await calls.report(call.id, report, machine="", dropped=True)
        assert (await bench.call(call.id)).status == "DROP"
        assert not calls._timers._handles

    async def test_report_of_an_unknown_call_is_nothing(self, bench: Bench, calls: Calls) -> None:
        await calls.report("nobody", signals.Report(at=datetime.now(UTC)), machine="", dropped=False)
        assert await bench.told() == []


class TestAnAgentWhoDoesNotGetTheCall:
    async def test_is_free_again_at_the_deadline(self, bench: Bench, calls: Calls) -> None:
        session = await bench.ready("1000", "WRAPUP")
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        assert (await bench.core.desk.call_answered(call.id, "")).room == session.room
        assert left(calls, "agent", call) <= AGENT_DEADLINE
        await deadline(calls, "agent", call)
        assert (await bench.session("1000")).state is AgentState.READY
        assert (await bench.call(call.id)).session_id == ""

    async def test_but_who_got_it_keeps_it(self, bench: Bench, calls: Calls) -> None:
        session = await bench.ready("1000", "WRAPUP")
        call = await inbound(bench)
        await bench.core.desk.agent_offer(session.room, call.id, "", "")
        call = await reached(bench, call, CallState.BRIDGED)
        await deadline(calls, "agent", call)
        assert (await bench.session("1000")).state is AgentState.INCALL
        assert (await bench.call(call.id)).session_id == session.id


class TestTheTruthAboutAnUnknownCall:
    @pytest.fixture
    async def unknown(self, bench: Bench, calls: Calls) -> Call:
        call = await automatic(bench)
        await calls.link_lost(MAIN)
        await seen_by(calls)
        return await bench.call(call.id)

    async def test_it_may_still_show_up(self, bench: Bench, calls: Calls, unknown: Call) -> None:
        assert unknown.state is CallState.UNKNOWN
        await bench.happens(ami_event(Newchannel, Uniqueid=unknown.id))
        assert (await bench.call(unknown.id)).state is CallState.DIALING
        bench.ami.rows = [channel(unknown.id, state=RINGING)]
        await deadline(calls, "truth", unknown)
        assert (await bench.call(unknown.id)).state is CallState.RINGING

    async def test_what_is_not_there_in_time_never_was(
        self, bench: Bench, calls: Calls, unknown: Call
    ) -> None:
        await deadline(calls, "truth", unknown)
        after = await bench.call(unknown.id)
        assert (after.state, after.end_reason) == (CallState.DISPOSED, "failed_unknown")
        assert len(bench.ami.named("Originate")) == 1, "and is not dialled again"

    async def test_nothing_is_said_without_a_link(self, bench: Bench, calls: Calls, unknown: Call) -> None:
        bench.ami.fails["CoreShowChannels"] = NotConnected()
        await deadline(calls, "truth", unknown)
        assert (await bench.call(unknown.id)).state is CallState.UNKNOWN
        assert ("truth", unknown.id) not in calls._timers._handles, "the next resync begins it anew"

    @pytest.mark.parametrize("error", [OutcomeUnknown(), refused("busy")], ids=repr)
    async def test_it_is_asked_again_if_the_answer_is_none(
        self, bench: Bench, calls: Calls, unknown: Call, error: AmiError
    ) -> None:
        bench.ami.fails["CoreShowChannels"] = error
        await deadline(calls, "truth", unknown)
        assert (await bench.call(unknown.id)).state is CallState.UNKNOWN
        await deadline(calls, "truth", unknown)
        assert (await bench.call(unknown.id)).state is CallState.DISPOSED


class TestACallerWhoWasGoneAtOnce:
    """Before her call was written: no event of her channel will ever come."""

    @pytest.mark.parametrize("make", [inbound, dialplan])
    async def test_is_found_out(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        assert left(calls, "truth", call) <= TRUTH_DEADLINE
        await deadline(calls, "truth", call)
        assert (await bench.call(call.id)).ended_at is not None

    async def test_is_not_one_who_is_there(self, bench: Bench, calls: Calls) -> None:
        call = await inbound(bench)
        bench.ami.rows = [channel(PHONE)]
        await deadline(calls, "truth", call)
        assert await bench.call(call.id) == call

    async def test_is_not_one_who_got_on(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await inbound(bench), CallState.QUEUED)
        await deadline(calls, "truth", call)
        assert await bench.call(call.id) == call
        assert bench.ami.lists == [], "nobody needs to be asked"

    async def test_is_looked_for_again_if_asterisk_did_not_answer(self, bench: Bench, calls: Calls) -> None:
        call = await inbound(bench)
        bench.ami.fails["CoreShowChannels"] = OutcomeUnknown()
        await deadline(calls, "truth", call)
        assert 0 < left(calls, "truth", call) <= TRUTH_DEADLINE

    async def test_is_left_to_the_resync_without_a_link(self, bench: Bench, calls: Calls) -> None:
        call = await inbound(bench)
        bench.ami.fails["CoreShowChannels"] = NotConnected()
        await deadline(calls, "truth", call)
        assert await bench.call(call.id) == call


class TestACommitInDoubt:
    """PostgreSQL was lost in mid commit: nobody knows whether the call is written, and nothing was sent."""

    async def test_of_a_dial_is_settled(
        self, bench: Bench, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bench.log_in("1000", "WRAPUP")
        with in_doubt(bench, monkeypatch):
            await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        call = await newest(bench)
        await deadline(calls, "truth", call)
        assert len(bench.ami.named("Originate")) == 1, "her own phone, at the login"
        assert (await bench.call(call.id)).end_reason == "failed_unknown"
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_of_a_caller_is_followed_all_the_same(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with in_doubt(bench, monkeypatch):
            await inbound(bench)
        call = await inbound(bench)  # the relay asks again
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE, Cause=16))
        assert (await bench.call(call.id)).state is CallState.ENDED


class TestAfterARestart:
    async def test_an_ended_call_is_disposed_in_time_though_there_is_no_link(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        calls._timers.cancel(("disposition", call.id))
        await calls.restore()
        assert 39 < left(calls, "disposition", call) <= 40

    async def test_gives_an_ended_call_what_is_left_of_its_time(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        ended = await bench.call(call.id)
        await rewrite(bench, ended, ended_at=datetime.now(UTC) - timedelta(seconds=30))
        await seen_by(calls)
        assert 8 < left(calls, "disposition", call) < 11


def test_deadlines_are_in_their_order() -> None:
    """An agent is freed, and the truth sought, long before a call is disposed without a report."""
    deadlines: Sequence[float] = (TRUTH_DEADLINE, AGENT_DEADLINE, REPORT_DEADLINE)
    assert list(deadlines) == sorted(deadlines)
