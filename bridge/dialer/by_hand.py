"""Leads that somebody puts into the hopper, whichever way the wish came."""

from __future__ import annotations

import msgspec

from bridge.audit.entry import here
from bridge.campaigns import queries as site_queries
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, Source
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads import queries as lead_queries
from bridge.leads.model import LeadList
from bridge.store.database import Transaction


class Put(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a lead that was to be put in."""

    lead_id: int
    campaign: str
    hopper_id: int | None
    """Id of its row; `None`: it was in the hopper already, and stays as it was."""


async def put(tx: Transaction, hopper: Hopper, lead_id: int, priority: int = 0) -> Put:
    """Put a lead into the hopper of the campaign that has its list.

    Args:
        tx: the transaction.
        hopper: of the same store.
        lead_id: its id.
        priority: -99 to 99; higher ones are dialled first.

    Raises:
        NoSuchLead: there is none with this id.
        InvalidInput: its list belongs to no campaign.
    """
    lead = await lead_queries.get(tx.conn, lead_id) if 0 < lead_id < 2**63 else None
    if lead is None:
        raise NoSuchLead(f"there is no lead {lead_id}", lead_id=str(lead_id))
    of_list = await site_queries.get(tx.conn, LeadList, str(lead.list_id))
    if of_list is None or not of_list.campaign:
        raise InvalidInput(f"list {lead.list_id} of lead {lead_id} belongs to no campaign", field="lead_id")
    here().on_lead(str(lead_id))
    entry = Entry(
        lead_id=lead_id,
        campaign=of_list.campaign,
        list_id=lead.list_id,
        priority=priority,
        source=Source.API,
    )
    return Put(lead_id=lead_id, campaign=of_list.campaign, hopper_id=await hopper.insert(tx, entry))
