"""Commands that ask why nothing is dialled."""

from __future__ import annotations

from bridge.admin.command import Parts, Reading
from bridge.campaigns.errors import InvalidField, NoSuchItem
from bridge.campaigns.model import Campaign
from bridge.errors import NoSuchCampaign, NoSuchLead
from bridge.why.model import CampaignWhy, LeadWhy


class WhyCampaign(Reading[CampaignWhy], frozen=True, kw_only=True):
    """Why a campaign does not dial."""

    campaign: str

    async def do(self, parts: Parts) -> CampaignWhy:
        """See `Command`."""
        try:
            return await parts.why.campaign(self.campaign)
        except NoSuchCampaign:
            raise NoSuchItem(Campaign.kind, self.campaign) from None


class WhyLead(Reading[LeadWhy], frozen=True, kw_only=True):
    """Why a lead is not dialled."""

    lead_id: int

    async def do(self, parts: Parts) -> LeadWhy:
        """See `Command`."""
        try:
            return await parts.why.lead(self.lead_id)
        except NoSuchLead as error:
            raise InvalidField("lead_id", error.message) from None
