"""Of two sinks on one log one publishes: whoever has the duty, from where the other one stopped."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest
from mqtt_scenes import Subscriber, a_sink, emit, running, started, subscribed, until

from bridge.events.log import EventLog
from bridge.events.mqtt import MqttSink
from bridge.store.database import Database
from bridge.store.duties import Duty

if TYPE_CHECKING:
    from events_fixtures import Broker


class Standby:
    """A sink, and the duty that it may have."""

    def __init__(self, log: EventLog, port: int, name: str) -> None:
        self.duty = Duty("mqtt", lambda: None)
        self.sink: MqttSink = a_sink(log, port, name=name, duty=self.duty)

    def take(self) -> None:
        self.duty.take(math.inf, 0)


@pytest.fixture
async def both(db: Database, broker: Broker) -> AsyncIterator[tuple[Standby, Standby]]:
    """Connected, and without the duty; each has a log of its own, as in processes of their own."""
    made = Standby(EventLog(db), broker.port, "one"), Standby(EventLog(db), broker.port, "two")
    async with AsyncExitStack() as stack:
        for one in made:
            await stack.enter_async_context(running(one.sink.run(), f"sink of {one.duty}"))
            await until(partial(getattr, one.sink, "connected"), "connected")
        yield made


async def heard(subscriber: Subscriber, count: int) -> None:
    await until(lambda: len(subscriber.sequences()) >= count, f"{count} events")


async def test_without_the_duty_nothing_is_published(
    db: Database, broker: Broker, both: tuple[Standby, Standby]
) -> None:
    async with subscribed(broker.port) as subscriber:
        await emit(db, *started(3))
        both[1].take()
        await heard(subscriber, 3)
        assert both[0].sink.delivered == 0
        assert both[0].sink.connected


async def test_whoever_has_the_duty_goes_on_where_the_other_stopped(
    db: Database, broker: Broker, both: tuple[Standby, Standby]
) -> None:
    one, two = both
    async with subscribed(broker.port) as subscriber:
        for turn in range(4):
            one.take()
            await emit(db, *started(50))
            await heard(subscriber, 100 * turn + 50)
            one.duty.lose()
            await emit(db, *started(50))
            two.take()
            await heard(subscriber, 100 * turn + 100)
            two.duty.lose()
        assert subscriber.sequences() == list(range(1, 401))


async def test_a_connection_that_is_lost_while_it_waits_is_made_again(
    broker: Broker, both: tuple[Standby, Standby]
) -> None:
    broker.kill()
    await until(lambda: not both[0].sink.connected, "lost")
    broker.start()
    await until(lambda: both[0].sink.connected, "connected again")
