"""The hopper of each campaign: leads that are dialled next, in their order, each of them once.

A row is there until the intent of its call is committed: that takes the row away in the same transaction,
and looks whether it still is what it was. What is ready is dialled as it stands (`ready`), which saves a
commit on the way of a lead that has just come in. What is filled in is pulled: it is `QUEUE` until then, and
whatever ends in between, `reclaim` gives it back. Nothing is lost, and nothing dialled twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from bridge.dialer import numbers, queries
from bridge.dialer.model import PRIORITIES, Entry, HopperRow, HopperStatus
from bridge.dialer.numbers import DialNumber
from bridge.events.catalogue import HopperAdded, HopperFilled, HopperHeld, HopperRemoved
from bridge.leads import dialled
from bridge.leads.model import Lead
from bridge.store.database import Database, Transaction

PAGE: Final = 1000
"""Most rows that one answer lists."""
MOST_HELD: Final = 20_000
"""Rows that wait for their hour with which no more are filled in: at night a list is not read to its end."""
FIRST: Final = (PRIORITIES.stop, 0)
"""Where a listing begins: before all rows."""
TOPIC: Final = "hopper"
"""Of the notices to other bridges: the campaign."""


class Hopper:
    """The hoppers of one store.

    Args:
        db: the open store.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[Callable[[str], object]] = []
        db.notices.hear(TOPIC, self._tell)

    def on_change(self, listener: Callable[[str], object]) -> None:
        """Call it with the campaign whenever a lead is there that may be dialled, by whichever bridge."""
        self._listeners.append(listener)

    # -- in and out

    async def insert(self, tx: Transaction, entry: Entry) -> int | None:
        """Put a lead in; who dials for the campaign is woken by the commit.

        Returns:
            The new row's id; `None` if the lead is in the hopper already, which stays as it is.
        """
        row_id = await queries.insert(tx.conn, entry, tx.now)
        if row_id is not None:
            event = HopperAdded(
                campaign=entry.campaign, lead_id=entry.lead_id, priority=entry.priority, source=entry.source
            )
            tx.emit(event)
            self._changed(tx, entry.campaign)
        return row_id

    async def remove(self, tx: Transaction, lead_id: int, why: str = "asked") -> HopperRow | None:
        """Take a lead out that nobody is about to dial; what was there.

        Returns:
            The row; still there, and not taken out, if its status is `QUEUE`.
        """
        row = await queries.of_lead_locked(tx.conn, lead_id)
        if row is not None and row.status is not HopperStatus.QUEUE:
            await queries.remove(tx.conn, row.id)
            tx.emit(HopperRemoved(campaign=row.campaign, lead_id=lead_id, why=why))
        return row

    async def flush(self, campaign: str) -> int:
        """Empty a campaign's hopper, but for what is just being dialled; how many rows went."""
        total = 0
        while gone := await self._db.write(lambda tx: queries.flush(tx.conn, campaign)):
            total += gone
        return total

    async def flush_list(self, campaign: str, list_id: int) -> int:
        """Take a list's leads out of a campaign's hopper, but for what is just being dialled; how many."""
        return await self._db.write(lambda tx: queries.flush_list(tx.conn, campaign, list_id))

    def wake(self, tx: Transaction, campaign: str) -> None:
        """Have the hopper of a campaign filled: more of its leads may be dialled, once this is committed."""
        self._changed(tx, campaign)

    async def fill(
        self, tx: Transaction, campaign: str, statuses: Sequence[str], level: int, most_calls: int = 0
    ) -> int:
        """Add leads of the campaign's active lists until `level` rows may be taken; how many were added.

        Those that were called too often are passed over until their list is reset.

        Args:
            tx: the transaction.
            campaign: its id.
            statuses: those of the leads that may be dialled.
            level: rows that are to be ready.
            most_calls: the campaign's `call_count_limit`.
        """
        missing = level - await queries.ready(tx.conn, campaign, level)
        if missing <= 0 or not statuses or await queries.held(tx.conn, campaign, MOST_HELD) >= MOST_HELD:
            return 0
        found = await queries.candidates(tx.conn, campaign, statuses, missing, tx.now)
        spent = {each.entry.lead_id for each in found if 0 < most_calls <= each.called_count}
        await dialled.pass_over(tx.conn, sorted(spent))
        added = 0
        for entry in (each.entry for each in found if each.entry.lead_id not in spent):
            # another bridge may have put one in meanwhile
            added += await queries.insert(tx.conn, entry, tx.now) is not None
        if added:
            tx.emit(HopperFilled(campaign=campaign, leads=added))
        if added or spent:  # behind those that were passed over there may be others
            self._changed(tx, campaign)
        return added

    # -- dialling

    async def ready(self, campaign: str, count: int, now: datetime) -> list[HopperRow]:
        """The next rows of a campaign as they stand, if no row that waits is due before them.

        Args:
            campaign: its id.
            count: at most so many.
            now: the present time.
        """
        async with self._db.read() as conn:
            due = await queries.first_due(conn, campaign)
            if due is not None and due <= now:
                return []
            return await queries.page(conn, campaign, HopperStatus.READY, FIRST, min(count, PAGE))

    async def pull(self, tx: Transaction, campaign: str, count: int, by: str) -> list[HopperRow]:
        """Take the next rows of a campaign, for the bridge of this name; nobody else is given them."""
        return await queries.pull(tx.conn, campaign, count, by, tx.now)

    async def unchanged(self, tx: Transaction, row: HopperRow) -> bool:
        """Whether a row still is what `ready` or `pull` gave; it stays so until the transaction ends."""
        found = await queries.locked(tx.conn, row.id)
        return found is not None and _holder(found) == _holder(row)

    async def done(self, tx: Transaction, row: HopperRow) -> bool:
        """Take a row away: its call's intent is written in this transaction, or it is not to be dialled."""
        return await queries.remove(tx.conn, row.id)

    async def drop(self, tx: Transaction, row: HopperRow, why: str) -> None:
        """Take a row away that is not dialled, and say why."""
        if await queries.remove(tx.conn, row.id):
            tx.emit(HopperRemoved(campaign=row.campaign, lead_id=row.lead_id, why=why))

    async def release(self, tx: Transaction, row: HopperRow) -> bool:
        """Give back a row that was pulled: it keeps its place."""
        return await queries.release(tx.conn, row.id)

    async def hold(self, tx: Transaction, row: HopperRow, until: datetime, why: str) -> bool:
        """Let a row wait: it may not be dialled before, by this rule; the first time that is told."""
        held = await queries.hold(tx.conn, row.id, until)
        if held and row.due_at is None:
            event = HopperHeld(campaign=row.campaign, lead_id=row.lead_id, why=why, until=until.isoformat())
            tx.emit(event)
        return held

    async def reclaim(self, tx: Transaction, campaign: str) -> int:
        """Give back what a bridge that is gone had pulled; only for the one that dials for the campaign."""
        return await queries.reclaim(tx.conn, campaign)

    async def due(self, tx: Transaction, campaign: str) -> int:
        """Make ready what has waited until now; how many rows."""
        return await queries.due(tx.conn, campaign, tx.now)

    # -- looking

    async def get(self, lead_id: int) -> HopperRow | None:
        """The row of a lead."""
        async with self._db.read() as conn:
            return await queries.of_lead(conn, lead_id)

    async def number(self, lead: Lead, alt: str) -> DialNumber | None:
        """The number of a lead that a row means by `alt`; `None` if she has none."""
        async with self._db.read() as conn:
            return await numbers.number(conn, lead, alt)

    async def first_due(self, campaign: str) -> datetime | None:
        """When the first of the rows that wait may be dialled."""
        async with self._db.read() as conn:
            return await queries.first_due(conn, campaign)

    async def page(
        self,
        campaign: str,
        *,
        status: HopperStatus = HopperStatus.READY,
        after: tuple[int, int] = FIRST,
        limit: int = PAGE,
    ) -> list[HopperRow]:
        """Rows of a campaign in the order in which they are dialled.

        Args:
            campaign: its id.
            status: of the rows.
            after: priority and id of the last row that was shown before.
            limit: at most so many, and never more than `PAGE`.
        """
        async with self._db.read() as conn:
            return await queries.page(conn, campaign, status, after, min(limit, PAGE))

    # -- inside

    def _changed(self, tx: Transaction, campaign: str) -> None:
        tx.after_commit(partial(self._tell, campaign))
        if self._db.shared:
            tx.notify(TOPIC, campaign)

    def _tell(self, campaign: str) -> None:
        for listener in self._listeners:
            listener(campaign)


def _holder(row: HopperRow) -> tuple[HopperStatus, str, datetime | None]:
    return row.status, row.user, row.taken_at
