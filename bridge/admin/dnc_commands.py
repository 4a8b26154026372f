"""Commands about numbers that must not be called."""

from __future__ import annotations

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry
from bridge.leads.model import DncEntry


class AddDnc(Command[bool], frozen=True, kw_only=True):
    """Forbid a number; false if it was forbidden already."""

    number: str
    campaign: str

    def tell(self, entry: Entry) -> None:
        """Which number."""
        entry.on_number(self.number)

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await parts.leads.add_dnc(self.number, campaign=self.campaign, by="cli")


class RemoveDnc(Command[bool], frozen=True, kw_only=True):
    """Allow a number again; false if it was not forbidden."""

    number: str
    campaign: str

    def tell(self, entry: Entry) -> None:
        """Which number."""
        entry.on_number(self.number)

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await parts.leads.remove_dnc(self.number, campaign=self.campaign)


class ShowDnc(Reading[list[DncEntry]], frozen=True, kw_only=True):
    """What forbids a number."""

    number: str
    campaign: str

    async def do(self, parts: Parts) -> list[DncEntry]:
        """See `Command`."""
        return await parts.leads.dnc_hits(self.number, self.campaign)


class ListDnc(Reading[list[DncEntry]], frozen=True, kw_only=True):
    """Entries for all, or of one campaign, in the order of their numbers."""

    campaign: str
    after: str
    limit: Limit

    async def do(self, parts: Parts) -> list[DncEntry]:
        """See `Command`."""
        return await parts.leads.dnc(self.campaign, after=self.after, limit=self.limit)
