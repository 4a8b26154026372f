"""The event log on an MQTT broker: every event in order, and the present states as retained messages.

What was acknowledged by the broker moves the sink's cursor in the store, so a restart of the bridge
or of the broker loses nothing; an event may come twice, with the same `id` and `sequence`. After each
connect the states of all that lives are published anew, as the broker may have forgotten them.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from typing import Any, Self

import msgspec
import structlog

from bridge.events.catalogue import CATALOGUE, PERSONAL, PersonErased
from bridge.events.envelope import EventRecord, about, envelope
from bridge.events.log import EventLog
from bridge.events.mqtt_link import Broker, Connect, Link, MqttLost, MqttRefused, Will, connect
from bridge.events.personal import Shown, Veil
from bridge.events.topics import event_topic, online_topic, state_topic
from bridge.store.duties import Duty
from bridge.store.errors import StoreError

SINK = "mqtt"
"""Name of the cursor."""
WINDOW = 10
"""Events in flight; each is up to two messages, and mosquitto takes 20 at a time by default."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
"""Seconds between two attempts to connect; doubled each time, with jitter."""
CURSOR_SECONDS = 1.0
"""The cursor is kept at most so often: a commit for each event would double the load on the disk."""
SHARED_CURSOR_SECONDS = 0.05
"""The same where another bridge may go on after it: so much of what was acknowledged can come twice."""
CALL_STATE_SECONDS = 24 * 3600
"""A call's state is forgotten by the broker after this, should it never hear of the call's end."""

PARTING_SECONDS = 2.0
"""How long a last word may take."""

ONLINE, OFFLINE = b'{"online":true}', b'{"online":false}'

Sending = Coroutine[Any, Any, None]
"""A message that is being published."""

_log = structlog.get_logger(__name__)


class MqttOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the events are published."""

    broker: Broker
    prefix: str = "agent-bridge"
    bridge: str
    """Id of this process among all bridges."""
    source: str
    """`source` of the envelopes."""
    asterisks: tuple[str, ...] = ()
    """Names of the Asterisk servers, whose states are published too."""
    cursor_seconds: float = CURSOR_SECONDS
    veil: Veil = Veil(Shown.LAST_FOUR, PERSONAL)
    """How customers' numbers, and what people have written, are shown."""


class MqttSink:
    """Publishes for as long as `run` runs.

    Args:
        log: The event log.
        options: How.
        duty: Whoever has it publishes; the others are connected, and wait for it.
        connector: How a connection is made.
    """

    def __init__(self, log: EventLog, options: MqttOptions, duty: Duty, connector: Connect = connect) -> None:
        self._events = log
        self._options = options
        self._duty = duty
        self._connect = connector
        self._online = online_topic(options.prefix, options.bridge)
        self._saved, self._saved_at = 0, 0.0
        self.delivered = 0
        """Number of the last event that the broker has acknowledged."""
        self.connected = False
        self.error = ""
        """Why it is not connected."""
        self.refused = 0
        """Messages that the broker has acknowledged and yet not taken."""

    @property
    def why_not(self) -> str:
        """Why it gives out no events; empty: it does, or waits for the duty."""
        return "" if self.connected else self.error or "it has not connected yet"

    async def run(self) -> None:
        """Publish until cancelled; then say goodbye. A lost connection is made again."""
        pause = FIRST_PAUSE
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._begin()
                await self._session()
            except (MqttLost, StoreError) as error:
                self._note(error)
                held = asyncio.get_running_loop().time() - began
                pause = FIRST_PAUSE if held > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
                if isinstance(error, MqttRefused):
                    pause = LONGEST_PAUSE
            finally:
                self.connected = False
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311  no secret

    def _note(self, error: Exception) -> None:
        self.error = str(error) or type(error).__name__
        _log.warning("events do not reach the broker", broker=repr(self._options.broker), error=self.error)

    async def _begin(self) -> None:
        """Find where to go on; the very first time that is now, whether the broker is there or not."""
        cursor, span = await self._events.cursor(SINK), await self._events.span()
        if cursor is None:
            await self._events.advance(SINK, span.newest)
        known = span.newest if cursor is None else cursor
        self._saved = self.delivered = max(known, self.delivered)
        if not span.can_follow(self.delivered):
            _log.error(
                "events were deleted before the broker had them", after=self.delivered, until=span.oldest
            )
            self.delivered = min(max(self.delivered, span.oldest - 1), span.newest)

    async def _session(self) -> None:
        """One connection, from its beginning to its end."""
        async with self._connect(self._options.broker, Will(self._online, OFFLINE)) as link:
            try:
                await self._greet(link)
                while True:
                    await _or_lost(link, self._duty.taken())
                    await self._begin()
                    await _or_lost(link, self._deliver(link), self._duty.lost())
            except asyncio.CancelledError:
                await self._part(link)
                raise
            finally:
                self.refused += link.refused

    async def _greet(self, link: Link) -> None:
        """Say that we are there, and again if an earlier connection's last will says otherwise."""
        again: set[asyncio.Task[None]] = set()

        def contradict(payload: bytes) -> None:
            if payload != ONLINE:
                task = asyncio.create_task(_if_possible(link.publish(self._online, ONLINE, retain=True)))
                again.add(task)
                task.add_done_callback(again.discard)

        await link.watch(self._online, contradict)
        await link.publish(self._online, ONLINE, retain=True)
        self.connected, self.error = True, ""

    async def _part(self, link: Link) -> None:
        """A stop in order: the cursor is kept, and nobody has to wait for the last will."""
        await _if_possible(link.publish(self._online, OFFLINE, retain=True))
        if self._duty.held:
            await _if_possible(self._save())

    async def _deliver(self, link: Link) -> None:
        async with _Window(self._acknowledged) as window:
            newest, told = await self._send_states(link, window)
            sent = self.delivered
            while True:
                rings = self._events.rings
                records = (await self._events.read_after(sent)).records
                for record in records:
                    old = record.seq <= newest and record.subject in told
                    await window.send(record.seq, self._messages(link, record, old=old))
                    sent = record.seq
                    if record.type == PersonErased.type:  # the log has no name or number of hers any more
                        newest, told = await self._send_states(link, window)
                if not records:
                    await window.settle()
                    await self._idle(link, rings)
                if self.delivered > self._saved and self._until_save() <= 0:
                    await self._save()

    async def _send_states(self, link: Link, window: _Window) -> tuple[int, set[str]]:
        """Publish the states of all that lives; the newest event of then, and whose states they are."""
        newest, states = await self._events.states([f"asterisk/{name}" for name in self._options.asterisks])
        for record in states:
            await window.send(0, [self._state(link, record)])
        return newest, {record.subject for record in states}

    def _acknowledged(self, seq: int) -> None:
        self.delivered = max(self.delivered, seq)

    def _messages(self, link: Link, record: EventRecord, *, old: bool) -> Iterator[Sending]:
        """The event, and what it means for the state of its subject; not if that is known to be old."""
        whose = about(record)
        topic = event_topic(
            self._options.prefix,
            record.type,
            campaign=whose.campaign,
            agent=whose.user,
            call=whose.call_id or "",
        )
        yield link.publish(topic, self._envelope(record))
        kind = CATALOGUE.get(record.type)
        if kind is not None and kind.final:
            yield self._no_state(link, record.subject)
        elif kind is PersonErased:
            for call_id in msgspec.json.decode(record.data)[
                "calls"
            ]:  # of which a broker may have missed the end
                yield self._no_state(link, f"calls/{call_id}")
        elif kind is not None and kind.retained and not old:
            yield self._state(link, record)

    def _no_state(self, link: Link, subject: str) -> Sending:
        return link.publish(state_topic(self._options.prefix, subject), b"", retain=True)

    def _state(self, link: Link, record: EventRecord) -> Sending:
        topic = state_topic(self._options.prefix, record.subject)
        expiry = CALL_STATE_SECONDS if record.subject.startswith("calls/") else 0
        return link.publish(topic, self._envelope(record), retain=True, expiry=expiry)

    def _envelope(self, record: EventRecord) -> bytes:
        return envelope(record, self._options.source, self._options.veil.data(record.type, record.data))

    async def _idle(self, link: Link, rings: int) -> None:
        """Until there is news, the cursor is to be kept, or the connection is gone."""
        seconds = self._until_save() if self.delivered > self._saved else None
        news = asyncio.create_task(self._events.wait(rings, seconds))
        try:
            await asyncio.wait((news, link.lost), return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
        if link.lost.done():
            raise MqttLost

    def _until_save(self) -> float:
        due = self._saved_at + self._options.cursor_seconds
        return max(0.0, due - asyncio.get_running_loop().time())

    async def _save(self) -> None:
        if self.delivered > self._saved:
            await self._events.advance(SINK, self.delivered)
        self._saved, self._saved_at = self.delivered, asyncio.get_running_loop().time()


class _Window:
    """Events in flight, in order: the next goes out as soon as the oldest is acknowledged.

    Waiting for a whole group instead gave 250 events/s where this gives 10,000 (mosquitto 2.0.11 on
    the same machine): the broker holds its acknowledgements back until our side has something to send
    (Nagle's algorithm against delayed ACKs of 40 ms).
    """

    def __init__(self, acknowledged: Callable[[int], None]) -> None:
        self._acknowledged = acknowledged
        self._flying: deque[tuple[int, list[asyncio.Task[None]]]] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        left = [task for _, tasks in self._flying for task in tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def send(self, seq: int, messages: Iterable[Sending]) -> None:
        """Send the messages of one event when there is room."""
        while len(self._flying) >= WINDOW:
            await self._oldest()
        self._flying.append((seq, [asyncio.create_task(message) for message in messages]))

    async def settle(self) -> None:
        """Wait until nothing is in flight."""
        while self._flying:
            await self._oldest()

    async def _oldest(self) -> None:
        seq, tasks = self._flying[0]
        for task in tasks:
            await task
        self._flying.popleft()
        self._acknowledged(seq)


async def _or_lost(link: Link, *doing: Sending) -> None:
    """Until one of these has ended; the others are given up.

    Raises:
        MqttLost: The connection is gone.
    """
    tasks = [asyncio.create_task(one) for one in doing]
    try:
        await asyncio.wait((*tasks, link.lost), return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if link.lost.done():
        raise MqttLost


async def _if_possible(doing: Sending) -> None:
    with suppress(MqttLost, StoreError, TimeoutError):
        await asyncio.wait_for(doing, PARTING_SECONDS)
