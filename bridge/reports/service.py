"""The reports of one store: each reads ranges of indexes, never a whole table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bridge.calls import queries as call_queries
from bridge.calls.model import Call
from bridge.reports import queries
from bridge.store.database import Database


class Reports:
    """What was called, and what is.

    Args:
        db: the open store.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def open_calls(self) -> Sequence[Call]:
        """Calls that are not disposed yet, oldest first."""
        async with self._db.read() as conn:
            return await call_queries.open_calls(conn)

    async def calls_since(self, users: Collection[str], since: datetime) -> Mapping[str, int]:
        """How many calls agents have had since then."""
        async with self._db.read() as conn:
            return await queries.calls_since(conn, users, since)
