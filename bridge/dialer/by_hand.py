"""Leads that somebody puts into the hopper, whichever way the wish came."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bridge.audit.entry import here
from bridge.campaigns import queries as site_queries
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, HopperRow, Source
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads import queries as lead_queries
from bridge.leads.model import LeadList
from bridge.store.database import Database, Transaction


class HopperPut(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a lead that was to be put in."""

    lead_id: int
    campaign: str
    hopper_id: int | None
    """Id of its row; `None`: it was in the hopper already, and stays as it was."""


class HopperDesk:
    """The hopper as the APIs see it.

    Args:
        db: the open store.
        hopper: of the same store.
    """

    def __init__(self, db: Database, hopper: Hopper) -> None:
        self._db = db
        self._hopper = hopper

    async def page(self, campaign: str, *, after: tuple[int, int], limit: int) -> Sequence[HopperRow]:
        """Leads that may be dialled now, in their order, behind one of this priority and row."""
        return await self._hopper.page(campaign, after=after, limit=limit)

    async def put(self, campaign: str, lead_id: int, priority: int) -> HopperPut:
        """Put a lead of one of the campaign's lists in.

        Raises:
            NoSuchLead: there is none with this id.
            InvalidInput: its list is not one of the campaign's.
        """

        async def work(tx: Transaction) -> HopperPut:
            done = await put(tx, self._hopper, lead_id, priority)
            if done.campaign != campaign:
                raise InvalidInput(
                    f"lead {lead_id} is in a list of campaign {done.campaign}", field="lead_id"
                )
            return done

        return await self._db.write(work)


async def put(tx: Transaction, hopper: Hopper, lead_id: int, priority: int = 0) -> HopperPut:
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
    return HopperPut(lead_id=lead_id, campaign=of_list.campaign, hopper_id=await hopper.insert(tx, entry))
