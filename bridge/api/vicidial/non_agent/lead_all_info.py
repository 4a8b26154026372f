"""`lead_all_info`: every field of a lead, or of all leads with a number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of, of_group, within_limits
from bridge.api.vicidial.non_agent.rows import rows
from bridge.leads.model import Lead
from bridge.leads.texts import FIELDS, texts

MOST: Final = 1000
"""Leads with one number."""
_COLUMNS: Final = (*FIELDS, "entry_list_id", "lead_id")


async def lead_all_info(call: NonAgentCall) -> str:
    """A row for each lead, the newest first; leads of lists that are not there are left out."""
    fields = (call.user, call["lead_id"], call["phone_number"])
    found = await _found(call)
    if not found:
        return call.line("ERROR", "LEAD NOT FOUND", *fields)
    shown = [
        lead for lead in found if await of_group(call, lead.list_id) and await list_of(call, lead.list_id)
    ]
    if not shown:
        lists = " ".join(dict.fromkeys(str(lead.list_id) for lead in found))
        return call.line("ERROR", "LIST NOT FOUND", *fields, lists)
    return "".join([await _row(call, lead) for lead in shown])


async def _found(call: NonAgentCall) -> Sequence[Lead]:
    desk, lead_id, number = call.services.desk, call["lead_id"], call["phone_number"]
    leads: Sequence[Lead] = []
    if 1 <= len(lead_id) <= 10:
        leads = await desk.find("id", lead_id, limit=1, archived=call.yes("archived_lead"))
    elif 6 <= len(number) <= 19:
        leads = await desk.find("phone_number", number, limit=MOST, archived=call.yes("archived_lead"))
    return [lead for lead in leads if await within_limits(call, lead.list_id)]


async def _row(call: NonAgentCall, lead: Lead) -> str:
    """Its header stands before each: leads of several lists have different custom fields."""
    values = texts(lead, call.zone)
    custom = await _custom(call, lead)
    row = [*(values[name] for name in _COLUMNS), *(lead.custom.get(name, "") for name in custom)]
    return rows(call, [*_COLUMNS, *custom], [row])


async def _custom(call: NonAgentCall, lead: Lead) -> Sequence[str]:
    """Names of the custom fields that are shown."""
    list_id = call["force_entry_list_id"] or str(lead.entry_list_id)
    if not call.yes("custom_fields") or list_id == "0":
        return ()
    found = await list_of(call, list_id)
    return tuple(found.custom_fields) if found else ()
