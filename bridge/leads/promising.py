"""Promising the customer of a lead that is there to call again, in one transaction with what that means."""

from __future__ import annotations

import msgspec

from bridge.dialer.hopper import Hopper
from bridge.leads import queries
from bridge.leads.adding import HOLD, ToCallBack, call_back
from bridge.leads.callbacks import Callback, of_lead
from bridge.leads.service import Leads
from bridge.store.transaction import Transaction


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """What stands now."""

    callback: Callback
    new: bool
    """False: it stood already, and is as it was."""


async def promise(
    tx: Transaction, lead_id: int, wish: ToCallBack, leads: Leads, hopper: Hopper
) -> Promised | None:
    """Keep when a lead is to be called, unless that was promised already; `None`: there is no such lead.

    The lead waits for it: it gets the status of those that do, and leaves the hopper. One that is just being
    dialled stays there.
    """
    lead = await queries.locked(tx.conn, lead_id)
    if lead is None:
        return None
    standing = await of_lead(tx.conn, lead_id, archived=False)
    if standing:
        return Promised(callback=standing[-1], new=False)
    await leads.change_in(tx, lead_id, status=HOLD)
    await hopper.remove(tx, lead_id)
    return Promised(callback=await call_back(tx, lead_id, lead.list_id, wish), new=True)
