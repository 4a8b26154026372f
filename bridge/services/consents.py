"""What `/v1` needs of consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bridge.consent.model import Consent, Given
from bridge.leads.model import NewLead


class Consents(Protocol):
    """What customers have agreed to: `bridge.consent.service.Consents`."""

    async def add(self, lead_id: int, given: Given, by: str) -> Consent | None:
        """Write a consent down (`InvalidLead`); `None` if there is no such lead."""

    async def add_lead(
        self, lead: NewLead, given: Given, by: str, *, campaign: str = "", called_at: datetime | None = None
    ) -> int:
        """Add a lead together with its consent, both or neither; its id (`InvalidLead`: of the consent)."""

    async def revoke(self, lead_id: int, *, purpose: str = "", how: str, by: str) -> int | None:
        """Take back what was given for the numbers of a lead; how many, `None` if there is no such lead."""

    async def of_lead(self, lead_id: int) -> Sequence[Consent]:
        """All that came with a lead, the newest first."""
