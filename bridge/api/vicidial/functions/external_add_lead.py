"""`external_add_lead`: add a lead to the manual list of the agent's campaign."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.parameters import LEAD_FIELDS
from bridge.api.vicidial.reply import Answer, error, success
from bridge.campaigns.model import Campaign
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed
from bridge.leads.model import DncKind, NewLead

_NOT_DIGITS = re.compile(r"[^0-9]")
_OWN = ("phone_number", "phone_code")
"""Fields that have a rule of their own."""


async def external_add_lead(call: FunctionCall) -> str:
    """Check the do-not-call lists that the caller names, and add the lead.

    A campaign without a manual list adds to list 0, as the original does: such a lead is found by its number
    and is in no list that is dialled.
    """
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
    list_id = campaign.manual_list or 0
    try:
        lead_id = await _add(call, agent, value, list_id)
    except InvalidLead:
        return error("lead insertion failed", value, agent.campaign, str(list_id), agent.user)
    return success("lead added", value, agent.campaign, str(list_id), str(lead_id), agent.user)


async def _check_dnc(call: FunctionCall, agent: AgentSession, value: str) -> None:
    """Only numbers, as the original does; what forbids a whole area code forbids the call, not the lead."""
    hits = await call.services.leads.dnc_hits(value, agent.campaign)
    numbers = {hit.campaign for hit in hits if hit.kind is DncKind.NUMBER}
    if call["dnc_check"] in ("Y", "YES") and "" in numbers:
        raise Answer(error("add_lead PHONE NUMBER IN DNC", value, agent.user))
    if call["campaign_dnc_check"] in ("Y", "YES") and agent.campaign in numbers:
        raise Answer(error("add_lead PHONE NUMBER IN CAMPAIGN DNC", value, agent.campaign, agent.user))


async def _add(call: FunctionCall, agent: AgentSession, value: str, list_id: int) -> int:
    """Store it; it counts as called just now, so that no dialler calls what an agent has before her."""
    texts = {name: call[name] for name in LEAD_FIELDS if name not in _OWN and call[name]}
    lead = NewLead(
        list_id=list_id,
        phone_code=call["phone_code"],
        phone_number=value,
        user=call.principal.user,
        **parsed(texts),
    )
    return await call.services.leads.add(
        lead, campaign=agent.campaign, source=call["source"], called_at=datetime.now(UTC)
    )
