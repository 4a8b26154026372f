"""Leads as callers of the non-agent API handle them: with all that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bridge.leads import search
from bridge.leads.model import Lead
from bridge.leads.search import By, Order
from bridge.store.database import Database
from bridge.store.schema import calls


class LeadDesk:
    """The leads of one store.

    Args:
        db: the open store.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def find(
        self,
        by: By,
        value: str,
        *,
        lists_only: Sequence[int] | None = None,
        order: Order = "newest id",
        limit: int,
    ) -> list[Lead]:
        """Leads whose field has exactly this value; see `bridge.leads.search.find`."""
        wanted: str | int = value
        if by == "id":
            if not value.isdecimal() or not 0 < int(value) < 2**63:
                return []
            wanted = int(value)
        async with self._db.read() as conn:
            return await search.find(conn, by, wanted, lists_only=lists_only, order=order, limit=limit)

    async def by_ids(self, ids: Iterable[int], limit: int) -> list[Lead]:
        """The leads of these ids, the newest id first."""
        async with self._db.read() as conn:
            return await search.by_ids(conn, (one for one in ids if 0 < one < 2**63), limit)

    async def lists_of_campaign(self, campaign: str) -> list[int]:
        """Ids of the lists of a campaign."""
        async with self._db.read() as conn:
            return await search.lists_of_campaign(conn, campaign)

    async def of_calls(self, status: str, begin: datetime, end: datetime, limit: int) -> list[Lead]:
        """The leads of the calls of a time that ended with a status."""
        where = (calls.c.asked_at >= begin, calls.c.asked_at < end, calls.c.status == status)
        async with self._db.read() as conn:
            return await search.called(conn, where, limit)

    async def called(self, lead_id: int, limit: int) -> list[Lead]:
        """A lead once for each of its calls."""
        if not 0 < lead_id < 2**63:
            return []
        async with self._db.read() as conn:
            return await search.called(conn, (calls.c.lead_id == lead_id,), limit)
