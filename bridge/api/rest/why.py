"""`/v1/leads/{lead_id}/why`, `/v1/campaigns/{campaign}/why`: why nothing is dialled."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter

from bridge.access.model import Principal
from bridge.access.names import ALL
from bridge.api.rest.hopper import CampaignPath
from bridge.campaigns.model import Campaign
from bridge.errors import NoSuchCampaign, NoSuchLead
from bridge.services import Services
from bridge.why.model import CampaignWhy, LeadWhy

Asked = Request[Principal, Any, Any]
LeadPath = Annotated[int, PathParameter(ge=1, description="The lead's id.", examples=[Example(value=201)])]


@get(
    "/campaigns/{campaign:str}/why",
    opt={"right": "hopper.list"},
    summary="Why a campaign does not dial",
    tags=["hopper"],
)
async def campaign_why(
    request: Asked, services: NamedDependency[Services], campaign: CampaignPath
) -> CampaignWhy:
    """The first cause in words, all that would come after it, and how many leads are kept by what."""
    services.access.authorize(request.user, "hopper.list", campaign=campaign)
    services.access.check_limits(request.user, "hopper.list", lead_list=ALL)
    if await services.site.get(Campaign, campaign) is None:
        raise NoSuchCampaign(f"there is no campaign {campaign!r}", campaign=campaign)
    return await services.why.campaign(campaign)


@get(
    "/leads/{lead_id:int}/why",
    opt={"right": "leads.get"},
    summary="Why a lead is not dialled",
    tags=["leads"],
)
async def lead_why(request: Asked, services: NamedDependency[Services], lead_id: LeadPath) -> LeadWhy:
    """The lead's own causes first, then those of its campaign; the first one blocks."""
    lead = await services.lookups.lead(lead_id)
    if lead is None:
        raise NoSuchLead(lead_id=str(lead_id))
    services.access.check_limits(request.user, "leads.get", lead_list=lead.list_id)
    found = await services.why.lead(lead_id)
    services.access.check_limits(request.user, "leads.get", campaign=found.campaign)
    if found.campaign:
        services.access.authorize(request.user, "leads.get", campaign=found.campaign)
    return found
