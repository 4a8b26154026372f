"""`lead_dearchive`: bring a lead back from the archive."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import allowed
from bridge.leads.changing import Dearchived

_MOST_DIGITS: Final = 11


async def lead_dearchive(call: NonAgentCall) -> str:
    """A lead of the same id that is not archived stays what it is."""
    lead_id = call["lead_id"]
    if not 1 <= len(lead_id) <= _MOST_DIGITS:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, lead_id)
    known = await call.services.desk.get(lead_id, archived=True)
    here = await call.services.desk.get(lead_id)
    if here is not None and known is not None:
        return call.line("ERROR", "NON-ARCHIVED LEAD FOUND", call.user, lead_id, str(here.list_id))
    if known is None or not await allowed(call, known.list_id):
        fields = (lead_id, call["stage"], call["search_location"])
        return call.line("ERROR", "ARCHIVED LEAD NOT FOUND", call.user, *fields)
    if await call.services.desk.dearchive(known.id) is not Dearchived.DONE:
        return call.line("ERROR", "LEAD INSERT FAILED", call.user, lead_id, str(known.list_id))
    return call.line("SUCCESS", "LEAD DE-ARCHIVED", call.user, lead_id, "1", "1")
