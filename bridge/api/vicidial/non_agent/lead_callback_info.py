"""`lead_callback_info`: the callbacks of a lead, the oldest first."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import of_group, within_limits
from bridge.api.vicidial.non_agent.rows import rows, stage
from bridge.leads.callbacks import Callback
from bridge.leads.model import Lead
from bridge.leads.offsets import fixed
from bridge.leads.texts import NO_MOMENT, clock

_COLUMNS: Final = (
    *("lead_id", "callback_type", "recipient", "callback_status", "lead_status", "callback_date"),
    *("entry_date", "user", "list_id", "campaign_id", "user_group", "customer_timezone", "customer_time"),
    "comments",
)
_PLACES: Final = {"ARCHIVE": (True,), "ALL": (False, True)}
"""Whether the archive is looked into, by `search_location`."""


async def lead_callback_info(call: NonAgentCall) -> str:
    """A row for each callback."""
    lead_id, where = call["lead_id"], call["search_location"]
    if not lead_id:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, lead_id)
    lead = await call.services.desk.get(lead_id)
    if lead is None or not await _visible(call, lead):
        return call.error("LEAD NOT FOUND", call.user, "1", "")
    found = [
        await _row(call, lead, callback)
        for archived in _PLACES.get(where, (False,))
        for callback in await call.services.desk.callbacks(lead.id, archived=archived)
    ]
    if not found:
        return call.line("ERROR", "CALLBACK NOT FOUND", call.user, lead_id, stage(call), where)
    return rows(call, _COLUMNS, found)


async def _visible(call: NonAgentCall, lead: Lead) -> bool:
    return await within_limits(call, lead.list_id) and await of_group(call, lead.list_id)


async def _row(call: NonAgentCall, lead: Lead, callback: Callback) -> tuple[str, ...]:
    user = callback.user or callback.made_by
    agent = await call.services.access.principal(user) if user else None
    due = clock(callback.due_at, call.zone) if callback.due_at else callback.asked or NO_MOMENT
    return (
        str(callback.lead_id),
        "ARCHIVE" if callback.archived else "CURRENT",
        "USERONLY" if callback.user else "ANYONE",
        callback.state,
        callback.status,
        due,
        clock(callback.made_at, call.zone),
        user,
        str(callback.list_id or lead.list_id),
        callback.campaign,
        agent.group if agent else "",
        "",
        clock(callback.due_at, fixed(lead.gmt_offset_minutes)),
        callback.comments,
    )
