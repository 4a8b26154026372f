"""The SQL of the hopper. Each statement reads as many rows as it gives, however many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    BindParameter,
    Row,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bridge.dialer.model import Entry, HopperRow, HopperStatus, Source
from bridge.leads.next import NOT_CALLED
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, to_row
from bridge.store.schema import hopper, leads, lists

CHUNK: Final = 5000
"""Rows that one transaction takes away at most, when many go."""

_DIALECTS: Final = {"sqlite": sqlite, "postgresql": postgresql}
_INSERTED: Final = (*Entry.__struct_fields__, "status", "created_at")
_INSERT: Final = {
    name: Prepared(
        dialect.insert(hopper).on_conflict_do_nothing(index_elements=["lead_id"]).returning(hopper.c.id),
        _INSERTED,
    )
    for name, dialect in _DIALECTS.items()
}
_OF_LEAD = Prepared(select(hopper).where(hopper.c.lead_id == bindparam("of_lead")))
_OF_LEAD_LOCKED = Prepared(select(hopper).where(hopper.c.lead_id == bindparam("of_lead")).with_for_update())
_REMOVE = Prepared(delete(hopper).where(hopper.c.id == bindparam("of_id")))
_FREE_OF_LEAD = Prepared(
    delete(hopper).where(hopper.c.lead_id == bindparam("of_lead"), hopper.c.status != HopperStatus.QUEUE)
)


def _of(status: HopperStatus) -> tuple[Any, ...]:
    """A campaign's rows of a status, which is said aloud: a database need not guess which index to use."""
    return (
        hopper.c.campaign == bindparam("of_campaign"),
        hopper.c.status == literal_column(f"'{status.value}'"),
    )


_ORDER: Final = (hopper.c.priority.desc(), hopper.c.id)
_LIMIT: Final[BindParameter[int]] = bindparam("at_most")
_NEXT = Prepared(
    select(hopper)
    .where(*_of(HopperStatus.READY))
    .order_by(*_ORDER)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_TAKE = Prepared(
    update(hopper)
    .where(hopper.c.id == bindparam("of_id"))
    .values(status=HopperStatus.QUEUE.value, user=bindparam("by"), taken_at=bindparam("at"))
)
_LOCKED = Prepared(select(hopper).where(hopper.c.id == bindparam("of_id")).with_for_update())
_RELEASE = Prepared(
    update(hopper)
    .where(hopper.c.id == bindparam("of_id"), hopper.c.status == HopperStatus.QUEUE.value)
    .values(status=HopperStatus.READY.value, user="", taken_at=None)
)
_RECLAIM = Prepared(
    update(hopper)
    .where(*_of(HopperStatus.QUEUE))
    .values(status=HopperStatus.READY.value, user="", taken_at=None)
)
_HOLD = Prepared(
    update(hopper)
    .where(hopper.c.id == bindparam("of_id"))
    .values(status=HopperStatus.HOLD.value, user="", taken_at=None, due_at=bindparam("due"))
)
_DUE = Prepared(
    update(hopper)
    .where(*_of(HopperStatus.HOLD), hopper.c.due_at <= bindparam("at"))
    .values(status=HopperStatus.READY.value)
)
_FIRST_DUE = Prepared(select(func.min(hopper.c.due_at).label("due_at")).where(*_of(HopperStatus.HOLD)))


def _counted(*which: Any) -> Prepared:
    return Prepared(
        select(func.count()).select_from(select(hopper.c.id).where(*which).limit(_LIMIT).subquery())
    )


_READY = _counted(*_of(HopperStatus.READY))
_HELD = _counted(*_of(HopperStatus.HOLD), hopper.c.source == literal_column(f"'{Source.STANDARD.value}'"))
_SAME: Final = (hopper.c.priority == bindparam("after_priority"), hopper.c.id > bindparam("after_id"))
_LOWER: Final = (hopper.c.priority < bindparam("after_priority"),)
_PAGES = {
    status: [
        Prepared(select(hopper).where(*_of(status), *behind).order_by(*_ORDER).limit(_LIMIT))
        for behind in (_SAME, _LOWER)
    ]
    for status in HopperStatus
}
"""Two ranges of the index: with an OR, all that was shown before would be read again."""
_CHUNK = (
    select(hopper.c.id)
    .where(hopper.c.campaign == bindparam("of_campaign"))
    .where(hopper.c.status.in_([HopperStatus.READY.value, HopperStatus.HOLD.value]))
    .limit(CHUNK)
)
_OF_LIST = (
    delete(hopper)
    .where(hopper.c.campaign == bindparam("of_campaign"), hopper.c.list_id == bindparam("of_list"))
    .where(hopper.c.status.in_([HopperStatus.READY.value, HopperStatus.HOLD.value]))
)
_FLUSH = delete(hopper).where(hopper.c.id.in_(_CHUNK))

_LISTS = Prepared(
    select(lists.c.id)
    .where(
        lists.c.campaign == bindparam("of_campaign"),
        lists.c.active.is_(True),
        or_(lists.c.expires_at.is_(None), lists.c.expires_at > bindparam("at")),
    )
    .order_by(lists.c.id)
)
_CANDIDATES = Prepared(
    select(leads.c.id, leads.c.list_id, leads.c.rank, leads.c.called_count)
    .where(
        leads.c.list_id == bindparam("of_list"),
        leads.c.status == bindparam("with_status"),
        leads.c.called_since_last_reset == NOT_CALLED,
        ~exists().where(hopper.c.lead_id == leads.c.id),
    )
    .order_by(leads.c.rank.desc(), leads.c.id)
    .limit(_LIMIT)
)


async def insert(conn: Connection, entry: Entry, now: datetime) -> int | None:
    """A new row; its id, or `None` if the lead is in the hopper."""
    status = HopperStatus.HOLD if entry.due_at is not None and entry.due_at > now else HopperStatus.READY
    values = to_row(entry) | {"status": status.value, "created_at": now}
    found: int | None = (await conn.execute(_INSERT[conn.dialect.name], values)).scalar()
    return found


async def of_lead(conn: Connection, lead_id: int) -> HopperRow | None:
    """The row of a lead."""
    row = (await conn.execute(_OF_LEAD, {"of_lead": lead_id})).first()
    return None if row is None else _row(row)


async def of_lead_locked(conn: Connection, lead_id: int) -> HopperRow | None:
    """The same, kept from other writers until the transaction ends."""
    row = (await conn.execute(_OF_LEAD_LOCKED, {"of_lead": lead_id})).first()
    return None if row is None else _row(row)


async def remove(conn: Connection, row_id: int) -> bool:
    """Delete a row, whatever its status; false if there is none."""
    return (await conn.execute(_REMOVE, {"of_id": row_id})).rowcount == 1


async def pull(conn: Connection, campaign: str, count: int, by: str, now: datetime) -> list[HopperRow]:
    """Take the next rows; nobody else gets them, and nobody waits for another who pulls."""
    found = await conn.execute(_NEXT, {"of_campaign": campaign, "at_most": count})
    now_ours = {"status": HopperStatus.QUEUE, "user": by, "taken_at": now}
    rows = [msgspec.structs.replace(_row(row), **now_ours) for row in found]
    if rows:
        await conn.execute(_TAKE, [{"of_id": row.id, "by": by, "at": now} for row in rows])
    return rows


async def locked(conn: Connection, row_id: int) -> HopperRow | None:
    """A row, kept from other writers until the transaction ends."""
    row = (await conn.execute(_LOCKED, {"of_id": row_id})).first()
    return None if row is None else _row(row)


async def release(conn: Connection, row_id: int) -> bool:
    """Give back a row that was pulled."""
    return (await conn.execute(_RELEASE, {"of_id": row_id})).rowcount == 1


async def reclaim(conn: Connection, campaign: str) -> int:
    """Give back all rows that were pulled for a campaign; how many."""
    return (await conn.execute(_RECLAIM, {"of_campaign": campaign})).rowcount


async def hold(conn: Connection, row_id: int, until: datetime) -> bool:
    """Let a row wait until then."""
    return (await conn.execute(_HOLD, {"of_id": row_id, "due": until})).rowcount == 1


async def due(conn: Connection, campaign: str, now: datetime) -> int:
    """Make ready what has waited long enough; how many rows."""
    return (await conn.execute(_DUE, {"of_campaign": campaign, "at": now})).rowcount


async def first_due(conn: Connection, campaign: str) -> datetime | None:
    """When the first of those that wait may be dialled."""
    found: datetime | None = (await conn.execute(_FIRST_DUE, {"of_campaign": campaign})).scalar()
    return found


async def ready(conn: Connection, campaign: str, most: int) -> int:
    """How many rows may be taken now, counted up to `most`."""
    return await _count(conn, _READY, campaign, most)


async def held(conn: Connection, campaign: str, most: int) -> int:
    """How many leads of the lists wait for their hour, counted up to `most`."""
    return await _count(conn, _HELD, campaign, most)


async def _count(conn: Connection, query: Prepared, campaign: str, most: int) -> int:
    return int((await conn.execute(query, {"of_campaign": campaign, "at_most": most})).scalar_one())


async def counts(conn: Connection, campaigns: Collection[str]) -> Mapping[tuple[str, HopperStatus], int]:
    """How many rows these campaigns have of each status."""
    query = (
        select(hopper.c.campaign, hopper.c.status, func.count().label("rows"))
        .where(hopper.c.campaign.in_(campaigns))
        .group_by(hopper.c.campaign, hopper.c.status)
    )
    found = await conn.execute(query)
    return {(row.campaign, HopperStatus(row.status)): int(row.rows) for row in found}


async def page(
    conn: Connection, campaign: str, status: HopperStatus, after: tuple[int, int], limit: int
) -> list[HopperRow]:
    """Rows of a status in the order in which they are dialled, behind one of this priority and id."""
    found: list[HopperRow] = []
    for query in _PAGES[status]:
        values = {"of_campaign": campaign, "after_priority": after[0], "after_id": after[1]}
        rows = await conn.execute(query, values | {"at_most": limit - len(found)})
        found += [_row(row) for row in rows]
        if len(found) == limit:
            break
    return found


async def flush(conn: Connection, campaign: str) -> int:
    """Take away some rows of a campaign that nobody is dialling, `CHUNK` at most; how many."""
    return (await conn.execute(_FLUSH, {"of_campaign": campaign})).rowcount


async def flush_list(conn: Connection, campaign: str, list_id: int) -> int:
    """Take away a campaign's rows of one list that nobody is dialling; how many."""
    return (await conn.execute(_OF_LIST, {"of_campaign": campaign, "of_list": list_id})).rowcount


class Candidate(NamedTuple):
    """A lead of a list that may be dialled."""

    entry: Entry
    called_count: int


async def candidates(
    conn: Connection, campaign: str, statuses: Sequence[str], most: int, now: datetime
) -> list[Candidate]:
    """Leads of the campaign's active lists that may be dialled and are not in the hopper yet.

    Highest rank first, then the oldest.

    Args:
        conn: any.
        campaign: whose lists.
        statuses: those of the leads; what was called since the last reset of its list is not given.
        most: how many at most; of each list and status not more are read.
        now: the present time: leads of a list that has expired are none.
    """
    found: list[Any] = []
    for of_list in (await conn.execute(_LISTS, {"of_campaign": campaign, "at": now})).scalars():
        for status in dict.fromkeys(statuses):
            values = {"of_list": of_list, "with_status": status, "at_most": most}
            found += list(await conn.execute(_CANDIDATES, values))
    found.sort(key=lambda row: (-row.rank, row.id))
    return [
        Candidate(Entry(lead_id=row.id, campaign=campaign, list_id=row.list_id), row.called_count)
        for row in found[:most]
    ]


def _row(row: Row[Any]) -> HopperRow:
    return from_row(HopperRow, row)
