"""Calls in the store and in Asterisk: commands, news, the end, deadlines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from call_scenes import automatic, deadline, inbound, manual, newest, reached, seen_by
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel, refused

from bridge.agents.model import AgentState
from bridge.ami.errors import InvalidAction, NotConnected
from bridge.ami.events import ConfbridgeJoin, DialEnd, Hangup, Newchannel, OriginateResponse
from bridge.calls import signals
from bridge.calls.asterisk import CallLink
from bridge.calls.errors import Refused
from bridge.calls.model import Call, CallState, StatusSource
from bridge.calls.service import Calls
from bridge.calls.snapshot import Snapshot
from bridge.errors import AsteriskUnavailable, NoSuchCall, OriginateRefused
from bridge.ids import uuid7
from bridge.rules import Facts, Number, Permit, PermitMisused, Purpose, may_dial, normalise
from bridge.services import DialRequest
from bridge.store.errors import StoreUnavailable
from bridge.turn import Turn, Turns


class TestNews:
    async def test_moves_the_call_and_is_told(self, bench: Bench) -> None:
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        assert call.channel == call.id
        assert await bench.told(f"calls/{call.id}") == [
            "call.planned",
            "call.dialing",
            "call.ringing",
            "call.answered",
        ]

    async def test_that_comes_twice_is_told_once(self, bench: Bench) -> None:
        call = await automatic(bench)
        for _ in range(3):
            await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert (await bench.told(f"calls/{call.id}")).count("call.dialing") == 1

    async def test_of_an_end_that_events_explain_disposes(self, bench: Bench) -> None:
        call = await automatic(bench)
        await bench.happens(
            ami_event(Newchannel, Uniqueid=call.id),
            ami_event(DialEnd, DestUniqueid=call.id, DialStatus="BUSY"),
            ami_event(Hangup, Uniqueid=call.id, Cause=17),
        )
        after = await bench.call(call.id)
        assert (after.status, after.status_source) == ("AB", StatusSource.NETWORK)

    async def test_of_an_originate_that_made_no_channel_disposes(self, bench: Bench) -> None:
        call = await automatic(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure", Reason=0))
        after = await bench.call(call.id)
        assert (after.state, after.end_reason) == (CallState.DISPOSED, "originate_0")

    async def test_of_another_asterisk_is_not_of_this_call(self, bench: Bench) -> None:
        call = await automatic(bench)
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id), on=EAST)
        assert (await bench.call(call.id)).state is CallState.SENT

    async def test_of_a_call_that_was_given_up_ends_it(self, bench: Bench, calls: Calls) -> None:
        """The Originate came through after all, and whoever asked was told that it failed."""
        call = await manual(bench)
        await calls.link_lost(MAIN)
        await seen_by(calls)
        await deadline(calls, "truth", call)
        assert (await bench.call(call.id)).end_reason == "failed_unknown"
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]

    async def test_of_a_stranger_with_an_id_like_ours_is_nothing(self, bench: Bench) -> None:
        await bench.happens(ami_event(Newchannel, Uniqueid=uuid7()))
        assert bench.ami.named("Hangup") == []

    async def test_of_a_call_that_is_over_is_of_no_interest(self, bench: Bench, calls: Calls) -> None:
        call = await automatic(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure"))
        assert not calls.followed.knows(MAIN, call.id)
        assert not calls._timers._handles


class TestACustomerInAnEmptyRoom:
    """The agent's phone is gone before her customer comes into the room."""

    async def taken(self, bench: Bench) -> tuple[Call, str]:
        """An answered call that an agent has been taken for, and her session."""
        session = await bench.ready("1000", "TEST")
        call = await reached(bench, await bench.dial("TEST"), CallState.ANSWERED)
        await bench.core.desk.call_answered(call.id, "")
        return call, session.id

    async def test_is_not_left_there(self, bench: Bench) -> None:
        call, hers = await self.taken(bench)
        await bench.happens(ami_event(Hangup, Uniqueid=hers), ami_event(ConfbridgeJoin, Uniqueid=call.id))
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        await bench.core.calls.report(
            call.id, signals.Report(at=datetime.now(UTC)), machine="", dropped=False
        )
        assert (await bench.call(call.id)).status == "DROP", "nobody has spoken to her"

    async def test_is_not_left_there_though_it_happened_while_nobody_looked(
        self, bench: Bench, calls: Calls
    ) -> None:
        call, _ = await self.taken(bench)
        snapshot = Snapshot([channel(call.id, bridge="b")], taken=datetime.now(UTC), restarted=False)
        await bench.core.sessions.resync(MAIN, snapshot)
        await calls.resync(MAIN, snapshot)
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]
        assert (await bench.call(call.id)).bridged_at is None


class TestSignals:
    async def test_to_a_call_that_is_not_there(self, bench: Bench, calls: Calls) -> None:
        async def work(turn: Turn) -> Call:
            return await calls.signal(turn, "nobody", signals.HangupAsked(at=turn.at))

        with pytest.raises(NoSuchCall):
            await Turns(bench.core.db).run(work)

    async def test_that_is_refused_changes_nothing(self, bench: Bench, calls: Calls) -> None:
        call = await automatic(bench)

        async def work(turn: Turn) -> Call:
            return await calls.signal(turn, call.id, signals.Send(at=turn.at))

        with pytest.raises(Refused, match="already_sent"):
            await Turns(bench.core.db).run(work)
        assert await bench.call(call.id) == call

    @pytest.mark.parametrize("asterisk", [EAST, "nowhere"])
    def test_link_is_checked_before_anything_is_written(
        self, bench: Bench, calls: Calls, asterisk: str
    ) -> None:
        bench.amis[EAST].lose_link()
        calls.check_link(MAIN)
        with pytest.raises(AsteriskUnavailable):
            calls.check_link(asterisk)

    async def test_placed_finds_the_call_of_an_id_that_was_used(self, bench: Bench, calls: Calls) -> None:
        call = await automatic(bench)
        assert await calls.placed(call.id) == call
        assert await calls.placed("") is None
        assert await calls.placed("another") is None


class TestTheEnd:
    async def test_reported_by_the_dialplan_is_judged_by_it(self, bench: Bench, calls: Calls) -> None:
        call = await inbound(bench)
        report = signals.Report(at=datetime.now(UTC), cause=17, dial_status="BUSY")
        await calls.report(call.id, report, machine="", dropped=False)
        after = await bench.call(call.id)
        assert (after.status, after.status_source) == ("AB", StatusSource.NETWORK)

    async def test_reported_before_the_event_of_its_beginning_is_the_end(
        self, bench: Bench, calls: Calls
    ) -> None:
        """Under load the dialplan's report overtakes the events: they tell of a channel that is gone."""
        call = await automatic(bench)
        report = signals.Report(at=datetime.now(UTC), cause=17, dial_status="BUSY")
        await calls.report(call.id, report, machine="", dropped=False)
        before = await bench.call(call.id)
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert await bench.call(call.id) == before
        assert bench.ami.named("Hangup") == []

    async def test_reported_of_an_unknown_call_is_nothing(self, bench: Bench, calls: Calls) -> None:
        await calls.report("nobody", signals.Report(at=datetime.now(UTC)), machine="", dropped=False)
        assert await bench.told() == []

    async def test_is_disposed_by_the_agents_word(self, bench: Bench) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.core.call_commands.dispose(call.id, "SALE", asked_by="")).status == "SALE"


class TestADeadline:
    """Is set where something is to be waited for; what it does: `test_calls_deadlines`."""

    def awaited(self, calls: Calls) -> set[Any]:
        return set(calls._timers._handles)

    async def test_for_a_disposition(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert self.awaited(calls) == {("disposition", call.id)}
        calls._timers.cancel(("disposition", call.id))
        await seen_by(calls)
        assert self.awaited(calls) == {("disposition", call.id)}, "after a restart, too"

    async def test_for_an_agent(self, bench: Bench, calls: Calls) -> None:
        await bench.ready("1000", "WRAPUP")
        call = await reached(bench, await automatic(bench), CallState.ANSWERED)
        await bench.core.desk.call_answered(call.id, "")
        assert self.awaited(calls) >= {("agent", call.id)}

    @pytest.mark.parametrize("noticed", [True, False])
    async def test_for_the_truth(self, bench: Bench, calls: Calls, noticed: bool) -> None:  # noqa: FBT001
        """Also where the loss of the link could not be written down."""
        call = await automatic(bench)
        if noticed:
            await calls.link_lost(MAIN)
        await seen_by(calls)
        assert self.awaited(calls) == {("truth", call.id)}
        await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure"))
        assert self.awaited(calls) == set(), "over is over"


class TestPlacing:
    @pytest.mark.parametrize(
        ("error", "told", "reason"),
        [
            (NotConnected(), AsteriskUnavailable, "not_connected"),
            (refused("no such trunk"), OriginateRefused, "originate_refused"),
            (InvalidAction("a line break"), InvalidAction, "not_sent"),
            (PermitMisused("ran out"), PermitMisused, "not_sent"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    async def test_that_does_not_reach_asterisk_leaves_the_intent_on_record_and_over(
        self, bench: Bench, error: Exception, told: type[Exception], reason: str
    ) -> None:
        await bench.log_in("1000", "WRAPUP")
        bench.ami.fails["Originate"] = error
        with pytest.raises(told):
            await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        call = await newest(bench)
        assert (call.state, call.end_reason, call.status) == (CallState.DISPOSED, reason, "ADCT")
        assert (await bench.session("1000")).state is AgentState.PAUSED, "she has nothing to wait for"

    async def test_that_is_refused_while_the_store_is_away_ends_when_it_is_back(
        self, bench: Bench, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bench.log_in("1000", "WRAPUP")
        bench.ami.fails["Originate"] = refused("no such trunk")

        async def away(*_: object) -> None:
            raise StoreUnavailable

        with monkeypatch.context() as broken:
            broken.setattr(calls, "_news", away)
            with pytest.raises((OriginateRefused, StoreUnavailable)):
                await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        call = await newest(bench)
        assert call.state is CallState.SENT
        await deadline(calls, "truth", call)
        assert (await bench.call(call.id)).state is CallState.DISPOSED
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_needs_a_permit_for_the_very_number(self, bench: Bench, calls: Calls) -> None:
        call = msgspec.structs.replace(
            await automatic(bench), id="another", legacy_id="L", legacy_uniqueid="U"
        )
        read = normalise("7275550101", "1", "US")
        assert isinstance(read, Number)
        permit = may_dial(read, Purpose.MANUAL, datetime.now(UTC), Facts(allowed_countries=frozenset({"US"})))
        assert isinstance(permit, Permit)
        with pytest.raises(PermitMisused):
            await Turns(bench.core.db).run(lambda turn: calls.place(turn, call, permit, 30))
        assert await calls.placed("another") is None
        assert len(bench.ami.named("Originate")) == 1

    async def test_that_comes_to_the_wire_too_late_is_not_sent_and_ended(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def late(_link: CallLink, _call: Call, permit: Permit, *_more: object) -> None:
            permit.check(_call.dial, permit.until)

        monkeypatch.setattr(CallLink, "originate", late)
        await bench.log_in("1000")
        with pytest.raises(AsteriskUnavailable, match="too late"):
            await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
        call = await newest(bench)
        assert (call.state, call.end_reason) == (CallState.DISPOSED, "not_sent")
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_of_a_refused_call_is_its_record(self, bench: Bench, calls: Calls) -> None:
        template = await automatic(bench)
        call = msgspec.structs.replace(
            template, id="another", legacy_id="L", legacy_uniqueid="U", state=CallState.PLANNED, sent_at=None
        )
        forbid = signals.Forbid(at=datetime.now(UTC), rule="dnc_system", network_status="DNCL")
        await Turns(bench.core.db).run(lambda turn: calls.refuse(turn, call, forbid))
        after = await bench.call("another")
        assert (after.state, after.status, after.end_reason) == (CallState.DISPOSED, "DNCL", "refused")
        assert len(bench.ami.named("Originate")) == 1, "only that of the other call"


async def test_stop_leaves_no_deadline(bench: Bench, calls: Calls) -> None:
    call = await reached(bench, await manual(bench), CallState.BRIDGED)
    await bench.happens(ami_event(Hangup, Uniqueid=call.id))
    await calls.stop()
    assert not calls._timers._handles
