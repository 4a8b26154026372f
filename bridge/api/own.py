"""What an agent may do from her page is less than a program may do with her: the campaign says how much."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.access.errors import Forbidden, Rule
from bridge.access.model import Principal
from bridge.agents.model import AgentSession
from bridge.api.new_leads import list_of
from bridge.campaigns.model import Campaign
from bridge.errors import NoSuchLead, NotAllowed
from bridge.leads.model import LeadList
from bridge.services import Services

_RULE = "console"


def check_seat(principal: Principal, phone: str, campaign: str) -> None:
    """Whether an agent may log in with this phone for this campaign (`Forbidden`, `NotAllowed`)."""
    if not principal.console:
        return
    if principal.scope is None or campaign not in principal.scope.campaigns:
        raise Forbidden(Rule.CAMPAIGN, user=principal.user, function="agents.login", needs=campaign)
    if phone != principal.phone:
        raise NotAllowed("an agent logs in with her own phone", rule=_RULE, field="phone")


def refuse_fields(principal: Principal, given: Iterable[tuple[str, object]]) -> None:
    """Refuse what is for programs alone (`NotAllowed`).

    Args:
        principal: who asks.
        given: names and values of such fields.
    """
    for field, value in given:
        if principal.console and value:
            raise NotAllowed("an agent may not choose this from her page", rule=_RULE, field=field)


async def check_queues(
    services: Services, principal: Principal, session: AgentSession, queues: Iterable[str]
) -> None:
    """Whether these in-groups are of her campaign, or given to her (`NotAllowed`)."""
    if not principal.console:
        return
    campaign = await services.site.get(Campaign, session.campaign)
    hers = {*(campaign.queues if campaign else ()), *(principal.queues or ()), *session.queues}
    for queue in queues:
        if queue not in hers:
            raise NotAllowed(
                f"in-group {queue} is none of her campaign's, nor of hers", rule=_RULE, field="queues"
            )


async def check_lead(services: Services, principal: Principal, session: AgentSession, lead_id: int) -> None:
    """Whether a lead is of her campaign, or on her screen; others are not there (`NoSuchLead`)."""
    if not principal.console or lead_id == session.lead_id:
        return
    lead = await services.leads.get(lead_id)
    campaign = await services.site.get(Campaign, session.campaign)
    if lead is not None and campaign is not None:
        own = await services.site.get(LeadList, str(lead.list_id))
        if lead.list_id == list_of(campaign) or (own is not None and own.campaign == campaign.id):
            return
    raise NoSuchLead(lead_id=str(lead_id))
