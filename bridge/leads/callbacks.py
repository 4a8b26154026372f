"""Callbacks: what an agent has promised a customer. One for each call, kept as soon as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update

from bridge.events.catalogue import LeadCallback
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, to_row
from bridge.store.schema import callbacks, leads
from bridge.store.transaction import Transaction

ACTIVE: Final = "ACTIVE"
"""`state` of one that is not due; the others are `LIVE` and `INACTIVE`."""
INACTIVE: Final = "INACTIVE"
"""`state` of one that was taken back."""
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
    archived: bool = False


class Place(NamedTuple):
    """Where a callback stands: by its time, those without one behind all others."""

    due_at: datetime | None
    call_id: str


FIRST: Final = Place(datetime.min.replace(tzinfo=UTC), "")
"""Before all of them."""
_BY_CALL = Prepared(select(callbacks).where(callbacks.c.call_id == bindparam("of_call")))
_INSERT = Prepared(insert(callbacks), Callback.__struct_fields__)
_LOCKED = Prepared(select(callbacks).where(callbacks.c.call_id == bindparam("of_call")).with_for_update())
_DELETE = Prepared(delete(callbacks).where(callbacks.c.call_id == bindparam("of_call")))


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
    await drop(tx, callback.call_id)
    await tx.conn.execute(_INSERT, to_row(callback))
    _tell(tx, callback)


def _tell(tx: Transaction, callback: Callback) -> None:
    if callback.lead_id is not None:
        due = callback.due_at.isoformat() if callback.due_at else ""
        event = LeadCallback(
            lead_id=callback.lead_id,
            call_id=callback.call_id,
            campaign=callback.campaign,
            user=callback.user,
            status=callback.status,
            due_at=due,
        )
        tx.emit(event)


async def change(tx: Transaction, call_id: str, wish: ChangedCallback) -> Callback | None:
    """Change one that stands, and say so to those who listen; `None`: it does not stand, or no more."""
    known = await _standing(tx.conn, call_id)
    values = wish.values()
    if known is None or not values:
        return known
    values["made_at"] = tx.now
    await tx.conn.execute(update(callbacks).where(callbacks.c.call_id == call_id).values(values))
    changed = msgspec.structs.replace(known, **values)
    _tell(tx, changed)
    return changed


async def take_back(tx: Transaction, call_id: str) -> bool:
    """Put one that stands into the archive; false if it does not stand, or no more."""
    if await _standing(tx.conn, call_id) is None:
        return False
    gone = update(callbacks).where(callbacks.c.call_id == call_id)
    await tx.conn.execute(gone.values(archived=True, state=INACTIVE))
    return True


async def _standing(conn: Connection, call_id: str) -> Callback | None:
    row = (await conn.execute(_LOCKED, {"of_call": call_id})).first()
    return None if row is None or row.archived else from_row(Callback, row)


async def drop(tx: Transaction, call_id: str) -> None:
    """Forget what was promised in a call: its disposition is another one now."""
    await tx.conn.execute(_DELETE, {"of_call": call_id})


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
    found: list[ColumnElement[bool]] = [callbacks.c.archived.is_(wanted.archived)]
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
