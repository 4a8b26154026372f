"""Out of the event log into the table of deliveries: each event once, with the place in the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from bridge.delivery import queries
from bridge.delivery.model import NewDelivery, Source
from bridge.events import queries as log_queries
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.events.log import EventLog, Page
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty
from bridge.store.errors import StoreError

SAVE_EVERY: Final = 30.0
"""Seconds after which the place in the log is kept although nothing came of the events before it."""
PAUSE: Final = 1.0
"""Seconds until the store is asked again after it failed."""

_log = structlog.get_logger(__name__)


class Filling:
    """Follows the log for one source.

    Args:
        db: the open store.
        log: of the same store.
        source: what is to be told.
        duty: whose holder does it.
        keep: how long a delivery is tried.
        clock: what time it is, aware.
        made: is called when there is something new to deliver, or to be tried again.
    """

    def __init__(  # noqa: PLR0913  each is a part
        self,
        db: Database,
        log: EventLog,
        source: Source,
        *,
        duty: Duty,
        keep: timedelta,
        clock: Callable[[], datetime],
        made: Callable[[], None],
    ) -> None:
        self._db = db
        self._events = log
        self._source = source
        self._sink = f"deliveries:{source.name}"
        self._duty = duty
        self._keep = keep
        self._clock = clock
        self._made = made
        self._wanted = Filter(types=(*source.types, "delivery.retried"))
        self._saved, self._saved_at = 0, 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._follow(await self._begin())
            except StoreError as error:
                _log.warning("what is to be told waits for the store", source=self._sink, error=str(error))
            await asyncio.sleep(PAUSE)

    async def _begin(self) -> int:
        """Where to go on; the very first time that is now."""
        cursor, span = await self._events.cursor(self._sink), await self._events.span()
        if cursor is None:
            await self._events.advance(self._sink, span.newest)
        place = span.newest if cursor is None else cursor
        if not span.can_follow(place):
            _log.error("events were deleted before they were told", source=self._sink, after=place)
            place = min(max(place, span.oldest - 1), span.newest)
        self._saved, self._saved_at = place, asyncio.get_running_loop().time()
        return place

    async def _follow(self, place: int) -> None:
        while True:
            rings = self._events.rings
            page = await self._events.read_after(place, wanted=self._wanted)
            if page.records:
                await self._take(page)
            ahead = page.seq > place
            place = page.seq
            if place > self._saved and self._until_save() <= 0:
                await self._write(place, ())
            if not ahead:
                await self._events.wait(rings, self._until_save() if place > self._saved else None)

    async def _take(self, page: Page) -> None:
        wanted = [record for record in page.records if record.type in self._source.types]
        made = [new for record in wanted for new in await self._of(record)]
        if made:
            await self._write(page.seq, made)
        to_be_tried_again = len(wanted) < len(page.records)
        if made or to_be_tried_again:
            self._made()

    async def _of(self, record: EventRecord) -> Sequence[NewDelivery]:
        """What comes of one event; one that the source stumbles over is passed over, and the others told."""
        try:
            return await self._source.make(record)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  its text may hold personal data
            _log.error("an event could not be told", seq=record.seq, error=type(error).__name__)
            return ()

    async def _write(self, place: int, made: Sequence[NewDelivery]) -> None:
        """The deliveries and the place behind their events: both or neither."""

        async def work(tx: Transaction) -> None:
            await self._duty.fence(tx.conn)
            now = self._clock()
            for new in made:
                await queries.add(tx.conn, self._source.name, new, now, now + self._keep)
            await log_queries.advance(tx.conn, self._sink, place, now)

        await self._db.write(work)
        self._saved, self._saved_at = place, asyncio.get_running_loop().time()

    def _until_save(self) -> float:
        return max(0.0, self._saved_at + SAVE_EVERY - asyncio.get_running_loop().time())
