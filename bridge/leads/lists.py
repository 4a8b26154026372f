"""What is done with a list as a whole: counted, reset, emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import Table, bindparam, delete, exists, func, literal_column, select, update

from bridge.dialer.hopper import Hopper
from bridge.dialer.model import HopperStatus
from bridge.events.catalogue import LeadsRemoved, ListReset
from bridge.leads.callbacks import forget
from bridge.leads.model import LeadList
from bridge.leads.next import NOT_CALLED
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.prepared import Prepared
from bridge.store.schema import alt_numbers, archived_leads, hopper, leads, lists

CHUNK: Final = 2000
"""Leads that one transaction changes or takes away at most: others wait no longer than for these."""

_FACTS = Prepared(
    select(lists.c.changed_at, lists.c.called_at, lists.c.resets, lists.c.reset_at).where(
        lists.c.id == bindparam("of_list")
    )
)
_NEXT_STATUS = Prepared(
    select(func.min(leads.c.status)).where(
        leads.c.list_id == bindparam("of_list"), leads.c.status > bindparam("after")
    )
)
_OF_STATUS: Final = (
    leads.c.list_id == bindparam("of_list"),
    leads.c.status == bindparam("with_status"),
)
_CALLED: Final = leads.c.called_since_last_reset > literal_column(f"'{NOT_CALLED}'")
"""Y, as a range of the index `ix_leads_next`."""
_COUNT = Prepared(select(func.count()).where(*_OF_STATUS))
_COUNT_NOT_CALLED = Prepared(
    select(func.count()).where(*_OF_STATUS, leads.c.called_since_last_reset == NOT_CALLED)
)
_RESET = Prepared(
    update(leads)
    .where(leads.c.id.in_(select(leads.c.id).where(*_OF_STATUS, _CALLED).limit(CHUNK)))
    .values(called_since_last_reset=NOT_CALLED)
)


class ListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a list. Times are aware and in UTC."""

    changed_at: datetime | None
    called_at: datetime | None
    """When one of its leads was called last, to the minute."""
    resets_today: int


class ListCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many leads a list has."""

    all: int
    new: int
    """Of status `NEW`."""
    statuses: Mapping[str, int] = {}


class ListDesk:
    """The lists of one store, as wholes. What they are set to is the site's.

    Args:
        db: the open store.
        hopper: has the leads that are dialled next.
        zone: the site's: its days are those of `resets_today`.
    """

    def __init__(self, db: Database, hopper_: Hopper, zone: tzinfo) -> None:
        self._db = db
        self._hopper = hopper_
        self._zone = zone

    async def facts(self, list_id: int, now: datetime) -> ListFacts | None:
        """What has become of a list; `None` if there is none."""
        async with self._db.read() as conn:
            row = (await conn.execute(_FACTS, {"of_list": list_id})).first()
        if row is None:
            return None
        today = self._is_today(row.reset_at, now)
        return ListFacts(
            changed_at=row.changed_at, called_at=row.called_at, resets_today=row.resets if today else 0
        )

    async def counts(self, list_id: int) -> ListCounts:
        """How many leads it has; read from an index of it alone."""
        async with self._db.read() as conn:
            found = {
                status: await _count(conn, _COUNT, list_id, status)
                for status in await _statuses(conn, list_id)
            }
        return ListCounts(all=sum(found.values()), new=found.get("NEW", 0), statuses=found)

    async def dialable(self, list_id: int, statuses: Sequence[str]) -> int:
        """How many of its leads have one of these statuses and were not called since its last reset."""
        async with self._db.read() as conn:
            return sum(
                [await _count(conn, _COUNT_NOT_CALLED, list_id, status) for status in dict.fromkeys(statuses)]
            )

    async def reset(self, list_id: int, campaign: str) -> int:
        """Let all its leads be dialled again; how many had been called.

        Args:
            list_id: the list.
            campaign: its campaign, whose hopper is filled from it.
        """
        total = 0
        async with self._db.read() as conn:
            statuses = await _statuses(conn, list_id)
        for status in statuses:
            while some := await self._db.write(partial(_reset, list_id=list_id, status=status)):
                total += some

        async def work(tx: Transaction) -> None:
            await self._count_reset(tx, list_id)
            tx.emit(ListReset(list_id=list_id, campaign=campaign, leads=total))
            if campaign:
                self._hopper.wake(tx, campaign)

        await self._db.write(work)
        return total

    async def delete_leads(self, list_id: int, *, archived: bool = False) -> int:
        """Take away its leads with all that hangs on them, but for those that are just being dialled.

        Args:
            list_id: the list, which may be gone itself.
            archived: those of the archive instead.
        """
        total = 0
        remove = _remove_archived if archived else _remove
        while some := await self._db.write(lambda tx: remove(tx, list_id)):
            total += some
        return total

    async def leave_hopper(self, list_id: int, campaign: str) -> int:
        """Take its leads out of the hopper of a campaign, but for those that are just being dialled."""
        return await self._hopper.flush_list(campaign, list_id)

    async def empty_hopper(self, campaign: str) -> int:
        """Take away all that a campaign would dial next, but for what is just being dialled."""
        return await self._hopper.flush(campaign)

    def _is_today(self, at: datetime | None, now: datetime) -> bool:
        return at is not None and at.astimezone(self._zone).date() == now.astimezone(self._zone).date()

    async def _count_reset(self, tx: Transaction, list_id: int) -> None:
        row = (await tx.conn.execute(_FACTS, {"of_list": list_id})).first()
        if row is not None:
            before = row.resets if self._is_today(row.reset_at, tx.now) else 0
            values = {"resets": before + 1, "reset_at": tx.now}
            await tx.conn.execute(update(lists).where(lists.c.id == list_id).values(values))


def leaves_hopper(old: LeadList, new: LeadList, now: datetime) -> bool:
    """Whether a list's leads are no more to be dialled for the campaign that it was of."""
    has_expired = new.expires_at is not None and new.expires_at <= now
    return bool(old.campaign) and (new.campaign != old.campaign or not new.active or has_expired)


async def _statuses(conn: Connection, list_id: int) -> list[str]:
    """The statuses of its leads: one look into the index for each."""
    found: list[str] = []
    after = ""
    while True:
        values = {"of_list": list_id, "after": after}
        status: str | None = (await conn.execute(_NEXT_STATUS, values)).scalar()
        if status is None:
            return found
        found.append(status)
        after = status


async def _count(conn: Connection, query: Prepared, list_id: int, status: str) -> int:
    return int((await conn.execute(query, {"of_list": list_id, "with_status": status})).scalar_one())


async def _reset(tx: Transaction, *, list_id: int, status: str) -> int:
    return (await tx.conn.execute(_RESET, {"of_list": list_id, "with_status": status})).rowcount


async def _ids(conn: Connection, table: Table, list_id: int, *where: Any) -> list[int]:
    query = select(table.c.id).where(table.c.list_id == list_id, *where).limit(CHUNK)
    return list((await conn.execute(query)).scalars())


async def _remove(tx: Transaction, list_id: int) -> int:
    taken = exists().where(hopper.c.lead_id == leads.c.id, hopper.c.status == HopperStatus.QUEUE.value)
    ids = await _ids(tx.conn, leads, list_id, ~taken)
    if not ids:
        return 0
    await forget(tx, ids)
    for table in (hopper, alt_numbers):
        await tx.conn.execute(delete(table).where(table.c.lead_id.in_(ids)))
    gone = (await tx.conn.execute(delete(leads).where(leads.c.id.in_(ids)))).rowcount
    tx.emit(LeadsRemoved(list_id=list_id, leads=gone))
    return gone


async def _remove_archived(tx: Transaction, list_id: int) -> int:
    ids = await _ids(tx.conn, archived_leads, list_id)
    if not ids:
        return 0
    return (await tx.conn.execute(delete(archived_leads).where(archived_leads.c.id.in_(ids)))).rowcount
