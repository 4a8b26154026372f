"""Deliveries as people see them: what became of each, and another try for one that has failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.delivery import queries
from bridge.delivery.model import Delivery, DeliveryState
from bridge.events.catalogue import DeliveryRetried
from bridge.store.database import Database, Transaction

PAGE: Final = 1000
"""Most rows of one answer."""
RETRY_HOURS: Final = 24.0
"""How long a delivery is tried."""
TRIM: Final = 1000
"""Rows deleted in one transaction."""


class Deliveries:
    """What is and was told to other systems.

    Args:
        db: the open store.
        retry_hours: how long one that is tried again is tried.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        db: Database,
        *,
        retry_hours: float = RETRY_HOURS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._retry_hours = retry_hours
        self._clock = clock

    async def of_call(self, call_id: str) -> list[Delivery]:
        """What was told, or is to be, of a call (by its own id), the oldest first."""
        async with self._db.read() as conn:
            return await queries.of_call(conn, call_id, PAGE)

    async def page(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        call_id: str = "",
        before: str = "",
        limit: int = PAGE,
    ) -> list[Delivery]:
        """The newest first, from the one behind `before`."""
        async with self._db.read() as conn:
            return await queries.page(conn, states, call_id, before, min(limit, PAGE))

    async def get(self, delivery_id: str) -> Delivery | None:
        """One of them."""
        async with self._db.read() as conn:
            return await queries.get(conn, delivery_id)

    async def retry(self, delivery_id: str) -> bool:
        """Try a failed one again, at once and for as long as a new one; false if it is not a failed one."""

        async def work(tx: Transaction) -> bool:
            now = self._clock()
            until = now + timedelta(hours=self._retry_hours)
            if not await queries.retry(tx.conn, delivery_id, now, until):
                return False
            tx.emit(DeliveryRetried(delivery_id=delivery_id))
            return True

        return await self._db.write(work)

    async def trim(self, before: datetime) -> int:
        """Delete those that are settled and older; how many that were."""

        async def work(tx: Transaction) -> int:
            return await queries.trim(tx.conn, before, TRIM)

        total = 0
        while count := await self._db.write(work):
            total += count
        return total
