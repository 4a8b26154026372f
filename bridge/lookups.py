"""What the line format looks up before it commands."""

from __future__ import annotations

from bridge.campaigns.model import ApiManualDial, Campaign, InGroup
from bridge.campaigns.service import Site
from bridge.leads.service import Leads
from bridge.services import LeadNumbers


class SiteLookups:
    """Answers from the site's configuration and the leads."""

    def __init__(self, site: Site, leads: Leads) -> None:
        self._site = site
        self._leads = leads

    async def lead(self, lead_id: int) -> LeadNumbers | None:
        """The lead's numbers, if there is such a lead."""
        lead = await self._leads.get(lead_id)
        if lead is None:
            return None
        return LeadNumbers(
            lead_id=lead.id,
            list_id=lead.list_id,
            phone_code=lead.phone_code,
            phone_number=lead.phone_number,
            alt_phone=lead.alt_phone,
            address3=lead.address3,
        )

    async def manual_dial_mode(self, campaign: str) -> str:
        """`api_manual_dial` of the campaign; of one that is gone, the strictest."""
        found = await self._site.campaign(campaign)
        return found.api_manual_dial if found else ApiManualDial.STANDARD

    async def has_in_group(self, name: str) -> bool:
        """Whether there is an in-group of this name."""
        return await self._site.get(InGroup, name) is not None

    async def is_callback(self, campaign: str, status: str) -> bool:
        """Whether the status asks for a callback, in the campaign or in the whole system."""
        found = await self._site.campaign(campaign)
        return (found or Campaign(id="NONE")).is_callback(status)
