"""The MQTT sink over outages: broker and bridge restarted, killed, frozen; nothing is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from mqtt_scenes import a_sink, emit, publishing, retained, running, started, subscribed, until

from bridge.events import mqtt_link
from bridge.events.log import EventLog
from bridge.store.database import Database

if TYPE_CHECKING:
    from events_fixtures import Broker


async def test_a_restart_of_the_broker_loses_nothing_and_keeps_the_order(
    db: Database, log: EventLog, keeping_broker: Broker
) -> None:
    broker, count = keeping_broker, 600

    async def write() -> None:
        for event in started(count):
            await emit(db, event)
            await asyncio.sleep(0.004)

    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        writing = asyncio.create_task(write())
        for point in (100, 300):
            await until(lambda: sink.delivered > point)  # noqa: B023  awaited before it changes
            await asyncio.to_thread(broker.stop)
            await until(lambda: not sink.connected, "the loss is noticed")
            await asyncio.sleep(0.3)  # some events come while nobody is there
            await asyncio.to_thread(broker.start)
        await writing
        await until(lambda: sink.delivered == count, "all delivered")
        await until(lambda: len(seen.sequences()) == count, "all seen")
        assert seen.sequences() == list(range(1, count + 1))


async def test_a_broker_that_was_killed_gets_what_it_had_not_acknowledged(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async with publishing(log, broker.port) as sink:
        await emit(db, *started(50))
        await until(lambda: sink.delivered == 50)
        await asyncio.to_thread(broker.kill)
        await emit(db, *started(50))
        await asyncio.to_thread(broker.start)
        async with subscribed(broker.port) as seen:
            await emit(db, *started(50))
            await until(lambda: sink.delivered == 150)
            await until(lambda: seen.sequences()[-1:] == [150])
            assert seen.sequences() == list(range(seen.sequences()[0], 151))


async def test_a_frozen_broker_is_noticed_and_loses_nothing(
    db: Database, log: EventLog, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_link, "ANSWER_SECONDS", 1.0)
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await emit(db, *started(20))
        await until(lambda: sink.delivered == 20)
        broker.freeze()
        await emit(db, *started(200))
        await until(lambda: not sink.connected, "the silence is noticed")
        assert sink.delivered == 20
        broker.thaw()
        await until(lambda: sink.delivered == 220)
        await until(lambda: len(seen.sequences()) == 220)
        assert seen.sequences() == list(range(1, 221))
        await until(lambda: sink.connected)
        assert (await retained(broker.port))["ab/bridge/one/online"] == {"online": True}


async def test_a_restart_of_the_bridge_goes_on_where_it_was(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async with subscribed(broker.port) as seen:
        async with publishing(log, broker.port) as sink:
            await emit(db, *started(10))
            await until(lambda: sink.delivered == 10)
        await emit(db, *started(10))
        async with publishing(EventLog(db), broker.port) as sink:
            await until(lambda: sink.delivered == 20)
        await until(lambda: len(seen.sequences()) == 20)
        everything = [topic for topic, _, _ in seen.messages if "/events/" in topic]
        assert len(everything) == 20  # after a stop in order nothing comes twice
        assert seen.sequences() == list(range(1, 21))


async def test_events_from_before_the_broker_was_ever_there_are_not_lost(
    db: Database, log: EventLog, broker: Broker
) -> None:
    await asyncio.to_thread(broker.kill)
    sink = a_sink(log, broker.port)
    async with running(sink.run(), "sink"):
        await until(lambda: sink.error != "")
        await emit(db, *started(5))
        await asyncio.to_thread(broker.start)
        await until(lambda: sink.delivered == 5)


async def test_deleted_events_are_skipped_and_that_is_said(
    db: Database, log: EventLog, broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    await log.advance("mqtt", 0)
    now = datetime.now(UTC)
    await emit(db, *started(5), at=now - timedelta(days=9))
    await emit(db, *started(5))
    await log.trim(now - timedelta(days=1), now)
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await until(lambda: sink.delivered == 10)
        await until(lambda: seen.sequences() == [6, 7, 8, 9, 10])
    assert "events were deleted before the broker had them" in capsys.readouterr().out
