"""Commands about consents."""

from __future__ import annotations

from bridge.admin.command import Command, Parts, Reading
from bridge.audit.entry import Entry
from bridge.consent.model import Consent, Given
from bridge.consent.service import Consents


class AddConsent(Command[Consent | None], frozen=True, kw_only=True):
    """Write a consent down; nothing if there is no such lead."""

    lead_id: int
    given: Given

    def tell(self, entry: Entry) -> None:
        """Whose."""
        entry.on_lead(str(self.lead_id))

    async def do(self, parts: Parts) -> Consent | None:
        """See `Command`."""
        return await Consents(parts.db, parts.leads).add(self.lead_id, self.given, "cli")


class RevokeConsent(Command[int | None], frozen=True, kw_only=True):
    """Take back what was given for the numbers of a lead; how many, nothing if there is no such lead."""

    lead_id: int
    purpose: str
    how: str

    def tell(self, entry: Entry) -> None:
        """Whose."""
        entry.on_lead(str(self.lead_id))

    async def do(self, parts: Parts) -> int | None:
        """See `Command`."""
        found = Consents(parts.db, parts.leads)
        return await found.revoke(self.lead_id, purpose=self.purpose, how=self.how, by="cli")


class ListConsents(Reading[list[Consent]], frozen=True, kw_only=True):
    """All consents that came with a lead."""

    lead_id: int

    async def do(self, parts: Parts) -> list[Consent]:
        """See `Command`."""
        return await Consents(parts.db, parts.leads).of_lead(self.lead_id)
