"""Changing a lead with all that hangs on it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any

import msgspec
from sqlalchemy import delete, insert, literal, or_, select, update

from bridge.dialer.hopper import Hopper
from bridge.dialer.model import HopperStatus
from bridge.events.catalogue import LeadRemoved
from bridge.leads import queries
from bridge.leads.adding import ToCallBack, ToHopper, call_back, to_hopper
from bridge.leads.callbacks import ChangedCallback, forget, standing, take_back_all
from bridge.leads.callbacks import change as change_callback
from bridge.leads.model import Lead
from bridge.leads.service import Leads
from bridge.store.connection import Connection
from bridge.store.schema import alt_numbers, archived_leads, leads
from bridge.store.transaction import Transaction


class Changing(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a lead."""

    lead_id: int
    archived: bool = False
    """The lead is one of the archive."""
    fields: Mapping[str, Any] = {}
    custom: Mapping[str, str] | None = None
    """Values of custom fields; the others stay."""
    custom_list: int = 0
    """List whose custom fields they are."""
    drop_custom: bool = False
    """Forget all custom fields."""
    delete: bool = False
    callback: ToCallBack | None = None
    """A new one, if there is none that could be changed."""
    changed_callback: ChangedCallback | None = None
    drop_callbacks: bool = False
    hopper: ToHopper | None = None
    leave_hopper: bool = False


class CallbackIs(Enum):
    """What became of the wish for a callback."""

    NOTHING = auto()
    CHANGED = auto()
    ADDED = auto()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it."""

    rows: int = 0
    """1 if the lead is different now, or gone."""
    custom_rows: int = 0
    callback: CallbackIs = CallbackIs.NOTHING
    callbacks: int = 0
    """Callbacks that were taken away."""
    hopper_id: int | None = None
    """The new row of the hopper."""
    left_hopper: HopperStatus | None = None
    """Status of the row that there was; `QUEUE`: it is being dialled and stays."""


async def change(tx: Transaction, wish: Changing, lead_service: Leads, hopper: Hopper) -> Changed:
    """Do it, in a transaction of the caller's; a lead that is gone meanwhile is no error.

    Raises:
        InvalidLead: a value cannot be.
    """
    if wish.archived:
        return Changed(rows=await _change_archived(tx.conn, wish, tx.now))
    if wish.delete:
        return await remove_lead(tx, wish.lead_id, hopper) or Changed()
    lead = await queries.locked(tx.conn, wish.lead_id)
    if lead is None:
        return Changed()
    rows = custom_rows = 0
    if wish.fields:
        rows = int(bool(await lead_service.change_in(tx, lead.id, **wish.fields)))
    custom = _custom(lead, wish)
    if custom is not None:
        custom_rows = int(bool(await lead_service.change_in(tx, lead.id, **custom)))
    list_id = int(wish.fields.get("list_id", lead.list_id))
    callback = await _callback(tx, lead.id, list_id, wish)
    gone = await take_back_all(tx, lead.id) if wish.drop_callbacks else 0
    hopper_id, left = await _hopper(tx, hopper, lead.id, list_id, wish)
    return Changed(
        rows=rows,
        custom_rows=custom_rows,
        callback=callback,
        callbacks=gone,
        hopper_id=hopper_id,
        left_hopper=left,
    )


def _custom(lead: Lead, wish: Changing) -> dict[str, Any] | None:
    if wish.drop_custom:
        return {"custom": {}, "entry_list_id": 0}
    if not wish.custom:
        return None
    return {"custom": {**lead.custom, **wish.custom}, "entry_list_id": wish.custom_list}


async def remove_lead(tx: Transaction, lead_id: int, hopper: Hopper) -> Changed | None:
    """Take a lead away with its numbers and callbacks; `None`: it is just being dialled, and stays."""
    row = await hopper.remove(tx, lead_id, why="deleted")
    if row is not None and row.status is HopperStatus.QUEUE:
        return None
    gone = await forget(tx, [lead_id])
    await tx.conn.execute(delete(alt_numbers).where(alt_numbers.c.lead_id == lead_id))
    rows = (await tx.conn.execute(delete(leads).where(leads.c.id == lead_id))).rowcount
    if rows:
        tx.emit(LeadRemoved(lead_id=lead_id))
    return Changed(rows=rows, callbacks=gone)


async def _callback(tx: Transaction, lead_id: int, list_id: int, wish: Changing) -> CallbackIs:
    if wish.changed_callback is None:
        return CallbackIs.NOTHING
    found = await standing(tx.conn, lead_id)
    if not found:
        if wish.callback is None:
            return CallbackIs.NOTHING
        await call_back(tx, lead_id, list_id, wish.callback)
        return CallbackIs.ADDED
    await change_callback(tx, found[-1].call_id, wish.changed_callback)
    return CallbackIs.CHANGED


async def _hopper(
    tx: Transaction, hopper: Hopper, lead_id: int, list_id: int, wish: Changing
) -> tuple[int | None, HopperStatus | None]:
    if wish.leave_hopper:
        row = await hopper.remove(tx, lead_id)
        return None, row.status if row else None
    if wish.hopper is None:
        return None, None
    return await to_hopper(tx, hopper, lead_id, list_id, wish.hopper), None


async def _change_archived(conn: Connection, wish: Changing, now: datetime) -> int:
    table = archived_leads
    own = table.c.id == wish.lead_id
    if wish.delete:
        return int((await conn.execute(delete(table).where(own))).rowcount)
    if not wish.fields:
        return 0
    different = or_(*(table.c[name] != value for name, value in wish.fields.items()))
    row = update(table).where(own, different).values({**wish.fields, "modify_date": now})
    return int((await conn.execute(row)).rowcount)


class Dearchived(Enum):
    """What became of the wish to bring a lead back."""

    DONE = auto()
    NOT_ARCHIVED = auto()
    THERE_ALREADY = auto()


async def dearchive(tx: Transaction, lead_id: int) -> Dearchived:
    """Bring a lead back from the archive."""
    kept = select(archived_leads).where(archived_leads.c.id == lead_id).with_for_update()
    if (await tx.conn.execute(kept)).first() is None:
        return Dearchived.NOT_ARCHIVED
    if await queries.locked(tx.conn, lead_id) is not None:
        return Dearchived.THERE_ALREADY
    names = [column.name for column in archived_leads.columns]
    copied = select(*(archived_leads.c[name] for name in names)).where(archived_leads.c.id == lead_id)
    await tx.conn.execute(insert(leads).from_select(names, copied))
    await tx.conn.execute(delete(archived_leads).where(archived_leads.c.id == literal(lead_id)))
    return Dearchived.DONE
