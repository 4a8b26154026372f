"""`ccc_lead_info`: the lead of a call that was handed over between clusters."""

from __future__ import annotations

import re
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of, of_group, within_limits
from bridge.api.vicidial.non_agent.rows import rows
from bridge.leads.texts import FIELDS, texts

_CALL_ID: Final = re.compile(r"(?:[MVYJ]|DC)[0-9]{15,19}")


async def ccc_lead_info(call: NonAgentCall) -> str:
    """One row."""
    call_id = call["call_id"]
    if not _CALL_ID.fullmatch(call_id):
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, call_id)
    known = await call.services.calls.get(call_id)
    if known is None:
        return call.line("ERROR", "CALL NOT FOUND", call.user, call["agent_user"])
    lead = await call.services.desk.get(str(known.lead_id or ""))
    if lead is None or not await within_limits(call, lead.list_id):
        return call.line("ERROR", "LEAD NOT FOUND", call.user, call["agent_user"])
    if await list_of(call, lead.list_id) is None or not await of_group(call, lead.list_id):
        return call.error("LEAD NOT FOUND", call.user, "1", "")
    values = texts(lead, call.zone)
    return rows(call, FIELDS, [[values[name] for name in FIELDS]])
