"""The MQTT sink against a real mosquitto: topics, names, what is refused, how soon."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mqtt_scenes import (
    a_sink,
    emit,
    paused,
    publishing,
    ready,
    retained,
    ringing,
    running,
    started,
    subscribed,
    until,
)

from bridge.events.catalogue import AsteriskUp, LeadAdded
from bridge.events.log import EventLog
from bridge.store.database import Database

if TYPE_CHECKING:
    from events_fixtures import Broker


async def test_events_and_states_have_their_topics(db: Database, log: EventLog, broker: Broker) -> None:
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await emit(db, paused("1000"), ready("1000"), ringing("c1"), AsteriskUp(asterisk="main"))
        await emit(db, LeadAdded(lead_id=1, list_id=101))
        await until(lambda: sink.delivered == 5)
        await until(lambda: seen.sequences() == [1, 2, 3, 4, 5])
        assert [m["data"]["state"] for m in seen.on("ab/agents/1000/state")] == ["paused", "ready"]
        assert seen.on("ab/events/lead/added/-/-/-")[0]["subject"] == "leads/1"
        assert seen.on("ab/events/call/ringing/c/-/c1")[0]["data"]["number"] == "*0199"
        kept = await retained(broker.port)
        assert kept["ab/agents/1000/state"]["data"]["state"] == "ready"
        assert kept["ab/calls/c1/state"]["data"]["state"] == "ringing"
        assert kept["ab/calls/c1/state"]["data"]["number"] == "*0199"
        assert kept["ab/asterisk/main/state"]["data"]["state"] == "up"
        assert kept["ab/bridge/one/online"] == {"online": True}
        assert not [topic for topic in kept if "/events/" in topic]


@pytest.mark.parametrize("user", ["+", "#", "a/b", "$SYS", "+32/#", "ü", ""])
async def test_no_name_breaks_out_of_its_topic(
    db: Database, log: EventLog, broker: Broker, user: str
) -> None:
    async with publishing(log, broker.port) as sink:
        await emit(db, paused(user))
        await until(lambda: sink.delivered == 1)
        topics = [topic for topic in await retained(broker.port) if topic.startswith("ab/agents/")]
        assert len(topics) == 1
        assert topics[0].count("/") == 3


async def test_a_refused_login_is_no_storm(
    log: EventLog, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[tuple[float, float]] = []

    def note(low: float, high: float) -> float:
        pauses.append((low, high))
        return high

    monkeypatch.setattr("random.uniform", note)
    (tmp_path / "passwords").touch()
    broker.reconfigure(f"allow_anonymous false\npassword_file {tmp_path / 'passwords'}\n")
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    sink = a_sink(log, broker.port, f"mqtt://me:hidden@127.0.0.1:{broker.port}")
    async with running(sink.run(), "sink"):
        await until(lambda: pauses != [])
        assert pauses == [(15.0, 30.0)]
        assert not sink.connected
        assert "hidden" not in sink.error


async def test_refused_messages_are_counted_and_do_not_stop_the_rest(
    db: Database, log: EventLog, broker: Broker, tmp_path: Path
) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic readwrite ab/bridge/#\ntopic readwrite ab/events/lead/#\n")
    broker.reconfigure(f"allow_anonymous true\nacl_file {rules}\n")
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    async with publishing(log, broker.port) as sink:
        await emit(db, *started(3))
        await emit(db, LeadAdded(lead_id=1, list_id=1))
        await until(lambda: sink.delivered == 4)
    assert sink.refused == 3


async def test_events_reach_the_broker_in_milliseconds(db: Database, log: EventLog, broker: Broker) -> None:
    async with subscribed(broker.port) as seen, publishing(log, broker.port):
        took: list[float] = []
        for number in range(1, 31):
            began = asyncio.get_running_loop().time()
            await emit(db, *started(1))
            await until(lambda: len(seen.sequences()) == number)  # noqa: B023  awaited before it changes
            took.append(asyncio.get_running_loop().time() - began)
        assert sorted(took)[15] < 0.1
