"""Taking versions of do-not-call lists in: the old one holds until the last row of the new one is in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from bridge.dnc import queries
from bridge.dnc.model import Stretch, Version
from bridge.events.catalogue import DncListChanged
from bridge.imports.errors import OutOfPlace, Unusable
from bridge.imports.queries import add_refusals
from bridge.leads.errors import InvalidLead
from bridge.store.database import Database, Transaction

PAGE: Final = 1000
"""Most versions that one answer gives."""
TRIM: Final = 500
"""Numbers that one transaction removes."""
SETTLED: Final = timedelta(hours=1)
"""After which nobody looks into a version any more that was replaced: a dial takes seconds."""


class DncLists:
    """The imported lists of one store.

    Args:
        db: the open store.
        clock: what time it is, aware.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._clock = clock

    async def begin(self, new: Version) -> Version:
        """Begin a version, or go on with it.

        Raises:
            InvalidLead: a field is wrong.
            Unusable: what is in force is newer, or this version was in force before.
        """
        now = self._clock()
        new.check(now.astimezone(UTC).date())

        async def work(tx: Transaction) -> Version:
            known = await queries.get(tx.conn, new.key)
            if known is not None and known.replaced_at is not None:
                raise Unusable(
                    f"version {new.version} was in force until {known.replaced_at:%Y-%m-%d %H:%M} UTC;"
                    " to take it in again, name it differently"
                )
            if known is not None:
                return known
            await _check_newer(tx, new)
            fresh = msgspec.structs.replace(
                new, position=0, numbers=0, refused=0, begun_at=now, in_force_at=None, replaced_at=None
            )
            await queries.add(tx.conn, fresh)
            return fresh

        return await self._db.write(work)

    async def take(self, key: str, stretch: Stretch) -> Version:
        """Take a stretch of rows in, once; with the last one the version is in force, and the one before not.

        A version in which nothing could be read does not get in force.

        Raises:
            OutOfPlace: the version is at another row.
            Unusable: what is in force by now is newer.
        """

        async def work(tx: Transaction) -> Version:
            if not await queries.advance(tx.conn, key, stretch.start, stretch.end):
                raise OutOfPlace(f"the import is not at row {stretch.start}: another process goes on with it")
            at = await queries.get(tx.conn, key)
            assert at is not None  # noqa: S101  it was just changed
            added = await queries.add_numbers(tx.conn, at.id, stretch.entries)
            await add_refusals(tx.conn, key, stretch.refused)
            counts = {"numbers": at.numbers + added, "refused": at.refused + len(stretch.refused)}
            await queries.change(tx.conn, at.id, **counts)
            at = msgspec.structs.replace(at, **counts)
            return await self._put_in_force(tx, at) if at.done and at.numbers else at

        return await self._db.write(work)

    async def _put_in_force(self, tx: Transaction, version: Version) -> Version:
        now = self._clock()
        await _check_newer(tx, version)
        before = await queries.in_force(tx.conn, version.name)
        if before is not None:
            await queries.change(tx.conn, before.id, replaced_at=now)
        await queries.change(tx.conn, version.id, in_force_at=now)
        tx.emit(_told(version))
        return msgspec.structs.replace(version, in_force_at=now)

    async def withdraw(self, name: str) -> bool:
        """Let a list hold no more; false if there is none in force of this name."""

        async def work(tx: Transaction) -> bool:
            found = await queries.in_force(tx.conn, name)
            if found is None:
                return False
            await queries.change(tx.conn, found.id, replaced_at=self._clock())
            tx.emit(msgspec.structs.replace(_told(found), state="withdrawn"))
            return True

        return await self._db.write(work)

    async def versions(self, *, after: int = 0, limit: int = PAGE) -> list[Version]:
        """All versions that are or were, in the order in which they were begun, at most `PAGE`."""
        async with self._db.read() as conn:
            return await queries.page(conn, after, min(limit, PAGE))

    async def holding(self, campaign: str) -> list[Version]:
        """The versions in force that hold for a campaign; empty: for all."""
        async with self._db.read() as conn:
            return await queries.holding(conn, campaign)

    async def trim(self, before: datetime) -> None:
        """Forget numbers that are in force no more, and what was left half taken in before a moment.

        Which versions there were, and when, stays.
        """
        now = self._clock()

        async def give_up(tx: Transaction) -> None:
            await queries.remove_refusals(tx.conn, before)
            await queries.abandon(tx.conn, before, now)

        await self._db.write(give_up)
        while await self._db.write(lambda tx: queries.remove_numbers(tx.conn, now - SETTLED, TRIM)):
            pass


async def _check_newer(tx: Transaction, new: Version) -> None:
    """A list never goes back to an older state, and never changes whom it holds for, by mistake."""
    now = await queries.in_force(tx.conn, new.name)
    if now is None:
        return
    if new.dated < now.dated:
        raise Unusable(f"list {new.name} is of {now.dated} already (version {now.version})")
    if new.campaign != now.campaign:
        whose = f"campaign {now.campaign}" if now.campaign else "all campaigns"
        raise InvalidLead("campaign", f"list {new.name} holds for {whose}: withdraw it, or name this one")


def _told(version: Version) -> DncListChanged:
    return DncListChanged(
        list=version.name,
        of_campaign=version.campaign,
        version=version.version,
        dated=version.dated.isoformat(),
        numbers=version.numbers,
        state="in_force",
    )
