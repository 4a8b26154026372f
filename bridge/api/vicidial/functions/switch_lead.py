"""`switch_lead`: make another lead the one of the inbound call that the agent has."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.calls.model import Call, CallKind
from bridge.campaigns.model import Campaign
from bridge.errors import NoCall
from bridge.leads.model import Lead

MAX_VENDOR_CODE = 255
"""Characters of a lead's `vendor_lead_code`."""


async def switch_lead(call: FunctionCall) -> str:
    """Find the lead by `vendor_lead_code` if there is one, else by `lead_id`, and switch to it."""
    lead_id, code = call["lead_id"], call["vendor_lead_code"]
    if not (int(lead_id[:19] or 0) > 0 or code) or not call.names_agent():
        return error("switch_lead not valid", lead_id, code, call["agent_user"])
    call.check_permission(lead_id)
    agent = await call.session()
    try:
        live = await call.services.screens.call(agent.user)
        await _check(call, agent.user, agent.campaign, live)
        lead = await _wanted(call, agent.user)
        before = await call.services.screens.switch_lead(agent.user, lead.id)
    except NoCall:
        return error("agent_user does not have a live call", agent.user)
    rest = (lead.vendor_lead_code, agent.campaign, str(before or 0), "")
    return success("switch_lead function set", agent.user, str(lead.id), *rest)


async def _check(call: FunctionCall, user: str, name: str, live: Call) -> None:
    if live.kind is not CallKind.INBOUND:
        line = error("agent call is not inbound", user, live.legacy_id)
        raise Answer(line.removesuffix("\n"))
    campaign = await call.services.site.get(Campaign, name)
    if campaign is None:
        raise Answer(error("campaign not found", user, name))
    if not campaign.inbound_lead_search:
        raise Answer(error("campaign does not allow inbound lead search", user, name))


async def _wanted(call: FunctionCall, user: str) -> Lead:
    lead_id, code = call["lead_id"], call["vendor_lead_code"]
    if code:
        lead = await call.services.leads.by_vendor_code(code) if len(code) <= MAX_VENDOR_CODE else None
    else:
        lead = await call.services.leads.get(int(lead_id)) if len(lead_id) < 19 else None
    if lead is None:
        raise Answer(error("switch-to lead not found", user, lead_id, code))
    call.check_limits(lead_list=lead.list_id)
    return lead
