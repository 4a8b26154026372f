"""Calls after a lost link and after a restart: compared with Asterisk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

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
from core_bench import MAIN, Bench, ami_event, channel, core_on, eventually, opened

from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import Newstate, OriginateResponse, QueueCallerJoin
from bridge.calls.deadlines import TRUTH_DEADLINE
from bridge.calls.model import CallKind, CallState
from bridge.calls.service import Calls
from bridge.calls.snapshot import Snapshot
from bridge.calls.translate import RINGING, UP
from bridge.errors import OriginateUnknown


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

    async def test_does_not_take_for_gone_what_was_answered_while_it_compared(
        self, bench: Bench, calls: Calls
    ) -> None:
        """Asked for before it listed, and on its way: its channel was made a moment later."""
        call = await automatic(bench)
        snapshot = Snapshot([], taken=datetime.now(UTC), restarted=False)
        answering = asyncio.create_task(bench.core.desk.call_answered(call.id, "", patience=5))

        async def answered() -> bool:
            return (await bench.call(call.id)).state is CallState.ANSWERED

        await eventually(answered)
        await calls.resync(MAIN, snapshot)
        assert await answered()
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)

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
