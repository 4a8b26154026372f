"""Which lists and leads a caller may see and change."""

from __future__ import annotations

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.leads.model import LeadList


async def list_of(call: NonAgentCall, list_id: str | int) -> LeadList | None:
    """A list, if there is one of this id."""
    return await call.services.site.get(LeadList, str(list_id))


async def within_limits(call: NonAgentCall, list_id: str | int) -> bool:
    """Whether the caller's own limits (not its group's) let it see and change leads of a list."""
    limits = call.principal.limits
    if str(list_id) not in limits.lists:
        return False
    return await _of_campaigns(call, list_id, own=True)


async def allowed(call: NonAgentCall, list_id: str | int) -> bool:
    """Whether the caller may name a list: within its limits and, if it is restricted, of its group."""
    if not await within_limits(call, list_id):
        return False
    return not call.restricted or await of_group(call, list_id)


async def of_group(call: NonAgentCall, list_id: str | int) -> bool:
    """Whether it is a list of a campaign of the caller's group."""
    return await _of_campaigns(call, list_id, own=False)


async def _of_campaigns(call: NonAgentCall, list_id: str | int, *, own: bool) -> bool:
    scope = call.principal.scope
    campaigns = call.principal.limits.campaigns if own else scope.campaigns if scope else frozenset[str]()
    if not isinstance(campaigns, frozenset):
        return True
    found = await list_of(call, list_id)
    return found is not None and found.campaign in campaigns
