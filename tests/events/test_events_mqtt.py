"""The MQTT sink against a real mosquitto: restarted, killed, frozen, and forgetful."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import insert, update

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource
from bridge.events import mqtt_link
from bridge.events.catalogue import (
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    AsteriskDown,
    AsteriskUp,
    BridgeStarted,
    CallDisposed,
    CallRinging,
    Event,
    LeadAdded,
)
from bridge.events.envelope import source_of
from bridge.events.log import EventLog
from bridge.events.mqtt import MqttOptions, MqttSink
from bridge.events.mqtt_link import broker_at
from bridge.store import schema
from bridge.store.database import Database, Transaction

if TYPE_CHECKING:
    from events_fixtures import Broker

SEEN_SECONDS = 15


class Subscriber:
    """Reads everything, with a session that the broker keeps while it is away."""

    def __init__(self, port: int, topic: str = "#") -> None:
        self.port, self.topic = port, topic
        self.messages: list[tuple[str, bytes, bool]] = []
        self.ready = asyncio.Event()

    async def run(self) -> None:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3600
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    "127.0.0.1",
                    self.port,
                    identifier="subscriber",
                    protocol=aiomqtt.ProtocolVersion.V5,
                    clean_start=False,
                    properties=properties,
                    timeout=2,
                    keepalive=5,
                ) as client:
                    await client.subscribe(self.topic, qos=1)
                    self.ready.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        self.messages.append((str(message.topic), message.payload, message.retain))
            self.ready.clear()
            await asyncio.sleep(0.05)

    def on(self, topic: str) -> list[Any]:
        """The JSON of all messages of a topic; `None` where nothing was in it."""
        return [json.loads(text) if text else None for at, text, _ in self.messages if at == topic]

    def sequences(self) -> list[int]:
        """Numbers of the events, in the order of their first arrival."""
        numbers = [json.loads(text)["sequence"] for topic, text, _ in self.messages if "/events/" in topic]
        return list(dict.fromkeys(map(int, numbers)))


@asynccontextmanager
async def running(work: Any, name: str) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def subscribed(port: int, topic: str = "#") -> AsyncIterator[Subscriber]:
    subscriber = Subscriber(port, topic)
    async with running(subscriber.run(), "subscriber"):
        await asyncio.wait_for(subscriber.ready.wait(), 5)
        yield subscriber


async def retained(port: int) -> dict[str, Any]:
    """What somebody who comes late finds, by topic."""
    found: dict[str, Any] = {}
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("#", qos=1)
        await client.publish("end", b"{}", qos=1)
        async for message in client.messages:
            if str(message.topic) == "end":
                return found
            if message.retain:
                assert isinstance(message.payload, bytes)
                found[str(message.topic)] = json.loads(message.payload)
    raise AssertionError


async def until(condition: Callable[[], bool], what: str = "") -> None:
    try:
        async with asyncio.timeout(SEEN_SECONDS):
            while not condition():  # noqa: ASYNC110  a condition with a deadline
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"not within {SEEN_SECONDS} s: {what or 'the condition'}")


def a_sink(log: EventLog, port: int, url: str = "") -> MqttSink:
    broker = broker_at(url or f"mqtt://127.0.0.1:{port}", "bridge-1")
    options = MqttOptions(
        broker=broker, prefix="ab", bridge="one", source=source_of("t"), asterisks=("main", "other")
    )
    return MqttSink(log, options)


@asynccontextmanager
async def publishing(log: EventLog, port: int) -> AsyncIterator[MqttSink]:
    sink = a_sink(log, port)
    async with running(sink.run(), "sink"):
        await until(lambda: sink.connected, "connected")
        yield sink


async def emit(db: Database, *events: Event, at: datetime | None = None) -> None:
    async def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event, at=at)

    await db.write(work)


def started(count: int, first: int = 1) -> list[BridgeStarted]:
    return [BridgeStarted(bridge=str(number)) for number in range(first, first + count)]


def paused(user: str) -> AgentPaused:
    return AgentPaused(user=user, session_id="s", campaign="c", state=AgentState.PAUSED)


def ready(user: str) -> AgentReady:
    return AgentReady(user=user, session_id="s", campaign="c", state=AgentState.READY)


def logged_out(user: str) -> AgentLoggedOut:
    return AgentLoggedOut(
        user=user, session_id="s", campaign="c", state=AgentState.LOGGED_OUT, reason="asked"
    )


def ringing(call: str) -> CallRinging:
    return CallRinging(
        call_id=call, legacy_id="l", kind="M", state=CallState.RINGING, number="1", campaign="c"
    )


def disposed(call: str) -> CallDisposed:
    return CallDisposed(
        call_id=call,
        legacy_id="l",
        kind="M",
        state=CallState.DISPOSED,
        number="1",
        campaign="c",
        status="NA",
        source=StatusSource.NETWORK,
    )


async def log_in(tx: Transaction, user: str) -> None:
    await tx.conn.execute(
        insert(schema.agent_sessions).values(
            id=user, user=user, phone=user, asterisk="main", room=user, state="paused", state_since=tx.now
        )
    )


async def test_events_and_states_have_their_topics(db: Database, log: EventLog, broker: Broker) -> None:
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await emit(db, paused("1000"), ready("1000"), ringing("c1"), AsteriskUp(asterisk="main"))
        await emit(db, LeadAdded(lead_id=1, list_id=101))
        await until(lambda: sink.delivered == 5)
        await until(lambda: seen.sequences() == [1, 2, 3, 4, 5])
        assert [m["data"]["state"] for m in seen.on("ab/agents/1000/state")] == ["paused", "ready"]
        assert seen.on("ab/events/lead/added")[0]["subject"] == "leads/1"
        kept = await retained(broker.port)
        assert kept["ab/agents/1000/state"]["data"]["state"] == "ready"
        assert kept["ab/calls/c1/state"]["data"]["state"] == "ringing"
        assert kept["ab/asterisk/main/state"]["data"]["state"] == "up"
        assert kept["ab/bridge/one/online"] == {"online": True}
        assert not [topic for topic in kept if "/events/" in topic]


async def test_the_state_of_a_disposed_call_is_taken_away(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async with publishing(log, broker.port) as sink:
        await emit(db, ringing("c1"), ringing("c2"), disposed("c1"))
        await until(lambda: sink.delivered == 3)
        kept = await retained(broker.port)
        assert [topic for topic in kept if topic.startswith("ab/calls/")] == ["ab/calls/c2/state"]


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


async def test_the_last_will_tells_that_the_bridge_was_killed(broker: Broker, tmp_path: Path) -> None:
    online = "ab/bridge/one/online"
    child = Path(__file__).with_name("sink_child.py")
    command = (sys.executable, str(child), f"sqlite:///{tmp_path / 'child.db'}", str(broker.port))
    async with subscribed(broker.port) as seen:
        process = await asyncio.create_subprocess_exec(*command)
        await until(lambda: seen.on(online) == [{"online": True}], "it is there")
        process.kill()
        await process.wait()
        await until(lambda: seen.on(online) == [{"online": True}, {"online": False}], "its last will")
        assert (await retained(broker.port))[online] == {"online": False}


async def test_a_stop_in_order_says_goodbye(log: EventLog, broker: Broker) -> None:
    async with publishing(log, broker.port):
        assert (await retained(broker.port))["ab/bridge/one/online"] == {"online": True}
    assert (await retained(broker.port))["ab/bridge/one/online"] == {"online": False}


async def test_a_late_will_is_contradicted(log: EventLog, broker: Broker) -> None:
    """The broker may publish the will of our earlier connection after we have come back."""
    online = "ab/bridge/one/online"
    async with publishing(log, broker.port), subscribed(broker.port, online) as seen:
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.publish(online, b'{"online":false}', qos=1, retain=True)
        await until(lambda: seen.on(online)[-2:] == [{"online": False}, {"online": True}])
        assert (await retained(broker.port))[online] == {"online": True}


async def test_a_broker_that_has_forgotten_gets_the_present_states_again(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async def work(tx: Transaction) -> None:
        for user in ("1000", "1001"):
            await log_in(tx, user)
            tx.emit(paused(user))
            tx.emit(ready(user))
        tx.emit(AsteriskDown(asterisk="main", reason="test"))

    async with publishing(log, broker.port) as sink:
        await db.write(work)
        await until(lambda: sink.delivered == 5)
        await asyncio.to_thread(broker.kill)

        async def leave(tx: Transaction) -> None:
            gone = update(schema.agent_sessions).where(schema.agent_sessions.c.user == "1001")
            await tx.conn.execute(gone.values(state="logged_out", logged_out_at=tx.now))
            tx.emit(logged_out("1001"))

        await db.write(leave)
        await asyncio.to_thread(broker.start)
        await until(lambda: sink.delivered == 6)
        kept = await retained(broker.port)
        assert kept["ab/agents/1000/state"]["data"]["state"] == "ready"
        assert kept["ab/agents/1001/state"]["data"]["state"] == "logged_out"
        assert kept["ab/asterisk/main/state"]["data"]["state"] == "down"


async def test_a_state_never_goes_back_while_old_events_are_caught_up_with(
    db: Database, log: EventLog, broker: Broker
) -> None:
    await log.advance("mqtt", 0)

    async def work(tx: Transaction) -> None:
        await log_in(tx, "1000")
        for _ in range(20):
            tx.emit(paused("1000"))
            tx.emit(ready("1000"))

    await db.write(work)
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await until(lambda: sink.delivered == 40)
        await until(lambda: len(seen.sequences()) == 40)
        assert [m["sequence"] for m in seen.on("ab/agents/1000/state")] == [f"{40:020d}"]


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
