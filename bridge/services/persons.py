"""What the APIs need for erasing persons."""

from __future__ import annotations

from typing import Protocol

from bridge.persons.model import Erased, Reach, Wish


class Persons(Protocol):
    """Erases what is on record of a person: `bridge.persons.service.Persons`."""

    async def reach(self, wish: Wish) -> Reach:
        """The lists and campaigns in which she is (`InvalidLead`)."""

    async def look(self, wish: Wish) -> Erased:
        """What would be erased (`InvalidLead`)."""

    async def erase(self, wish: Wish) -> Erased:
        """Erase her (`InvalidLead`, `PersonBusy`)."""
