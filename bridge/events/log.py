"""The event log as those who read it see it: pages in order, waiting for more, cursors, retention."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from itertools import islice

import msgspec

from bridge.events import queries
from bridge.events.catalogue import CATALOGUE, PersonErased
from bridge.events.envelope import EventRecord
from bridge.events.filters import EVERYTHING, Filter
from bridge.services import EventPage, EventQuery
from bridge.store.database import Database, Transaction

PAGE = 500
"""Records read at once."""
TAIL = 2000
"""Newest records held in memory, so that a hundred listeners do not read the same rows a hundred times."""
LOOKED = 5000
"""Records looked at for one page of the past: a filter that nothing passes must not read the whole log."""
TRIM = 1000
"""Records deleted in one transaction: it must not hold up those who write."""


class Page(msgspec.Struct, frozen=True):
    """Records that passed the filter, and how far was looked."""

    records: Sequence[EventRecord]
    seq: int
    """Everything up to this number was looked at: go on after it."""


class Span(msgspec.Struct, frozen=True):
    """What the log holds: the numbers from `oldest` to `newest`; nothing if `oldest` is the higher."""

    oldest: int
    newest: int

    def can_follow(self, seq: int) -> bool:
        """Whether nothing is missing for someone who has seen everything up to `seq`."""
        return self.oldest - 1 <= seq <= self.newest


class EventLog:
    """Reads the log.

    Args:
        db: An open database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._tail: deque[EventRecord] = deque(maxlen=TAIL)
        self._tail_rings = -1
        self._refreshing = asyncio.Lock()

    async def read_after(self, seq: int, limit: int = PAGE, wanted: Filter = EVERYTHING) -> Page:
        """Look at the next `limit` records after `seq`.

        Raises:
            StoreUnavailable: The database cannot be read now.
        """
        records = await self._next(seq, limit)
        last = records[-1].seq if records else seq
        if wanted is not EVERYTHING:
            records = [record for record in records if wanted.passes(record)]
        return Page(records, last)

    @property
    def rings(self) -> int:
        """How often new events were announced: ask before reading, then wait for more than that."""
        return self._db.wakeups.rings

    async def wait(self, rings: int, seconds: float | None = None) -> bool:
        """Wait until there is something to read; `False` if that was not within so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._db.wakeups.wait(rings)
        except TimeoutError:
            return False
        return True

    async def follow(self, seq: int, wanted: Filter = EVERYTHING) -> AsyncGenerator[Page, None]:
        """All pages after `seq`, and then those to come, for ever. Pages may hold no records."""
        while True:
            rings = self.rings
            page = await self.read_after(seq, wanted=wanted)
            if page.seq == seq:
                await self.wait(rings)
                continue
            seq = page.seq
            yield page

    async def timeline(self, subject: str, after: int = 0, limit: int = PAGE) -> list[EventRecord]:
        """The records of one subject, oldest first."""
        async with self._db.read() as conn:
            return await queries.of_subject(conn, subject, after, limit)

    async def past(self, query: EventQuery) -> EventPage:
        """Events of the past, oldest first; at most `LOOKED` records are looked at for one page."""
        span = await self.span()
        seq = max(query.after, span.oldest - 1)
        if query.since is not None:
            seq = max(seq, await self.before(query.since, span))
        found: list[EventRecord] = []
        for _ in range(LOOKED // PAGE):
            async with self._db.read() as conn:
                records = await queries.after(conn, seq, PAGE)
            for record in records:
                if query.until is not None and record.time >= query.until:
                    return EventPage(found, None)
                seq = record.seq
                if query.wanted.passes(record):
                    found.append(record)
                if len(found) == query.limit:
                    return EventPage(found, seq if seq < span.newest else None)
            if len(records) < PAGE:
                return EventPage(found, None)
        return EventPage(found, seq)

    async def before(self, moment: datetime, span: Span) -> int:
        """The last number of before a moment: numbers are given in the order of time."""
        low, high = span.oldest - 1, span.newest
        async with self._db.read() as conn:
            while low < high:
                middle = (low + high + 1) // 2
                time = await queries.time_of(conn, middle)
                low, high = (middle, high) if time is None or time < moment else (low, middle - 1)
        return low

    async def states(self, others: Sequence[str]) -> tuple[int, list[EventRecord]]:
        """The last event that holds the state of each agent logged in and each call not disposed.

        Args:
            others: Further subjects.

        Returns:
            The newest number at that moment, and the records.
        """
        kinds = [name for name, kind in CATALOGUE.items() if kind.retained]
        async with self._db.read(snapshot=True) as conn:
            found = await queries.last_of_living(conn, kinds)
            for subject in others:
                last = await queries.last_of(conn, subject, kinds)
                found += [last] if last else []
            return await queries.newest(conn), found

    async def span(self) -> Span:
        """Which numbers the log holds."""
        async with self._db.read(snapshot=True) as conn:
            newest = await queries.newest(conn)
            oldest = await queries.oldest(conn)
        return Span(newest + 1 if oldest is None else oldest, newest)

    async def cursor(self, sink: str) -> int | None:
        """How far a sink has come; `None` if it has never said so."""
        async with self._db.read() as conn:
            return await queries.cursor(conn, sink)

    async def advance(self, sink: str, seq: int) -> None:
        """Keep that a sink has delivered everything up to `seq`; it never goes back."""

        async def work(tx: Transaction) -> None:
            await queries.advance(tx.conn, sink, seq, datetime.now(UTC))

        await self._db.write(work)

    async def trim(self, before: datetime, now: datetime) -> int:
        """Delete the records that are older, oldest first, up to the first that is not; how many that were.

        Args:
            before: Younger ones stay.
            now: One that is dated ahead of this is of before the clock was set back. Its time says nothing:
                it goes with an older one behind it.
        """

        async def work(tx: Transaction) -> int:
            return await queries.trim(tx.conn, before, now, TRIM)

        total = 0
        while count := await self._db.write(work):
            total += count
        return total

    async def _next(self, seq: int, limit: int) -> list[EventRecord]:
        await self._refresh()
        if self._tail and seq >= self._tail[0].seq - 1:
            new = max(0, self._tail[-1].seq - seq)  # mostly a few: found from that end
            return list(islice(reversed(self._tail), max(0, new - limit), new))[::-1]
        async with self._db.read() as conn:
            return await queries.after(conn, seq, limit)

    async def _refresh(self) -> None:
        """Take what was committed since the last look into the tail."""
        if self._tail_rings == self._db.wakeups.rings or self._take_latest():
            return
        async with self._refreshing:
            rings = self._db.wakeups.rings
            if self._tail_rings == rings:
                return
            async with self._db.read() as conn:
                after = self._tail[-1].seq if self._tail else await queries.newest(conn) - PAGE
                while found := await queries.after(conn, after, PAGE):
                    self._take(found)
                    after = found[-1].seq
            self._tail_rings = rings

    def _take(self, records: Sequence[EventRecord]) -> None:
        """Remember the newest; older ones are not what they were any more when a person was erased."""
        if any(record.type == PersonErased.type for record in records):
            self._tail.clear()
        self._tail.extend(records)

    def _take_latest(self) -> bool:
        """Take what the last commit is known to have written; whether that is all that there is."""
        bell = self._db.wakeups
        if self._refreshing.locked() or self._tail_rings != bell.rings - 1:
            return False
        if not bell.latest or not self._tail or bell.latest[0].seq != self._tail[-1].seq + 1:
            return False
        self._take(bell.latest)
        self._tail_rings = bell.rings
        return True
