"""Callbacks: what an agent has promised a customer. One for each call, kept as soon as it is asked for."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from bridge.events.catalogue import LeadCallback
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, to_row
from bridge.store.schema import callbacks
from bridge.store.transaction import Transaction

ACTIVE: Final = "ACTIVE"
"""`state` of one that is not due; the others are `LIVE` and `INACTIVE`."""
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


_BY_CALL = Prepared(select(callbacks).where(callbacks.c.call_id == bindparam("of_call")))
_INSERT = Prepared(insert(callbacks), Callback.__struct_fields__)
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


async def drop(tx: Transaction, call_id: str) -> None:
    """Forget what was promised in a call: its disposition is another one now."""
    await tx.conn.execute(_DELETE, {"of_call": call_id})


async def of_lead(conn: Connection, lead_id: int, *, archived: bool) -> list[Callback]:
    """Callbacks of a lead, the oldest first: those that stand, or those of the archive."""
    query = select(callbacks).where(callbacks.c.lead_id == lead_id, callbacks.c.archived.is_(archived))
    rows = await conn.execute(query.order_by(callbacks.c.made_at, callbacks.c.call_id).limit(MOST))
    return [from_row(Callback, row) for row in rows]


async def of_call(conn: Connection, call_id: str) -> Callback | None:
    """What was promised in a call."""
    row = (await conn.execute(_BY_CALL, {"of_call": call_id})).first()
    return None if row is None else from_row(Callback, row)
