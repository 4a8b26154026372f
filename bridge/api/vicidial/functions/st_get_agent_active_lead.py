"""`st_get_agent_active_lead`: the lead that a CRM's agent has on her screen."""

from __future__ import annotations

from bridge.agents.model import AgentState
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success


async def st_get_agent_active_lead(call: FunctionCall) -> str:
    """Find the agent by the CRM's own id of her (`value`); `vendor_id` has only to be there."""
    value, team = call["value"], call["vendor_id"]
    if not value or not team:
        return error("st_get_agent_active_lead not valid", value, team)
    call.check_permission(value)
    found = await call.services.access.by_crm_id(value)
    if found is None:
        return error("no user found", value)
    call.check_limits(agent=found.user)
    session = await call.services.agents.session(found.user)
    if session is None or session.state is AgentState.CONNECTING:
        return error("user not logged in", found.user)
    call.check_limits(campaign=session.campaign)
    lead = await call.services.leads.get(session.lead_id or 0)
    if lead is None:
        return error("no active lead found", found.user)
    call.check_limits(lead_list=lead.list_id)
    fields = (lead.phone_number, str(lead.id), lead.vendor_lead_code)
    more = (lead.province, lead.security_phrase, lead.source_id)
    return success("st_get_agent_active_lead lead found", found.user, *fields, *more)
