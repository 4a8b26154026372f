"""Adding a lead with all that comes with it, in one transaction: all of it is there, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from bridge.consent.model import Given
from bridge.consent.service import Consents
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, Source
from bridge.ids import uuid7
from bridge.leads import alternates, callbacks, duplicates
from bridge.leads.alternates import AltNumber
from bridge.leads.callbacks import Callback
from bridge.leads.duplicates import Check, Duplicate
from bridge.leads.model import NewLead
from bridge.leads.service import Leads
from bridge.store.transaction import Transaction

HOLD: Final = "CBHOLD"
"""Status of a lead that is called back at a set time."""


class ToHopper(msgspec.Struct, frozen=True, kw_only=True):
    """The lead is to be dialled next."""

    campaign: str
    priority: int = 0


class ToCallBack(msgspec.Struct, frozen=True, kw_only=True):
    """The lead is to be called at a set time."""

    campaign: str
    at: str
    """As the caller wrote it."""
    due_at: datetime | None
    user: str = ""
    """The agent who has to do it; empty: any agent may."""
    status: str = "CALLBK"
    comments: str = ""
    made_by: str = ""


class Adding(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that is to be added."""

    lead: NewLead
    source: str = ""
    """The label that the caller gave itself."""
    unless: Sequence[Check] = ()
    """It is not added if there is one like it."""
    numbers: Sequence[AltNumber] = ()
    hopper: ToHopper | None = None
    callback: ToCallBack | None = None
    consent: Given | None = None
    recorded_by: str = ""
    """Who tells of the consent."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it: a lead, or the one that was there."""

    lead_id: int = 0
    hopper_id: int | None = None
    duplicate: Duplicate | None = None


async def add(tx: Transaction, wish: Adding, leads: Leads, hopper: Hopper, consents: Consents) -> Added:
    """Add it, in a transaction of the caller's.

    Raises:
        InvalidLead: a field of the consent is wrong.
    """
    found = await duplicates.find(tx.conn, wish.lead, wish.unless, tx.now)
    if found is not None:
        return Added(duplicate=found)
    lead_id = await leads.add_in(tx, wish.lead, source=wish.source, called_at=tx.now)
    if wish.consent is not None:
        await consents.add_with(tx, lead_id, wish.lead, wish.consent, wish.recorded_by)
    await alternates.add(tx.conn, lead_id, wish.numbers)
    hopper_id = None
    if wish.hopper is not None:
        hopper_id = await to_hopper(tx, hopper, lead_id, wish.lead.list_id, wish.hopper)
    if wish.callback is not None:
        await call_back(tx, lead_id, wish.lead.list_id, wish.callback)
    return Added(lead_id=lead_id, hopper_id=hopper_id)


async def to_hopper(
    tx: Transaction, hopper: Hopper, lead_id: int, list_id: int, wish: ToHopper
) -> int | None:
    """Put a lead into the hopper; the row's id, `None` if it is in it already."""
    entry = Entry(
        lead_id=lead_id,
        campaign=wish.campaign,
        list_id=list_id,
        priority=wish.priority,
        source=Source.API,
    )
    return await hopper.insert(tx, entry)


async def call_back(tx: Transaction, lead_id: int, list_id: int, wish: ToCallBack) -> Callback:
    """Keep when a lead is to be called."""
    callback = Callback(
        call_id=uuid7(),
        lead_id=lead_id,
        campaign=wish.campaign,
        user=wish.user,
        status=wish.status,
        asked=wish.at,
        due_at=wish.due_at,
        comments=wish.comments,
        made_at=tx.now,
        list_id=list_id,
        made_by=wish.made_by,
    )
    await callbacks.put(tx, callback)
    return callback
