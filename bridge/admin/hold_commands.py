"""Commands about holds: that nobody is called, and what is looked at before somebody may be again."""

from __future__ import annotations

from bridge.admin.command import Command, Parts, Reading
from bridge.audit.entry import Entry
from bridge.calls import holds
from bridge.rules import Held


class ShowHolds(Reading[list[holds.Standing]], frozen=True, kw_only=True):
    """The holds that stand."""

    async def do(self, parts: Parts) -> list[holds.Standing]:
        """See `Command`."""
        async with parts.db.read() as conn:
            return await holds.in_full(conn)


class StartDraining(Command[bool], frozen=True, kw_only=True):
    """Begin nothing new; whether that was not so before."""

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await parts.db.write(lambda tx: holds.put(tx, Held.DRAINING))


class TakeHoldBack(Command[bool], frozen=True, kw_only=True):
    """Hold no longer for this reason; whether it was held."""

    reason: Held

    def tell(self, entry: Entry) -> None:
        """Which."""
        entry.on("hold", self.reason)

    async def do(self, parts: Parts) -> bool:
        """See `Command`."""
        return await parts.db.write(lambda tx: holds.take_back(tx, self.reason))
