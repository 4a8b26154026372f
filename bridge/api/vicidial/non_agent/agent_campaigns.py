"""`agent_campaigns`: the campaigns and in-groups that a user may use."""

from __future__ import annotations

from bridge.api.every import every
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.campaigns.model import Campaign

_COLUMNS = ("user", "allowed_campaigns_list", "allowed_ingroups_list")


async def agent_campaigns(call: NonAgentCall) -> str:
    """One row, names divided by `-`: active campaigns that both the user and the caller may use."""
    name, wanted = call["agent_user"], call["campaign_id"]
    found = await call.services.access.principal(name) if name else None
    if found is None or not call.sees(found):
        return call.error("AGENT USER DOES NOT EXIST", call.user, name)
    call.check_limits(agent=found.user)
    theirs = found.scope.campaigns if found.scope else frozenset[str]()
    campaigns = [
        one
        async for one in every(call.services.site, Campaign)
        if one.active and one.id in theirs and call.may_use_campaign(one.id) and wanted in ("", one.id)
    ]
    if not campaigns:
        return call.line("ERROR", "THIS AGENT USER HAS NO AVAILABLE CAMPAIGNS", found.user, call.user, "")
    queues = sorted({queue for one in campaigns if one.inbound for queue in one.queues})
    return rows(call, _COLUMNS, [(found.user, "-".join(one.id for one in campaigns), "-".join(queues))])
