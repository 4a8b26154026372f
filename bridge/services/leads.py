"""What the non-agent API needs of leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bridge.leads.model import Lead
from bridge.leads.search import By, Order


class LeadDesk(Protocol):
    """Leads with all that hangs on them: `bridge.leads.desk.LeadDesk`."""

    async def find(
        self,
        by: By,
        value: str,
        *,
        lists_only: Sequence[int] | None = None,
        order: Order = "newest id",
        limit: int,
    ) -> Sequence[Lead]:
        """Leads whose field has exactly this value."""

    async def by_ids(self, ids: Iterable[int], limit: int) -> Sequence[Lead]:
        """The leads of these ids, the newest id first."""

    async def lists_of_campaign(self, campaign: str) -> Sequence[int]:
        """Ids of the lists of a campaign."""

    async def of_calls(self, status: str, begin: datetime, end: datetime, limit: int) -> Sequence[Lead]:
        """The leads of the calls of a time that ended with a status."""

    async def called(self, lead_id: int, limit: int) -> Sequence[Lead]:
        """A lead once for each of its calls."""


class Dnc(Protocol):
    """The do-not-call lists: `bridge.leads.service.Leads`."""

    async def add_dnc(self, number: str, *, campaign: str = "", by: str = "") -> bool:
        """Forbid a number or an area code; false if it was forbidden already (`InvalidLead`)."""

    async def remove_dnc(self, number: str, *, campaign: str = "") -> bool:
        """Allow a number or an area code again; false if it was not forbidden."""
