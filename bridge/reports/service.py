"""The reports of one store: each reads ranges of indexes, and what may be long comes in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from bridge.calls import queries as call_queries
from bridge.calls.history import DropCounts
from bridge.calls.model import Call
from bridge.recordings.model import Recording
from bridge.reports import agent_time, pauses, queries
from bridge.reports.agent_time import AgentTime, OfAgents, Page
from bridge.reports.model import CallRow, Counting, OfDid, OfNumber, OfRecordings, Tally
from bridge.reports.pauses import PauseTime
from bridge.reports.sight import Sight
from bridge.reports.standing import Standing, standing
from bridge.store.connection import Connection
from bridge.store.database import Database

PAGE: Final = 500
"""Rows that are read at once: nobody waits long for the reader, and memory stays flat."""
MOST: Final = 100_000
"""Rows of one answer."""

Row = TypeVar("Row", CallRow, Recording)


class Reports:
    """What was called, and what is.

    Args:
        db: the open store.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._drops = DropCounts()

    async def open_calls(self) -> Sequence[Call]:
        """Calls that are not disposed yet, oldest first."""
        async with self._db.read() as conn:
            return await call_queries.open_calls(conn)

    async def standing(self, campaigns: Collection[str], now: datetime) -> Mapping[str, Standing]:
        """How campaigns stand, by id; drops are some seconds old at most."""
        async with self._db.read() as conn:
            return await standing(conn, campaigns, self._drops, now)

    async def calls_since(self, users: Collection[str], since: datetime) -> Mapping[str, int]:
        """How many calls agents have had since then."""
        async with self._db.read() as conn:
            return await queries.calls_since(conn, users, since)

    async def call_named(self, legacy_id: str, sight: Sight) -> CallRow | None:
        """One call, by its id in the line format."""
        async with self._db.read() as conn:
            return await queries.call_named(conn, legacy_id, sight)

    async def tally(self, wanted: Counting, sight: Sight) -> Sequence[Tally]:
        """Calls of a time by status."""
        async with self._db.read() as conn:
            return await queries.tally(conn, wanted, sight)

    async def last_with_number(self, wanted: OfNumber, sight: Sight) -> CallRow | None:
        """The newest of a number's calls."""
        async with self._db.read() as conn:
            return await queries.last_with_number(conn, wanted, sight)

    def with_number(self, wanted: OfNumber, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        """Pages of a number's calls, oldest first."""
        return self._pages(lambda conn, last: queries.with_number(conn, wanted, sight, last, PAGE))

    def of_did(self, wanted: OfDid, sight: Sight) -> AsyncIterator[Sequence[CallRow]]:
        """Pages of the calls to a number of the site, oldest first."""
        return self._pages(lambda conn, last: queries.of_did(conn, wanted, sight, last, PAGE))

    def recorded(self, wanted: OfRecordings, sight: Sight) -> AsyncIterator[Sequence[Recording]]:
        """Pages of recordings, oldest first."""
        return self._pages(lambda conn, last: queries.recorded(conn, wanted, sight, last, PAGE))

    async def agents_calls(self, wanted: OfAgents, sight: Sight) -> int:
        """How many calls all agents had."""
        async with self._db.read() as conn:
            return await agent_time.calls_had(conn, wanted, sight)

    def agents_time(
        self, wanted: OfAgents, sight: Sight, after: str = ""
    ) -> AsyncIterator[Sequence[AgentTime]]:
        """Pages of what the agents behind a user did, by user; none is empty, none has a part of one."""
        return self._by_user(partial(agent_time.spent, wanted=wanted, sight=sight), after)

    def pauses(self, wanted: OfAgents, sight: Sight, after: str = "") -> AsyncIterator[Sequence[PauseTime]]:
        """The same of how they have paused, by pause code."""
        return self._by_user(partial(pauses.paused, wanted=wanted, sight=sight), after)

    async def _by_user(
        self, read: Callable[..., Awaitable[Page[Any]]], after: str
    ) -> AsyncIterator[Sequence[Any]]:
        last = after
        while True:
            async with self._db.read() as conn:
                page = await read(conn, after=last, limit=PAGE)
            if page.rows:
                yield page.rows
            last = page.last
            if not last:
                return

    async def _pages(
        self, page: Callable[[Connection, Row | None], Awaitable[Sequence[Row]]]
    ) -> AsyncIterator[Sequence[Row]]:
        """Pages until one is not full; no connection is held while the reader is busy with one."""
        last: Row | None = None
        for _ in range(MOST // PAGE):
            async with self._db.read() as conn:
                found = await page(conn, last)
            if found:
                yield found
            if len(found) < PAGE:
                return
            last = found[-1]
