"""Leads whose callback is due and may be done by any agent: the dialler calls them.

Source: the hopper of `system.md`, which turns such leads from CBHOLD into the callback's status and takes
them in.
"""

from __future__ import annotations

from typing import Final

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer.again import dials
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, Source
from bridge.leads.adding import HOLD
from bridge.leads.callbacks import Callback
from bridge.leads.model import Lead
from bridge.leads.service import Leads
from bridge.store.transaction import Transaction

PRIORITY: Final = 50
"""In the hopper: before new leads and other numbers (25 and less), as she was told a time."""


class PromisedLeads:
    """Puts such leads into the hopper.

    Args:
        leads: gives them their status.
        hopper: where to.
        site: knows the campaigns.
    """

    def __init__(self, leads: Leads, hopper: Hopper, site: Site) -> None:
        self._leads = leads
        self._hopper = hopper
        self._site = site

    async def due(self, tx: Transaction, callback: Callback, lead: Lead) -> None:
        """Let it be called, unless it has become something else meanwhile.

        Args:
            tx: in which the lead is locked.
            callback: of the lead; its time has come.
            lead: as it is now.
        """
        if lead.status not in (HOLD, callback.status):
            return
        await self._leads.change_in(tx, lead.id, status=callback.status)
        campaign = await self._site.get(Campaign, callback.campaign)
        if campaign is None or not campaign.active or not await dials(tx, lead, callback.campaign):
            return
        entry = Entry(
            lead_id=lead.id,
            campaign=callback.campaign,
            list_id=lead.list_id,
            priority=PRIORITY,
            source=Source.CALLBACK,
        )
        await self._hopper.insert(tx, entry)
