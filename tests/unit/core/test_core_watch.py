"""Following one Asterisk: events in order, gaps found out by comparing, and only then ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel, eventually

from bridge import watch as watch_module
from bridge.agents.model import AgentState
from bridge.agi.desk import InboundCall
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import ConfbridgeJoin, Hangup, Newchannel, Newstate, QueueCallerJoin
from bridge.ami.subscriptions import Gap
from bridge.calls.model import CallState
from bridge.calls.translate import UP
from bridge.store.errors import StoreConflict, StoreError, StoreInDoubt, StoreLocked, StoreUnavailable
from bridge.watch import BACKLOG, EVENTS, Watch

OUTAGES: list[StoreError] = [StoreLocked(), StoreUnavailable(), StoreInDoubt()]


@pytest.fixture
async def watch(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    """Follows the main Asterisk."""
    monkeypatch.setattr(watch_module, "RETRY", 0.005)
    made = bench.core.watches[MAIN]
    await bench.core.duties.start()
    task = asyncio.create_task(made.run())
    await ready(made)
    yield made
    assert not task.done(), "nothing that happened may end it"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bench.core.duties.close()


async def ready(watch: Watch) -> None:
    async def is_ready() -> bool:
        return watch.ready

    await eventually(is_ready)


async def taken(bench: Bench) -> None:
    """Everything told so far has been taken."""

    async def nothing_waits() -> bool:
        return not any(len(subscription) for subscription in bench.ami.subscriptions)

    await eventually(nothing_waits)


async def has_told(bench: Bench, subject: str, *wanted: str) -> None:
    async def same() -> bool:
        return (await bench.told(subject))[-len(wanted) :] == list(wanted)

    await eventually(same)


async def call_is(bench: Bench, call_id: str, *states: CallState) -> None:
    async def there() -> bool:
        return (await bench.call(call_id)).state in states

    await eventually(there)


async def state_of(bench: Bench, user: str = "1000") -> AgentState | None:
    session = await bench.core.agent_commands.session(user)
    return None if session is None else session.state


def outage(bench: Bench, patch: pytest.MonkeyPatch, error: Exception, times: int = 1) -> Callable[[], bool]:
    """Let the next writes fail; the function tells whether they have."""
    write = bench.core.db.write
    left = [times]

    async def broken(work: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise error
        return await write(work)

    patch.setattr(bench.core.db, "write", broken)
    return lambda: left[0] == 0


class TestTheBeginning:
    async def test_is_a_comparison_and_then_it_is_ready(self, bench: Bench, watch: Watch) -> None:
        assert watch.ready
        assert bench.ami.lists.count("CoreShowChannels") == 1
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.up")

    async def test_asks_for_the_events_that_are_needed_and_no_others(
        self, bench: Bench, watch: Watch
    ) -> None:
        assert set(bench.ami.names) == set(EVENTS)
        assert "VarSet" not in bench.ami.names
        assert watch.ready

    async def test_without_a_link_is_not_ready(self, bench: Bench) -> None:
        bench.amis[EAST].lose_link()
        watch = bench.core.watches[EAST]
        await bench.core.duties.start()
        task = asyncio.create_task(watch.run())
        await asyncio.sleep(0)
        bench.amis[EAST].find_link()
        await ready(watch)
        assert await bench.told(f"asterisk/{EAST}") == ["asterisk.gap", "asterisk.up"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bench.core.duties.close()


class TestEvents:
    async def test_become_news_of_calls_and_agents(self, bench: Bench, watch: Watch) -> None:
        session = await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")
        call = await bench.dial()
        bench.ami.tell(
            ami_event(ConfbridgeJoin, Uniqueid=session.id),
            ami_event(Newchannel, Uniqueid=call.id),
            ami_event(Newstate, Uniqueid=call.id, ChannelState=UP),
        )
        await call_is(bench, call.id, CallState.ANSWERED)
        assert await state_of(bench) is AgentState.PAUSED
        assert watch.ready

    async def test_keep_their_order(self, bench: Bench, watch: Watch) -> None:
        calls = [await bench.dial() for _ in range(5)]
        for call in calls:
            bench.ami.tell(
                ami_event(Newchannel, Uniqueid=call.id),
                ami_event(Newstate, Uniqueid=call.id, ChannelState=5),
                ami_event(Newstate, Uniqueid=call.id, ChannelState=UP),
                ami_event(Hangup, Uniqueid=call.id, Cause=16),
            )
        await call_is(bench, calls[-1].id, CallState.ENDED)
        for call in calls:
            assert await bench.told(f"calls/{call.id}") == [
                "call.planned",
                "call.dialing",
                "call.ringing",
                "call.answered",
                "call.ended",
            ]
        assert watch.ready


class TestAGap:
    async def test_is_told_compared_and_then_it_is_ready_again(self, bench: Bench, watch: Watch) -> None:
        bench.ami.lose_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.up", "asterisk.down")
        assert not watch.ready
        bench.ami.find_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.down", "asterisk.gap", "asterisk.up")
        await ready(watch)

    async def test_ends_what_ended_meanwhile_and_adopts_what_is_there(
        self, bench: Bench, watch: Watch
    ) -> None:
        session = await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")
        ended, talking = await bench.dial(), await bench.dial()
        bench.ami.tell(
            ami_event(ConfbridgeJoin, Uniqueid=session.id),
            ami_event(Newchannel, Uniqueid=ended.id),
            ami_event(Newchannel, Uniqueid=talking.id),
        )
        await call_is(bench, talking.id, CallState.DIALING)
        bench.ami.lose_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.down")
        bench.ami.rows = [channel(talking.id, bridge="room")]
        bench.ami.find_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        assert (await bench.call(ended.id)).end_reason == "ended_while_away"
        assert (await bench.call(talking.id)).state is CallState.ANSWERED
        assert [action.channel for action in bench.ami.named("Hangup")] == [talking.id], "nobody is there"
        assert await state_of(bench) is None
        await ready(watch)

    async def test_leaves_in_doubt_what_was_in_flight(self, bench: Bench, watch: Watch) -> None:
        call = await bench.dial()
        bench.ami.lose_link()
        await call_is(bench, call.id, CallState.UNKNOWN)
        bench.ami.rows = [channel(call.id, state=5)]
        bench.ami.find_link()
        await call_is(bench, call.id, CallState.RINGING)
        assert len(bench.ami.named("Originate")) == 1, "it is never sent again"
        await ready(watch)

    async def test_with_a_new_asterisk_behind_it_ends_all(self, bench: Bench, watch: Watch) -> None:
        call = await bench.dial()
        bench.ami.lose_link()
        bench.ami.find_link(restarted=True)
        await call_is(bench, call.id, CallState.ENDED, CallState.DISPOSED)
        assert (await bench.call(call.id)).end_reason == "asterisk_restarted"
        await ready(watch)

    async def test_by_overflow_is_compared_like_any_other(self, bench: Bench, watch: Watch) -> None:
        call = await bench.dial()
        bench.ami.rows = [channel(call.id, state=5)]
        now = datetime.now(UTC)
        for subscription in bench.ami.subscriptions:
            subscription.put_report(Gap(now, now, "overflow"))
        await call_is(bench, call.id, CallState.RINGING)
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        await ready(watch)

    async def test_a_flood_ends_in_the_right_state(self, bench: Bench, watch: Watch) -> None:
        call = await bench.dial()
        flood = ami_event(Newchannel, Uniqueid="a stranger's")
        for _ in range(BACKLOG + 10):
            bench.ami.tell(flood)
        bench.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
        bench.ami.rows = [channel(call.id)]
        await call_is(bench, call.id, CallState.DIALING, CallState.ANSWERED)
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        await ready(watch)

    @pytest.mark.parametrize("error", [NotConnected(), OutcomeUnknown()], ids=repr)
    async def test_is_compared_again_if_asterisk_did_not_answer(
        self, bench: Bench, watch: Watch, error: Exception
    ) -> None:
        bench.ami.lose_link()
        bench.ami.fails["CoreShowChannels"] = error
        bench.ami.find_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        assert bench.ami.lists.count("CoreShowChannels") == 3
        await ready(watch)

    async def test_that_opens_again_while_it_is_compared_is_compared_after_it(
        self, bench: Bench, watch: Watch
    ) -> None:
        bench.ami.lose_link()
        bench.ami.fails["CoreShowChannels"] = NotConnected()

        async def lost_again() -> None:
            bench.ami.lose_link()
            bench.ami.fails["QueueStatus"] = NotConnected()

        bench.ami.meanwhile = lost_again
        bench.ami.find_link()

        async def down_twice() -> bool:
            return (await bench.told(f"asterisk/{MAIN}")).count("asterisk.down") == 2

        await eventually(down_twice)
        assert not watch.ready
        bench.ami.find_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        await ready(watch)

    async def test_does_not_lose_a_caller_who_comes_while_it_is_compared(
        self, bench: Bench, watch: Watch
    ) -> None:
        """AGI works without AMI: the list is older than she is."""
        found: list[str] = []

        async def comes() -> None:
            asked = InboundCall(did="7275551234", channel="", unique_id="1.1", caller_number=CUSTOMER)
            found.append((await bench.core.desk.inbound(asked)).call_id)
            bench.ami.tell(ami_event(QueueCallerJoin, Uniqueid="1.1", Queue="SALES"))

        bench.ami.lose_link()
        bench.ami.meanwhile = comes
        bench.ami.find_link(restarted=True)
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        await taken(bench)
        await call_is(bench, found[0], CallState.QUEUED)
        await ready(watch)


class TestAStoreThatFails:
    @pytest.mark.parametrize("error", OUTAGES, ids=repr)
    async def test_at_an_event_is_made_good_by_comparing(
        self, bench: Bench, watch: Watch, monkeypatch: pytest.MonkeyPatch, error: StoreError
    ) -> None:
        call = await bench.dial()
        bench.ami.rows = [channel(call.id, state=5)]
        over = outage(bench, monkeypatch, error)
        bench.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
        await call_is(bench, call.id, CallState.RINGING)
        assert over()
        await ready(watch)

    async def test_writes_no_number_into_the_log(
        self,
        bench: Bench,
        watch: Watch,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        call = await bench.dial()
        bench.ami.rows = [channel(call.id, state=5)]
        outage(bench, monkeypatch, StoreLocked())
        bench.ami.tell(ami_event(Newchannel, Uniqueid=call.id, CallerIDNum=CUSTOMER))
        await call_is(bench, call.id, CallState.RINGING)
        await ready(watch)
        said = capsys.readouterr().out
        assert "news could not be stored" in said
        assert call.id in said
        assert CUSTOMER not in said

    async def test_while_comparing_is_tried_until_it_works(
        self, bench: Bench, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = await bench.dial()
        bench.ami.rows = [channel(call.id, state=5)]
        over = outage(bench, monkeypatch, StoreLocked(), times=5)
        bench.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
        await call_is(bench, call.id, CallState.RINGING)
        assert over()
        await ready(watch)

    async def test_when_the_link_is_lost_leaves_nothing_in_flight_for_ever(
        self, bench: Bench, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = await bench.dial()
        over = outage(bench, monkeypatch, StoreLocked(), times=3)
        bench.ami.lose_link()
        await call_is(bench, call.id, CallState.UNKNOWN)
        assert over()
        assert (await bench.told(f"asterisk/{MAIN}")).count("asterisk.down") == 1
        assert not watch.ready

    async def test_at_a_gap_does_not_forget_that_asterisk_is_another(
        self, bench: Bench, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        call = await bench.dial()
        bench.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
        await call_is(bench, call.id, CallState.DIALING)
        bench.ami.lose_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.down")
        over = outage(bench, monkeypatch, StoreLocked(), times=2)
        bench.ami.find_link(restarted=True)
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        assert over()
        assert (await bench.call(call.id)).end_reason == "asterisk_restarted"
        await ready(watch)

    async def test_for_good_at_one_piece_of_news_is_passed_over(
        self, bench: Bench, watch: Watch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What no store can hold would be refused again and again: the comparison says the rest."""
        over = outage(bench, monkeypatch, StoreConflict("events", frozenset(), "a rule"))
        bench.ami.lose_link()
        bench.ami.find_link()
        await has_told(bench, f"asterisk/{MAIN}", "asterisk.gap", "asterisk.up")
        assert over()
        await ready(watch)
