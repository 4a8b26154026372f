"""Events at the client: handlers, order, slow consumers, floods; several Asterisks."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest
from ami_waits import take
from fake_ami import FakeAmi, Received, Session, block
from fake_ami.waiting import eventually

from bridge.ami import AmiClient, AmiEvent, Gap, LinkState, LinkUp, actions, events
from bridge.ami.errors import NotConnected
from bridge.ami.subscriptions import Subscription


async def test_a_handler_that_raises_harms_nobody(
    fake: FakeAmi, up: Any, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[AmiEvent] = []

    def fail(_: AmiEvent) -> None:
        raise ZeroDivisionError("handler")

    async with up(fake) as client, client.subscribe(["Hangup"]) as subscription:
        client.on("Hangup", fail)
        remove = client.on("Hangup", got.append)
        fake.session.write(block([("Event", "Hangup"), ("Cause", "16")]) * 3)
        assert len(await take(subscription, 4)) == 4
        assert len(got) == 3
        assert client.handler_errors == 3
        assert client.state is LinkState.UP
        remove()
        fake.session.event("Hangup")
        await take(subscription, 1)
        assert len(got) == 3
    assert "a handler of Hangup failed" in caplog.text
    assert fake.connections == 1


async def test_handlers_stay_over_a_reconnection(fake: FakeAmi, up: Any) -> None:
    got: list[AmiEvent] = []
    async with up(fake) as client:
        client.on("Hangup", got.append)
        fake.session.drop()
        await eventually(lambda: fake.connections == 2 and client.state is LinkState.UP)
        fake.session.event("Hangup")
        await eventually(lambda: got)


async def test_a_coroutine_is_no_handler(fake: FakeAmi, settings: Any) -> None:
    async def wrong(_: AmiEvent) -> None: ...

    with pytest.raises(TypeError, match="subscribe"):
        AmiClient(settings(fake)).on("Hangup", wrong)  # type: ignore[arg-type]


async def test_events_keep_their_order_with_a_slow_consumer(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["A", "B", "C"]) as subscription:
        sent = [("A", "B", "C")[number % 3] + str(number) for number in range(300)]
        for name in sent:
            fake.session.event(name[0], [("N", name)])
        got: list[str] = []
        while len(got) < len(sent):
            (item,) = await take(subscription, 1)
            if isinstance(item, AmiEvent):
                got.append(item["N"])
                await asyncio.sleep(0.0002 * (len(got) % 3))
        assert got == sent


async def test_a_consumer_that_stands_still_never_stops_the_reader(fake: FakeAmi, up: Any) -> None:
    async with up(fake) as client, client.subscribe(["VarSet"], maxsize=100, policy="drop") as stuck:
        event = block([("Event", "VarSet"), ("Value", "v" * 300)])
        for _ in range(100):
            fake.session.write(event * 200)
            # Asterisk drops a client whose socket is full for 100 ms.
            async with asyncio.timeout(2):
                await fake.session.writer.drain()
        await client.send(actions.Ping())
        assert len(stuck) == 100
        assert stuck.dropped == 20_000 - 99  # the report that the link is up takes one place


class Model:
    """What a consumer believes about channels: events applied, state read again after each gap."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client
        self.up: set[str] = set()
        self.gaps = 0

    async def follow(self, subscription: Subscription) -> None:
        async for item in subscription:
            match item:
                case events.Newchannel():
                    self.up.add(item.uniqueid)
                case events.Hangup():
                    self.up.discard(item.uniqueid)
                case Gap() | LinkUp(first=True):
                    self.gaps += isinstance(item, Gap)
                    rows = await self._client.send_list(actions.CoreShowChannels(), wait_for_link=True)
                    self.up = {row.uniqueid for row in rows}
            await asyncio.sleep(0)


async def test_a_flood_overflows_and_still_ends_in_the_right_state(fake: FakeAmi, up: Any) -> None:
    alive: set[str] = set()

    def snapshot(session: Session, action: Received) -> None:
        rows = [("CoreShowChannel", [("Uniqueid", uniqueid)]) for uniqueid in sorted(alive)]
        session.list(action, rows, "CoreShowChannelsComplete")

    fake.answers["CoreShowChannels"] = snapshot
    names = ["Newchannel", "Hangup"]
    async with up(fake) as client, client.subscribe(names, maxsize=50, policy="gap") as subscription:
        model = Model(client)
        following = asyncio.create_task(model.follow(subscription))
        for number in range(5000):
            alive.add(f"u{number}")
            fake.session.event("Newchannel", [("Uniqueid", f"u{number}")])
            if number % 3:
                alive.discard(f"u{number - 1}")
                fake.session.event("Hangup", [("Uniqueid", f"u{number - 1}")])
            if number % 100 == 0:
                await asyncio.sleep(0)
        await eventually(lambda: model.gaps and model.up == alive)
        assert subscription.dropped > 0
        subscription.close()
        await following


@pytest.mark.usefixtures("nothing_left")
async def test_several_asterisks_side_by_side(settings: Any) -> None:
    async with AsyncExitStack() as stack:
        fakes = [await stack.enter_async_context(FakeAmi(started=f"2026-11-24 0{n}:00:00")) for n in range(3)]
        clients = [
            await stack.enter_async_context(AmiClient(settings(fake, name=f"pbx{number}")))
            for number, fake in enumerate(fakes)
        ]
        await asyncio.gather(*(client.connected(5) for client in clients))
        subscriptions = [client.subscribe(["Hangup"]) for client in clients]
        for number, fake in enumerate(fakes):
            fake.session.event("Hangup", [("Uniqueid", f"on-{number}")])
        for number, subscription in enumerate(subscriptions):
            _, event = await take(subscription, 2)
            assert isinstance(event, events.Hangup)
            assert event.uniqueid == f"on-{number}"
        await fakes[0].down()
        await eventually(lambda: clients[0].state is not LinkState.UP)
        assert await clients[1].send(actions.Ping())
        with pytest.raises(NotConnected, match="pbx0"):
            await clients[0].send(actions.Ping())
        assert [client.started_at[12] for client in clients] == ["0", "1", "2"]
