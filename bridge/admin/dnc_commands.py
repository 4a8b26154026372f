"""Commands about numbers that must not be called."""

from __future__ import annotations

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry
from bridge.dnc.model import Stretch, Version
from bridge.dnc.service import DncLists
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


class BeginDncList(Command[Version], frozen=True, kw_only=True):
    """Begin a version of an imported list, or see how far it is."""

    new: Version

    def tell(self, entry: Entry) -> None:
        """Which list; once for all of its rows."""
        entry.on("dnc_list", self.new.name)

    async def do(self, parts: Parts) -> Version:
        """See `Command`."""
        return await DncLists(parts.db).begin(self.new)


class TakeDncRows(Command[Version], frozen=True, kw_only=True):
    """Take some of its rows in, all of them or none."""

    key: str
    stretch: Stretch

    @property
    def reads(self) -> bool:
        """It stands in the audit trail with its list's beginning."""
        return True

    async def do(self, parts: Parts) -> Version:
        """See `Command`."""
        return await DncLists(parts.db).take(self.key, self.stretch)


class WithdrawDncList(Command[bool], frozen=True, kw_only=True):
    """Let an imported list hold no more; false if there is none in force."""

    name: str

    def tell(self, entry: Entry) -> None:
        """Which list."""
        entry.on("dnc_list", self.name)

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await DncLists(parts.db).withdraw(self.name)


class ListDncVersions(Reading[list[Version]], frozen=True, kw_only=True):
    """Versions of imported lists, in the order in which they were begun."""

    after: int
    limit: Limit

    async def do(self, parts: Parts) -> list[Version]:
        """See `Command`."""
        return await DncLists(parts.db).versions(after=self.after, limit=self.limit)
