"""`lead_field_info`: the value of one field of a lead."""

from __future__ import annotations

import re

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of, of_group, within_limits
from bridge.api.vicidial.reply import cleaned
from bridge.leads.model import Lead
from bridge.leads.texts import texts


async def lead_field_info(call: NonAgentCall) -> str:
    """The value alone, without a newline."""
    lead_id, field = call["lead_id"], call["field_name"]
    if not lead_id or not field:
        return _error(call, "INVALID SEARCH PARAMETERS", lead_id, field)
    lead = await call.services.desk.get(lead_id, archived=call.yes("archived_lead"))
    if lead is None or not await within_limits(call, lead.list_id):
        return _error(call, "LEAD NOT FOUND", lead_id)
    if await list_of(call, lead.list_id) is None or not await of_group(call, lead.list_id):
        return _error(call, "LIST NOT FOUND", lead_id, str(lead.list_id))
    if call.yes("custom_fields"):
        return await _custom(call, lead, field)
    value = texts(lead, call.zone).get(field)
    return _error(call, "INVALID SEARCH PARAMETERS", lead_id, field) if value is None else cleaned(value)


async def _custom(call: NonAgentCall, lead: Lead, field: str) -> str:
    list_id = call["list_id"] or str(lead.entry_list_id or lead.list_id)
    found = await list_of(call, list_id)
    if found is None or field not in found.custom_fields:
        return _error(call, "LIST FIELD NOT FOUND", call["lead_id"])
    value = cleaned(lead.custom.get(field, ""))
    return re.sub(r".", "X", value) if call.principal.right("admin_hide_lead_data") else value


def _error(call: NonAgentCall, why: str, *fields: str) -> str:
    return call.line("ERROR", why, call.user, *fields)
