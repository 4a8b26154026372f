"""The event log as server-sent events (HTML standard, section 9.2).

The number of an event is its `id`, so a browser that comes back says by itself where to go on. A
listener costs no queue: it reads the log at its own pace, and one that takes nothing for too long is
let go; it can come back and miss nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

import msgspec
import structlog

from bridge.events.envelope import EventRecord, envelope
from bridge.events.filters import Filter
from bridge.events.log import PAGE, EventLog
from bridge.services import EventPage, EventQuery, Picture
from bridge.store.errors import StoreError

HEARTBEAT_SECONDS = 15.0
"""Silence after which a comment is sent: proxies close what is silent for 30 to 60 s."""
TICK_SECONDS = 0.5
"""Silence after which an empty piece comes, which is not to be sent."""
STALL_SECONDS = 30.0
"""How long a listener may take to accept one chunk before it is let go."""
RETRY_MILLISECONDS = 2000
"""What a browser is told to wait before it comes back."""
CHUNK = 100
"""Events sent in one piece."""
REMEMBERED = 2000
"""Encoded events kept for the other listeners, who want the same bytes."""

_log = structlog.get_logger(__name__)


class EventStream:
    """Gives each listener its stream.

    Args:
        log: The event log.
        source: The `source` of the envelopes, see `bridge.events.envelope.source_of`.
        heartbeat: Seconds of silence before a sign of life.
        stall: Seconds that a chunk may take to be accepted.
    """

    def __init__(
        self,
        log: EventLog,
        source: str,
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        stall: float = STALL_SECONDS,
    ) -> None:
        self._events = log
        self._source = source
        self._heartbeat = heartbeat
        self._stall = stall
        self._encoded: dict[int, bytes] = {}
        self._closing = asyncio.Event()
        self._listeners: set[_Watch] = set()

    @property
    def listeners(self) -> int:
        """How many there are now."""
        return len(self._listeners)

    def close(self) -> None:
        """End every stream, as for a stop: their listeners come back to whoever serves next."""
        self._closing.set()

    async def past(self, query: EventQuery) -> EventPage:
        """Events of the past, see `EventLog.past`."""
        return await self._events.past(query)

    async def stream(
        self,
        *,
        after: int | None,
        wanted: Filter,
        picture: Picture | None = None,
        heartbeat: float | None = None,
    ) -> AsyncGenerator[bytes, None]:
        """What goes over the wire to one listener; ends if the store fails or `close` is called.

        In silence, an empty piece comes every `TICK_SECONDS`.

        Args:
            after: Number that the listener has seen last; `None`: only what comes from now on. If
                events after it are gone, or it was never given, one event `snapshot_needed` tells the
                listener to read the present state anew; the stream goes on from now.
            wanted: Which events.
            picture: Of the present state: one message `snapshot` of it stands at the begin (in the place of
                `snapshot_needed`, too), and behind the events that it is outdated by.
            heartbeat: Seconds of silence before a sign of life for this listener; `None`: as for all.
        """
        watch = _Watch(self._stall, self._listeners)
        try:
            beat = self._heartbeat if heartbeat is None else heartbeat
            async with aclosing(self._chunks(after, wanted, picture, beat)) as chunks:
                async for chunk in chunks:
                    watch.start()
                    yield chunk
                    watch.stop()
        except StoreError as error:
            _log.warning("event stream ended", error=str(error))
        finally:
            watch.end()

    async def _chunks(
        self, after: int | None, wanted: Filter, picture: Picture | None, heartbeat: float
    ) -> AsyncGenerator[bytes, None]:
        span = await self._events.span()
        seq = span.newest if after is None else after
        yield f"retry: {RETRY_MILLISECONDS}\nid: {seq}\n\n".encode()
        if picture is not None and (after is None or not span.can_follow(seq)):
            seq, snapshot = await picture.take()
            yield _snapshot(seq, snapshot)
        elif not span.can_follow(seq):
            yield _snapshot_needed(seq, span.oldest, span.newest)
            seq = span.newest
        said = asyncio.get_running_loop().time()
        while not self._closing.is_set():
            rings = self._events.rings
            page = await self._events.read_after(seq, wanted=wanted)
            for chunk in self._pieces(page.records):
                yield chunk
                said = asyncio.get_running_loop().time()
            nothing_new, seq = page.seq == seq, page.seq
            if picture is not None and any(picture.outdated_by(record) for record in page.records):
                upto, snapshot = await picture.take()
                async for chunk in self._up_to(seq, upto, wanted):
                    yield chunk
                seq = upto
                yield _snapshot(seq, snapshot)
            if nothing_new:
                async for tick in self._quiet(rings, said + heartbeat):
                    yield tick
            if asyncio.get_running_loop().time() >= said + heartbeat:
                yield f": still here\nid: {seq}\n\n".encode()
                said = asyncio.get_running_loop().time()

    async def _up_to(self, seq: int, upto: int, wanted: Filter) -> AsyncGenerator[bytes, None]:
        """The events between, which the picture holds already: none may come behind it."""
        while seq < upto:
            page = await self._events.read_after(seq, min(PAGE, upto - seq), wanted)
            for chunk in self._pieces(page.records):
                yield chunk
            if page.seq == seq:  # they are gone from the log
                return
            seq = page.seq

    async def _quiet(self, rings: int, until: float) -> AsyncGenerator[bytes, None]:
        """As long as nothing happens: empty pieces, at which whoever passes the stream on can look around."""
        clock = asyncio.get_running_loop().time
        while self._events.rings == rings and not self._closing.is_set() and clock() < until:
            await self._wait(rings, min(until, clock() + TICK_SECONDS))
            yield b""

    async def _wait(self, rings: int, until: float) -> None:
        """For new events, the time of a heartbeat, or the end."""
        seconds = max(0.0, until - asyncio.get_running_loop().time())
        news = asyncio.create_task(self._events.wait(rings, seconds))
        end = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait((news, end), return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            end.cancel()

    def _pieces(self, records: Sequence[EventRecord]) -> Iterator[bytes]:
        for start in range(0, len(records), CHUNK):
            yield b"".join(self._message(record) for record in records[start : start + CHUNK])

    def _message(self, record: EventRecord) -> bytes:
        found = self._encoded.get(record.seq)
        if found is None:
            if len(self._encoded) >= REMEMBERED:
                self._encoded.clear()
            found = self._encoded[record.seq] = message(record, self._source)
        return found


def message(record: EventRecord, source: str) -> bytes:
    """One event as a message of the stream."""
    head = f"id: {record.seq}\nevent: {record.type}\ndata: ".encode()
    return head + envelope(record, source) + b"\n\n"


def _snapshot(seq: int, data: bytes) -> bytes:
    return b"id: %d\nevent: snapshot\ndata: %s\n\n" % (seq, data)


def _snapshot_needed(asked: int, oldest: int, newest: int) -> bytes:
    data = msgspec.json.encode({"asked": asked, "oldest": oldest, "newest": newest})
    return b"id: %d\nevent: snapshot_needed\ndata: %s\n\n" % (newest, data)


class _Watch:
    """Cancels the task that sends if a chunk is not accepted in time.

    That task waits in the web server then, not in the stream, which hears of its end only when it is
    collected as garbage. So the listener is taken off the list here.
    """

    def __init__(self, seconds: float, listeners: set[_Watch]) -> None:
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._listeners = listeners
        listeners.add(self)

    def start(self) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._let_go, task)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        self.stop()
        self._listeners.discard(self)

    def _let_go(self, task: asyncio.Task[object]) -> None:
        _log.warning("an event listener takes nothing and is let go", seconds=self._seconds)
        self._listeners.discard(self)
        task.cancel()
