"""Commands about persons who are to be erased."""

from __future__ import annotations

from typing import ClassVar

from bridge.admin.command import Command, Parts, Reading
from bridge.audit.entry import Entry
from bridge.persons.model import Erased, Wish

SECONDS = 3600.0
"""All of the event log is looked through."""


class LookForPerson(Reading[Erased], frozen=True, kw_only=True):
    """What would be erased."""

    seconds: ClassVar[float] = SECONDS

    wish: Wish

    async def do(self, parts: Parts) -> Erased:
        """See `Command`."""
        return await parts.persons.look(self.wish)


class ErasePerson(Command[Erased], frozen=True, kw_only=True):
    """Erase a person."""

    seconds: ClassVar[float] = SECONDS

    wish: Wish

    def tell(self, entry: Entry) -> None:
        """Whose number, its last four digits."""
        entry.on_number(self.wish.number)

    async def do(self, parts: Parts) -> Erased:
        """See `Command`."""
        return await parts.persons.erase(self.wish)
