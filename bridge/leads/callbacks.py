"""Callbacks: what an agent has promised a customer. One for each call, kept as soon as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update

from bridge.leads import callback_news
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, to_row
from bridge.store.schema import callbacks, leads
from bridge.store.transaction import Transaction

ACTIVE: Final = "ACTIVE"
"""`state` of one that is not due."""
LIVE: Final = "LIVE"
"""`state` of one that is due."""
INACTIVE: Final = "INACTIVE"
"""`state` of one that stands no more: it was taken back, or it is done."""
MOST: Final = 1000
"""Callbacks of one lead that are listed."""
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """A customer is to be called again."""

    call_id: str
    lead_id: int | None
    campaign: str
    user: str
    """The agent who has to do it; empty: any agent may."""
    status: str
    asked: str
    """When, as the caller wrote it."""
    due_at: datetime | None
    """When, as a moment; `None` if what the caller wrote is none."""
    comments: str
    made_at: datetime
    list_id: int = 0
    """That of the lead when it was made; 0: not noted."""
    state: str = ACTIVE
    made_by: str = ""
    """The agent who had promised it, or the API user who has asked for it."""
    archived: bool = False
    """It stands no more."""
    done_call: str = ""
    """The call that has kept the promise; empty: none has."""


class ChangedCallback(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different of a callback that is there; `None`: it stays."""

    campaign: str | None = None
    at: str | None = None
    due_at: datetime | None = None
    """Goes with `at`."""
    user: str | None = None
    """Empty: any agent may do it."""
    status: str | None = None
    comments: str | None = None

    def values(self) -> dict[str, Any]:
        """By the names of `Callback`."""
        told = {"campaign": self.campaign, "user": self.user, "status": self.status}
        told |= {"comments": self.comments, "asked": self.at}
        values: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        return values | ({"due_at": self.due_at} if self.at is not None else {})


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which callbacks are looked for: those of which all that is said here holds."""

    user: str = ""
    anyone: bool | None = None
    """Those that any agent may do, or those that one has to."""
    campaign: str = ""
    list_id: int | None = None
    """That of their leads as it is now."""
    lead_id: int | None = None
    status: str = ""
    since: datetime | None = None
    """Due at this moment, or later."""
    until: datetime | None = None
    """Due before."""
    taken_back: bool = False
    """Not those that stand, but those that were taken back."""
    done: bool = False
    """Not those that stand, but those that are done; with `taken_back`, both."""


class Place(NamedTuple):
    """Where a callback stands: by its time, those without one behind all others."""

    due_at: datetime | None
    call_id: str


FIRST: Final = Place(datetime.min.replace(tzinfo=UTC), "")
"""Before all of them."""
_BY_CALL = Prepared(select(callbacks).where(callbacks.c.call_id == bindparam("of_call")))
_INSERT = Prepared(insert(callbacks), Callback.__struct_fields__)
_LOCKED = Prepared(select(callbacks).where(callbacks.c.call_id == bindparam("of_call")).with_for_update())
_DELETE = Prepared(
    delete(callbacks).where(callbacks.c.call_id == bindparam("of_call")).returning(*callbacks.c)
)
_OF_LEAD_LOCKED = Prepared(
    select(callbacks)
    .where(callbacks.c.lead_id == bindparam("of_lead"), callbacks.c.archived.is_(False))
    .order_by(callbacks.c.made_at, callbacks.c.call_id)
    .with_for_update()
)
_ARCHIVE = Prepared(
    update(callbacks)
    .where(callbacks.c.call_id == bindparam("of_call"))
    .values(archived=True, state=INACTIVE, done_call=bindparam("by_call"))
)


def moment(text: str, zone: tzinfo) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS` (or without seconds) on the clocks of a zone; `None` for anything else."""
    for form in _FORMATS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None


async def put(tx: Transaction, callback: Callback) -> None:
    """Keep it in the place of what was promised in this call before, and say so to those who listen."""
    before = await _delete_one(tx.conn, callback.call_id)
    await tx.conn.execute(_INSERT, to_row(callback))
    if before is None:
        callback_news.made(tx, callback)
    else:
        callback_news.changed(tx, before, callback)


async def change(tx: Transaction, call_id: str, wish: ChangedCallback) -> Callback | None:
    """Change one that stands, and say so to those who listen; `None`: it does not stand, or no more.

    With another time, or another agent, it is told anew when it is due.
    """
    known = await _standing(tx.conn, call_id)
    values = wish.values()
    if known is None or not values:
        return known
    values["made_at"] = tx.now
    if any(values.get(name, getattr(known, name)) != getattr(known, name) for name in ("due_at", "user")):
        values["state"] = ACTIVE
    await tx.conn.execute(update(callbacks).where(callbacks.c.call_id == call_id).values(values))
    after = msgspec.structs.replace(known, **values)
    callback_news.changed(tx, known, after)
    return after


async def take_back(tx: Transaction, call_id: str) -> bool:
    """Put one that stands into the archive; false if it does not stand, or no more."""
    known = await _standing(tx.conn, call_id)
    if known is None:
        return False
    await tx.conn.execute(_ARCHIVE, {"of_call": call_id, "by_call": ""})
    callback_news.removed(tx, known, "taken_back")
    return True


async def take_back_all(tx: Transaction, lead_id: int) -> int:
    """Put all that stand for a lead into the archive; how many."""
    found = await standing(tx.conn, lead_id)
    return [await take_back(tx, one.call_id) for one in found].count(True)


async def done(tx: Transaction, callback: Callback, call_id: str) -> None:
    """Put one that stands into the archive: this call has kept the promise."""
    await tx.conn.execute(_ARCHIVE, {"of_call": callback.call_id, "by_call": call_id})


async def standing(conn: Connection, lead_id: int) -> list[Callback]:
    """Those that stand for a lead, kept from other writers until the transaction ends; the oldest first."""
    rows = await conn.execute(_OF_LEAD_LOCKED, {"of_lead": lead_id})
    return [from_row(Callback, row) for row in rows]


async def _standing(conn: Connection, call_id: str) -> Callback | None:
    row = (await conn.execute(_LOCKED, {"of_call": call_id})).first()
    return None if row is None or row.archived else from_row(Callback, row)


async def drop(tx: Transaction, call_id: str) -> None:
    """Forget what was promised in a call: its disposition is another one now."""
    before = await _delete_one(tx.conn, call_id)
    if before is not None:
        callback_news.removed(tx, before, "disposition")


async def forget(tx: Transaction, lead_ids: Sequence[int]) -> int:
    """Forget those of leads that are deleted; how many. Told of those that one agent has to do."""
    gone = delete(callbacks).where(callbacks.c.lead_id.in_(lead_ids)).returning(*callbacks.c)
    found = [from_row(Callback, row) for row in await tx.conn.execute(gone)]
    for one in found:
        if one.user and not one.archived:
            callback_news.removed(tx, one, "deleted")
    return len(found)


async def _delete_one(conn: Connection, call_id: str) -> Callback | None:
    """Delete one; what it was, if it stood."""
    row = (await conn.execute(_DELETE, {"of_call": call_id})).first()
    return None if row is None or row.archived else from_row(Callback, row)


async def of_lead(conn: Connection, lead_id: int, *, archived: bool) -> list[Callback]:
    """Callbacks of a lead, the oldest first: those that stand, or those of the archive."""
    query = select(callbacks).where(callbacks.c.lead_id == lead_id, callbacks.c.archived.is_(archived))
    rows = await conn.execute(query.order_by(callbacks.c.made_at, callbacks.c.call_id).limit(MOST))
    return [from_row(Callback, row) for row in rows]


async def page(conn: Connection, wanted: Wanted, after: Place, limit: int) -> list[Callback]:
    """Callbacks behind a place: the first to be done first, those without a time last."""
    found: list[Callback] = []
    if after.due_at is not None:
        due = callbacks.c.due_at
        behind = (due > after.due_at) | (callbacks.c.call_id > after.call_id)
        found = await _page(conn, wanted, (due >= after.due_at, behind), limit)
        after = Place(None, "")
    if len(found) < limit and wanted.since is None and wanted.until is None:
        where = (callbacks.c.due_at.is_(None), callbacks.c.call_id > after.call_id)
        found += await _page(conn, wanted, where, limit - len(found))
    return found


async def _page(
    conn: Connection, wanted: Wanted, behind: Sequence[ColumnElement[bool]], limit: int
) -> list[Callback]:
    query = select(callbacks).where(*behind, *_conditions(wanted))
    rows = await conn.execute(query.order_by(callbacks.c.due_at, callbacks.c.call_id).limit(limit))
    return [from_row(Callback, row) for row in rows]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    same = {name: getattr(wanted, name) for name in ("user", "campaign", "status", "lead_id")}
    found: list[ColumnElement[bool]] = [callbacks.c.archived.is_(wanted.taken_back or wanted.done)]
    if wanted.taken_back != wanted.done:
        is_done = callbacks.c.done_call != ""
        found += [is_done if wanted.done else ~is_done]
    found += [callbacks.c[name] == value for name, value in same.items() if value]
    if wanted.anyone is not None:
        found.append((callbacks.c.user == "") if wanted.anyone else (callbacks.c.user != ""))
    if wanted.list_id is not None:
        own = select(leads.c.id).where(leads.c.id == callbacks.c.lead_id, leads.c.list_id == wanted.list_id)
        found.append(own.exists())
    if wanted.since is not None:
        found.append(callbacks.c.due_at >= wanted.since)
    if wanted.until is not None:
        found.append(callbacks.c.due_at < wanted.until)
    return found


async def of_call(conn: Connection, call_id: str) -> Callback | None:
    """What was promised in a call."""
    row = (await conn.execute(_BY_CALL, {"of_call": call_id})).first()
    return None if row is None else from_row(Callback, row)
