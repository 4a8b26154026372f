"""Calls in the store and in Asterisk: news, comparing, deadlines, and what a restart leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from call_scenes import (
    MAKERS,
    PHONE,
    Make,
    automatic,
    deadline,
    inbound,
    left,
    manual,
    newest,
    reached,
    rewrite,
    seen_by,
)
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel, core_on, opened, refused

from bridge.agents.model import AgentState
from bridge.ami.errors import InvalidAction, NotConnected, OutcomeUnknown
from bridge.ami.events import (
    ConfbridgeJoin,
    DialEnd,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
    QueueCallerJoin,
)
from bridge.calls import signals
from bridge.calls.deadlines import TRUTH_DEADLINE
from bridge.calls.errors import Refused
from bridge.calls.model import Call, CallKind, CallState, StatusSource
from bridge.calls.service import Calls
from bridge.calls.snapshot import Snapshot
from bridge.calls.translate import RINGING, UP
from bridge.errors import AsteriskUnavailable, NoSuchCall, OriginateRefused, OriginateUnknown
from bridge.ids import uuid7
from bridge.rules import Facts, Number, Permit, PermitMisused, Purpose, may_dial, normalise
from bridge.services import DialRequest
from bridge.turn import Turn, Turns


@pytest.fixture
def calls(bench: Bench) -> Calls:
    return bench.core.calls


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
        assert not calls._translators[MAIN]._legs
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

    async def test_needs_a_permit_for_the_very_number(self, bench: Bench, calls: Calls) -> None:
        call = msgspec.structs.replace(
            await automatic(bench), id="another", legacy_id="L", legacy_uniqueid="U"
        )
        read = normalise("7275550101", "1", "US")
        assert isinstance(read, Number)
        permit = may_dial(read, Purpose.AUTO, datetime.now(UTC), Facts(allowed_countries=frozenset({"US"})))
        assert isinstance(permit, Permit)
        with pytest.raises(PermitMisused):
            await Turns(bench.core.db).run(lambda turn: calls.place(turn, call, permit, 30))
        assert await calls.placed("another") is None
        assert len(bench.ami.named("Originate")) == 1

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


class TestALostLink:
    async def test_makes_unknown_what_was_in_flight_and_nothing_else(
        self, bench: Bench, calls: Calls
    ) -> None:
        ringing = await reached(bench, await automatic(bench), CallState.RINGING)
        flying, elsewhere = await automatic(bench), await bench.dial("EAST")
        await calls.link_lost(MAIN)
        states = [(await bench.call(call.id)).state for call in (ringing, flying, elsewhere)]
        assert states == [CallState.RINGING, CallState.UNKNOWN, CallState.SENT]
        assert (await bench.told(f"calls/{flying.id}"))[-1] == "call.unknown"

    async def test_in_mid_action_is_found_out_though_the_link_comes_back_at_once(
        self, bench: Bench, calls: Calls
    ) -> None:
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown):
            await automatic(bench)
        call = await newest(bench)
        assert left(calls, "truth", call) <= TRUTH_DEADLINE
        bench.ami.rows = [channel(call.id, state=RINGING)]
        await deadline(calls, "truth", call)
        assert (await bench.call(call.id)).state is CallState.RINGING
        assert len(bench.ami.named("Originate")) == 1


class TestResync:
    @MAKERS
    async def test_of_what_is_gone_ends_it(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        if call.state is CallState.SENT:
            call = await reached(bench, call, CallState.DIALING)
        await seen_by(calls)
        after = await bench.call(call.id)
        assert (after.end_reason, after.ended_at is not None) == ("ended_while_away", True)

    @MAKERS
    async def test_after_a_restart_of_asterisk_ends_it(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        await seen_by(calls, restarted=True)
        assert (await bench.call(call.id)).end_reason == "asterisk_restarted"

    @MAKERS
    async def test_of_what_talks_now_says_so(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        own = call.id if call.kind in {CallKind.AUTO, CallKind.MANUAL} else PHONE
        if call.kind is CallKind.AUTO:  # it comes into a room by way of an agent alone
            await rewrite(bench, call, session_id="hers")
        await seen_by(calls, channel(own, bridge="b"), channel("cust", bridge="b"))
        after = await bench.call(call.id)
        assert after.state is CallState.BRIDGED
        assert (await bench.told(f"calls/{call.id}"))[-1] == "call.bridged"

    async def test_after_the_clock_was_set_back_overlooks_nothing(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await automatic(bench), CallState.RINGING)
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        await calls.resync(MAIN, Snapshot((), taken=an_hour_ago, restarted=False))
        assert (await bench.call(call.id)).end_reason == "ended_while_away"

    async def test_of_an_offer_that_may_have_failed_meanwhile_waits_for_its_end(
        self, bench: Bench, calls: Calls
    ) -> None:
        session = await bench.ready("1000", "TEST")
        call = await inbound(bench)
        await bench.core.desk.agent_offer(session.room, call.id, "", "")
        calls._timers.cancel(("agent", call.id))
        await seen_by(calls, channel(PHONE))
        assert (await bench.call(call.id)).state is CallState.QUEUED
        assert left(calls, "agent", call) > 0

    @MAKERS
    async def test_of_what_is_as_it_was_changes_nothing(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        own = call.id if call.kind in {CallKind.AUTO, CallKind.MANUAL} else PHONE
        rows = [channel(own, state=RINGING), channel(PHONE)]
        await seen_by(calls, *rows)
        before, told = await bench.call(call.id), await bench.told()
        await seen_by(calls, *rows)
        assert await bench.call(call.id) == before
        assert await bench.told() == told

    @MAKERS
    async def test_hangs_up_what_should_have_ended(self, bench: Bench, calls: Calls, make: Make) -> None:
        call = await make(bench)
        own = call.id if call.kind in {CallKind.AUTO, CallKind.MANUAL} else PHONE
        bench.ami.fails["Hangup"] = NotConnected()
        with pytest.raises(NotConnected):
            await calls.hangup(call.id)
        await seen_by(calls, channel(own))
        assert [action.channel for action in bench.ami.named("Hangup")] == [own, own]

    async def test_hangs_up_the_channel_of_a_call_that_is_over(self, bench: Bench, calls: Calls) -> None:
        call = await automatic(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure"))
        await seen_by(calls, channel(call.id), channel("1732420800.18"))
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]

    async def test_does_not_take_for_gone_what_came_while_it_listed(self, bench: Bench, calls: Calls) -> None:
        snapshot = Snapshot([], taken=datetime.now(UTC), restarted=True)
        made = [await automatic(bench), await inbound(bench)]
        before = [await bench.call(call.id) for call in made]
        await calls.resync(MAIN, snapshot)
        assert [await bench.call(call.id) for call in made] == before

    async def test_of_one_asterisk_leaves_the_other_alone(self, bench: Bench, calls: Calls) -> None:
        call = await bench.dial("EAST")
        await seen_by(calls, restarted=True)
        assert (await bench.call(call.id)).state is CallState.SENT

    async def test_cancels_an_intent_that_was_never_sent(self, bench: Bench, calls: Calls) -> None:
        call = await rewrite(bench, await automatic(bench), state=CallState.PLANNED, sent_at=None)
        await seen_by(calls)
        assert (await bench.call(call.id)).end_reason == "cancelled"
        assert len(bench.ami.named("Originate")) == 1

    async def test_learns_the_end_that_an_agent_waits_for(self, bench: Bench, calls: Calls) -> None:
        call = await reached(bench, await manual(bench), CallState.BRIDGED)
        await seen_by(calls, channel("somebody else", bridge="b"))
        assert (await bench.call(call.id)).state is CallState.ENDED
        assert (await bench.session("1000")).state is AgentState.WRAPUP


class TestARestart:
    async def test_adopts_what_is_up_and_knows_that_the_rest_is_unknown(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ringing = await reached(bench, await automatic(bench), CallState.RINGING)
        flying, caller = await automatic(bench), await inbound(bench)
        await bench.core.calls.stop()
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.calls.restore()
            assert (await again.call(flying.id)).state is CallState.UNKNOWN
            await again.happens(
                ami_event(Newstate, Uniqueid=ringing.id, ChannelState=UP),
                ami_event(QueueCallerJoin, Uniqueid=PHONE, Queue="SALES"),
            )
            found = [(await again.call(call.id)).state for call in (ringing, caller)]
            assert found == [CallState.ANSWERED, CallState.QUEUED]
            assert again.ami.sent == []

    @pytest.mark.parametrize("state", [CallState.SENT, CallState.RINGING, CallState.ENDED])
    async def test_ends_what_was_on_an_asterisk_that_the_settings_no_longer_name(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch, state: CallState
    ) -> None:
        call = await automatic(bench)
        await rewrite(bench, call, asterisk="taken away", state=state, hangup_asked_at=call.asked_at)
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.calls.restore()
            assert (await again.call(call.id)).state is CallState.ENDED
            await deadline(again.core.calls, "disposition", call)
            assert (await again.call(call.id)).state is CallState.DISPOSED

    async def test_of_a_live_call_elsewhere_can_still_be_asked_to_end(
        self, bench: Bench, calls: Calls
    ) -> None:
        call = await rewrite(bench, await automatic(bench), asterisk="taken away")
        assert (await calls.hangup(call.id)).hangup_asked_at is not None
        assert bench.ami.named("Hangup") == []


async def test_stop_leaves_no_deadline(bench: Bench, calls: Calls) -> None:
    call = await reached(bench, await manual(bench), CallState.BRIDGED)
    await bench.happens(ami_event(Hangup, Uniqueid=call.id))
    await calls.stop()
    assert not calls._timers._handles
