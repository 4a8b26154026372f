"""`batch_update_lead`: the same values for many leads."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.changes import fields_of
from bridge.api.vicidial.non_agent.lists import allowed
from bridge.api.vicidial.non_agent.update_lead import check_list_exists, check_new_list
from bridge.api.vicidial.reply import error, success
from bridge.leads.changing import Changing
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead

MOST: Final = 1000
"""Leads of one request, unless `records` asks for fewer."""
_MOST_DIGITS: Final = 18


async def batch_update_lead(call: NonAgentCall) -> str:
    """Leads of lists that the caller may not use are left out; the newest come first."""
    ids = [int(one) for one in call["lead_ids"].split(",") if one and len(one) <= _MOST_DIGITS]
    if not ids:
        return error("batch_update_lead NO LEADS DEFINED", call.user, call["lead_ids"])
    await check_new_list(call, call.user, call["list_id_field"])
    await check_list_exists(call, call.user, call["list_id_field"])
    limit = min(int(call["records"][:9] or MOST) or MOST, MOST)
    known = await call.services.desk.by_ids(ids, MOST, archived=call.yes("archived_lead"))
    found = [lead for lead in known if await allowed(call, lead.list_id)][:limit]
    if not found:
        return call.line("ERROR", "NO MATCHES FOUND IN THE SYSTEM", "", call.user, call["lead_ids"])
    try:
        fields = fields_of(call)
        rows = sum([await _change(call, lead, fields) for lead in found]) if fields else None
    except InvalidLead as wrong:
        return error("batch_update_lead INVALID DATA FOR LEADS", call.user, f"{wrong.field} {wrong.why}")
    if rows is None:
        return ""
    told = ",".join(str(lead.id) for lead in found)
    why = "batch_update_lead LEADS HAVE BEEN UPDATED"
    return success(why, call.user, str(rows), str(len(found)), told)


async def _change(call: NonAgentCall, lead: Lead, fields: dict[str, object]) -> int:
    wish = Changing(lead_id=lead.id, archived=call.yes("archived_lead"), fields=fields)
    return (await call.services.desk.change(wish)).rows
