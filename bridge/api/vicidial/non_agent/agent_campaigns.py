"""`agent_campaigns`: the campaigns and in-groups that a user may use."""

from __future__ import annotations

from bridge.api.usable import campaigns_of, queues_of
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows

_COLUMNS = ("user", "allowed_campaigns_list", "allowed_ingroups_list")


async def agent_campaigns(call: NonAgentCall) -> str:
    """One row, names divided by `-`: active campaigns that both the user and the caller may use."""
    name, wanted = call["agent_user"], call["campaign_id"]
    found = await call.services.access.principal(name) if name else None
    if found is None or not call.sees(found):
        return call.error("AGENT USER DOES NOT EXIST", call.user, name)
    call.check_limits(agent=found.user)
    usable = await campaigns_of(call.services, call.principal, found)
    campaigns = [one for one in usable if wanted in ("", one.id)]
    if not campaigns:
        return call.line("ERROR", "THIS AGENT USER HAS NO AVAILABLE CAMPAIGNS", found.user, call.user, "")
    queues = queues_of(campaigns)
    return rows(call, _COLUMNS, [(found.user, "-".join(one.id for one in campaigns), "-".join(queues))])
