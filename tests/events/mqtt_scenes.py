"""A subscriber, a sink, and what happens to them, for the tests of the MQTT sink."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import insert

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource
from bridge.events.catalogue import (
    AgentLoggedOut,
    AgentPaused,
    AgentReady,
    BridgeStarted,
    CallDisposed,
    CallRinging,
    Event,
)
from bridge.events.envelope import source_of
from bridge.events.log import EventLog
from bridge.events.mqtt import MqttOptions, MqttSink
from bridge.events.mqtt_link import broker_at
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty

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


def held() -> Duty:
    """A duty that is ours for good."""
    duty = Duty("mqtt", lambda: None)
    duty.take(math.inf, 0)
    return duty


def a_sink(
    log: EventLog, port: int, url: str = "", *, name: str = "one", duty: Duty | None = None
) -> MqttSink:
    broker = broker_at(url or f"mqtt://127.0.0.1:{port}", f"bridge-{name}")
    options = MqttOptions(
        broker=broker, prefix="ab", bridge=name, source=source_of("t"), asterisks=("main", "other")
    )
    return MqttSink(log, options, duty or held())


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
        call_id=call, legacy_id="l", kind="M", state=CallState.RINGING, number="+17275550199", campaign="c"
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
