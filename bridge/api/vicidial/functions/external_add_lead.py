"""`external_add_lead`: add a lead to the manual list of the agent's campaign."""

from __future__ import annotations

import re

from bridge.agents.model import AgentSession
from bridge.api.new_leads import add_lead, dnc_hit, list_of
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.parameters import LEAD_FIELDS
from bridge.api.vicidial.reply import Answer, error, success
from bridge.campaigns.model import Campaign
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import new_lead

_NOT_DIGITS = re.compile(r"[^0-9]")
_OWN = ("phone_number", "phone_code")
"""Fields that have a rule of their own."""
_YES = ("Y", "YES")


async def external_add_lead(call: FunctionCall) -> str:
    """Check the do-not-call lists that the caller names, and add the lead."""
    value = _NOT_DIGITS.sub("", call["value"] or call["phone_number"])
    if len(value) < 2 or not call["phone_code"] or not call.names_agent():
        fields = (value, call["phone_code"], call["agent_user"], call["alt_user"])
        return error("external_add_lead not valid", *fields)
    call.check_permission(value)
    agent = await call.session()
    await _check_dnc(call, agent, value)
    campaign = await call.services.site.get(Campaign, agent.campaign)
    if campaign is None:
        return error("campaign manual dial list undefined", value, "", agent.user)
    list_id = list_of(campaign)
    call.check_limits(lead_list=list_id)
    texts = {name: call[name] for name in LEAD_FIELDS if name not in _OWN and call[name]}
    try:
        lead = new_lead(list_id, value, call["phone_code"], call.principal.user, texts)
        added = await add_lead(call.services, agent, lead, source=call["source"])
    except InvalidLead:
        return error("lead insertion failed", value, agent.campaign, str(list_id), agent.user)
    return success("lead added", value, agent.campaign, str(list_id), str(added.lead_id), agent.user)


async def _check_dnc(call: FunctionCall, agent: AgentSession, value: str) -> None:
    asked = {"system": call["dnc_check"] in _YES, "own": call["campaign_dnc_check"] in _YES}
    hit = await dnc_hit(call.services, value, agent.campaign, **asked)
    if hit == "system":
        raise Answer(error("add_lead PHONE NUMBER IN DNC", value, agent.user))
    if hit == "campaign":
        raise Answer(error("add_lead PHONE NUMBER IN CAMPAIGN DNC", value, agent.campaign, agent.user))
