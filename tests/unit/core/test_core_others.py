"""Two bridges on one database, each over an Asterisk that only records: who follows, what the other does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from core_bench import MAIN, Bench, ami_event, channel, core_on, eventually, furnish

from bridge.agents.asterisk import interface
from bridge.agents.model import AgentState
from bridge.agi.desk import CallStart, InboundCall
from bridge.ami.errors import OutcomeUnknown
from bridge.ami.events import (
    AgentRingNoAnswer,
    ConfbridgeJoin,
    Hangup,
    Newchannel,
    Newstate,
    QueueCallerJoin,
)
from bridge.calls import deadlines
from bridge.calls.model import Call, CallState
from bridge.calls.translate import UP
from bridge.errors import OriginateUnknown
from bridge.service import Core
from bridge.services import CallQuery
from bridge.settings import AsteriskSettings, MqttSettings
from bridge.store.errors import StoreLocked, StoreUnavailable


def core(url: str, patch: pytest.MonkeyPatch, name: str) -> Core:
    mqtt = MqttSettings(client_id=name)
    return core_on(url, patch, asterisk=(AsteriskSettings(name=MAIN),), mqtt=mqtt)


class Two:
    """The first follows Asterisk, until its context is left."""

    def __init__(self, first: Core, second: Core) -> None:
        self.first, self.second = Bench(first), Bench(second)
        self._stacks = AsyncExitStack(), AsyncExitStack()

    async def start(self) -> None:
        for bench, stack in zip((self.first, self.second), self._stacks, strict=True):
            await stack.enter_async_context(bench.core.running())
            await is_ready(bench)

    async def stop_first(self) -> None:
        await self._stacks[0].aclose()

    async def stop(self) -> None:
        for stack in self._stacks:
            await stack.aclose()


async def is_ready(bench: Bench) -> None:
    async def ready() -> bool:
        return bench.core.watches[MAIN].ready

    await eventually(ready)


async def follows(bench: Bench) -> None:
    async def has() -> bool:
        return f"asterisk:{MAIN}" in bench.core.duties.held and bench.core.watches[MAIN].ready

    await eventually(has)


@pytest.fixture
async def two(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    made = Two(core(postgres_url, monkeypatch, "one"), core(postgres_url, monkeypatch, "two"))
    async with made.first.core.db:
        await furnish(made.first.core)
    await made.start()
    yield made
    await made.stop()


async def call_is(bench: Bench, call_id: str, state: CallState) -> None:
    async def there() -> bool:
        return (await bench.call(call_id)).state is state

    await eventually(there)


async def seated(two: Two, at: Bench, user: str) -> None:
    """Logged in at one bridge; Asterisk's event is the first one's news, and nothing to the second."""
    session = await at.core.agent_commands.login(user, user, "TEST", asked_by="")
    for bench in (two.second, two.first):
        bench.ami.tell(ami_event(ConfbridgeJoin, Uniqueid=session.id))

    async def paused() -> bool:
        return (await at.session(user)).state is AgentState.PAUSED

    await eventually(paused)


async def test_one_follows_and_both_are_ready(two: Two) -> None:
    ours = [f"asterisk:{MAIN}", "bridge:one", "callbacks", "deliveries", "housekeeping"]
    assert two.first.core.duties.held == ours
    assert two.second.core.duties.held == ["bridge:two"]
    assert two.second.ami.lists == [], "it has nothing to compare"
    assert await two.first.told(f"asterisk/{MAIN}") == ["asterisk.up"]


async def test_a_name_that_another_bridge_has_is_refused(
    two: Two, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.service.NAME_SECONDS", 0.2)
    with pytest.raises(StoreLocked, match="client_id"):
        async with core(postgres_url, monkeypatch, "two").running():
            pass
    assert two.second.core.duties.held == ["bridge:two"]


async def test_events_of_what_the_other_has_begun_are_news(two: Two) -> None:
    await seated(two, two.second, "1000")
    call = await two.second.dial()
    two.first.ami.tell(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=UP)
    )
    await call_is(two.second, call.id, CallState.ANSWERED)


async def test_events_that_come_before_we_have_heard_of_the_call_are_kept(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = two.first.core.db.notices.heard
    late: list[str] = []
    monkeypatch.setattr(two.first.core.db.notices, "heard", late.append)
    asked = InboundCall(did="7275551234", channel="", unique_id="1.1")
    call_id = (await two.second.core.desk.inbound(asked)).call_id
    two.first.ami.tell(ami_event(QueueCallerJoin, Uniqueid="1.1", Queue="SALES"))

    async def taken() -> bool:
        return bool(late) and not any(len(one) for one in two.first.ami.subscriptions)

    await eventually(taken)
    assert (await two.first.call(call_id)).state is CallState.DIALING
    for notice in late:
        heard(notice)
    await call_is(two.first, call_id, CallState.QUEUED)


async def test_what_was_asked_for_at_both_is_written_once(two: Two) -> None:
    """The relay asks the next bridge when one does not answer in time."""
    asked = InboundCall(did="7275551234", channel="", unique_id="1.1")
    start = CallStart(number="7275550100", unique_id="2.2", phone="", channel="")
    both = two.first.core.desk, two.second.core.desk
    inbound = await asyncio.gather(*(desk.inbound(asked) for desk in both))
    started = await asyncio.gather(*(desk.call_start(start) for desk in both))
    assert len({decision.call_id for decision in inbound}) == 1
    assert [decision.allowed for decision in started] == [True, True]
    assert len({decision.call_id for decision in started}) == 1


async def test_news_of_an_earlier_ring_does_not_free_an_agent_whom_the_other_has_taken(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed, heard = two.first.core.calls.followed, asyncio.Event()
    offered = followed.offered

    def hear(asterisk: str, call_id: str, member: str) -> None:
        offered(asterisk, call_id, member)
        heard.set()

    monkeypatch.setattr(followed, "offered", hear)
    await seated(two, two.second, "1000")
    session = await two.second.core.agent_commands.resume("1000", asked_by="")
    asked = InboundCall(did="7275551234", channel="", unique_id="1.1")
    call_id = (await two.second.core.desk.inbound(asked)).call_id
    leg = "Local/8600051@bridge-offer-0002"
    assert (await two.second.core.desk.agent_offer(session.room, call_id, f"{leg};2", "SALES")).taken
    await asyncio.wait_for(heard.wait(), 10)
    ring = {"Uniqueid": "1.1", "Interface": interface(session.room)}
    earlier = ami_event(AgentRingNoAnswer, **ring, DestChannel="Local/8600051@bridge-offer-0001;1")
    two.first.ami.tell(earlier, ami_event(QueueCallerJoin, Uniqueid="1.1", Queue="SALES"))
    await call_is(two.first, call_id, CallState.QUEUED)
    assert (await two.first.call(call_id)).session_id == session.id


async def test_a_deadline_of_the_other_is_kept_when_it_is_gone(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "TRUTH_DEADLINE", 0.1)
    await two.second.core.calls.stop()  # as if it died in the moment of its Originate
    two.second.ami.fails["Originate"] = OutcomeUnknown()
    with pytest.raises(OriginateUnknown):
        await two.second.dial()
    (call,) = await two.first.core.call_commands.list(CallQuery())
    await call_is(two.first, call.id, CallState.DISPOSED)
    assert (await two.first.call(call.id)).end_reason == "failed_unknown"


async def test_what_could_not_be_read_of_the_other_is_found_by_comparing(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = two.first.core.calls
    failing = [True]
    follow = calls.followed.another_bridges

    def fails_once(call: Call) -> bool:
        if failing.pop() if failing else False:
            raise StoreUnavailable
        return follow(call)

    monkeypatch.setattr(calls.followed, "another_bridges", fails_once)
    call = await two.second.dial()
    two.first.ami.rows = [channel(call.id, state=5)]
    await call_is(two.first, call.id, CallState.RINGING)
    assert not failing


async def test_whoever_takes_over_compares(two: Two) -> None:
    await seated(two, two.first, "1000")
    session = await two.first.session("1000")
    lost, stays = await two.first.dial(), await two.second.dial()
    for call in (lost, stays):
        two.first.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
        await call_is(two.first, call.id, CallState.DIALING)
    two.second.ami.rows = [channel(stays.id, state=5), channel(session.id, bridge="room")]
    await two.stop_first()
    await follows(two.second)
    assert (await two.second.call(lost.id)).end_reason == "ended_while_away"
    assert (await two.second.call(stays.id)).state is CallState.RINGING
    two.second.ami.tell(ami_event(Hangup, Uniqueid=session.id))

    async def out() -> bool:
        return await two.second.core.agent_commands.session("1000") is None

    await eventually(out)


async def test_a_lost_link_hands_the_duty_over_and_does_not_take_it_back(two: Two) -> None:
    two.first.ami.lose_link()
    await follows(two.second)
    two.first.ami.find_link()
    await is_ready(two.first)
    assert f"asterisk:{MAIN}" not in two.first.core.duties.held
    told = await two.first.told(f"asterisk/{MAIN}")
    assert told == ["asterisk.up", "asterisk.down", "asterisk.up"]


async def test_an_asterisk_that_was_started_anew_is_noticed_though_all_links_were_lost(two: Two) -> None:
    call = await two.second.dial()
    two.first.ami.tell(ami_event(Newchannel, Uniqueid=call.id))
    await call_is(two.first, call.id, CallState.DIALING)
    for bench in (two.second, two.first):
        bench.ami.lose_link()
    for bench in (two.second, two.first):
        bench.ami.find_link(restarted=True)

    async def ended() -> bool:
        return (await two.first.call(call.id)).end_reason == "asterisk_restarted"

    await eventually(ended)


async def test_who_becomes_ready_at_the_other_gets_the_call_that_waits_here(two: Two) -> None:
    await seated(two, two.first, "1000")
    call = await two.first.dial()
    two.first.ami.tell(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=UP)
    )
    await call_is(two.first, call.id, CallState.ANSWERED)
    asked = asyncio.create_task(two.first.core.desk.call_answered(call.id, "", 5))
    await two.second.core.agent_commands.resume("1000", asked_by="")
    assert (await asked).room == (await two.second.session("1000")).room
