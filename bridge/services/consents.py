"""What `/v1` needs of consents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bridge.consent.model import Consent, Given


class Consents(Protocol):
    """What customers have agreed to: `bridge.consent.service.Consents`."""

    async def add(self, lead_id: int, given: Given, by: str) -> Consent | None:
        """Write a consent down (`InvalidLead`); `None` if there is no such lead."""

    async def revoke(self, lead_id: int, *, purpose: str = "", how: str, by: str) -> int | None:
        """Take back what was given for the numbers of a lead; how many, `None` if there is no such lead."""

    async def of_lead(self, lead_id: int) -> Sequence[Consent]:
        """All that came with a lead, the newest first."""
