"""What becomes of actions while the link is lost, is down, or is ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ami_waits import CALL
from fake_ami import FakeAmi, Received, Session, say_nothing
from fake_ami.waiting import eventually, never

from bridge.ami import AmiClient, LinkDown, LinkState, LinkUp, actions
from bridge.ami.errors import ActionTimeout, InvalidAction, NotConnected, OutcomeUnknown


async def test_nothing_in_flight_is_sent_again(fake: FakeAmi, up: Any) -> None:
    def execute_and_die(session: Session, _: Received) -> None:
        session.drop()

    fake.answers["Originate"] = execute_and_die
    async with up(fake) as client:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.send(CALL, action_id="intent-1")
        assert caught.value.action_id == "intent-1"
        await eventually(lambda: fake.connections == 2 and client.state is LinkState.UP)
        await client.send(actions.Ping())
        assert fake.count("Originate") == 1


async def test_an_action_while_down_fails_at_once(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        async with asyncio.timeout(0.5):
            with pytest.raises(NotConnected, match="no link to asterisk"):
                await client.send(CALL)
            with pytest.raises(NotConnected):
                await client.send_list(actions.CoreShowChannels())
            with pytest.raises(NotConnected):
                await client.ask(actions.RawAction("Ping"))
    assert fake.count("Originate") == 0


async def test_an_action_waits_for_the_link_if_asked_to(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        waiting = asyncio.create_task(client.send(CALL, wait_for_link=True))
        await never(waiting.done, during=0.05)
        await fake.listen()
        assert (await waiting).message == "Originate successfully queued"
    assert fake.count("Originate") == 1


async def test_waiting_for_the_link_uses_up_the_actions_own_time(fake: FakeAmi, up: Any) -> None:
    fake.answers["Originate"] = say_nothing
    async with up(fake) as client:
        await fake.down()
        await eventually(lambda: client.state is not LinkState.UP)
        with pytest.raises(NotConnected):
            await client.send(CALL, wait_for_link=True, timeout=0.05)
        loop = asyncio.get_running_loop()
        began = loop.time()
        waiting = asyncio.create_task(client.send(CALL, wait_for_link=True, timeout=1.0))
        await asyncio.sleep(0.5)
        await fake.listen()
        with pytest.raises(ActionTimeout):
            await waiting
        assert 0.95 <= loop.time() - began < 1.45  # a second full time would end at 1.5


async def test_stopping_tells_those_in_flight_and_ends_subscriptions(fake: FakeAmi, up: Any) -> None:
    fake.answers["Originate"] = say_nothing
    async with up(fake) as client:
        subscription = client.subscribe(["Hangup"])
        calling = asyncio.create_task(client.send(CALL))
        await eventually(lambda: fake.count("Originate"))
        await client.stop()
        with pytest.raises(OutcomeUnknown):
            await calling
        kinds = [type(item) async for item in subscription]
        assert kinds == [LinkUp, LinkDown]


async def test_stopping_wakes_those_who_wait_for_a_link(fake: FakeAmi, settings: Any) -> None:
    await fake.down()
    async with AmiClient(settings(fake)) as client:
        waiting = asyncio.create_task(client.connected())
        await asyncio.sleep(0)
        await client.stop()
        with pytest.raises(NotConnected):
            await waiting


async def test_a_refused_value_is_refused_before_anything_is_written(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client:
        before = len(fake.raw)
        evil = actions.Originate(channel="c\r\nApplication: System\r\nData: id", context="x", exten="s")
        with pytest.raises(InvalidAction):
            await client.send(evil)
        assert len(fake.raw) == before
