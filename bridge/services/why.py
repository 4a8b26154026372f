"""What the APIs need to say why nothing is dialled."""

from __future__ import annotations

from typing import Protocol

from bridge.why.model import CampaignWhy, LeadWhy


class Why(Protocol):
    """Why a lead or a campaign is not dialled: `bridge.why.service.Why`."""

    async def lead(self, lead_id: int) -> LeadWhy:
        """Of a lead (`NoSuchLead`)."""

    async def campaign(self, name: str) -> CampaignWhy:
        """Of a campaign (`NoSuchCampaign`)."""
