"""`lead_status_search`: the leads whose calls ended with a status on a day, or those of one lead's calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of, of_group, within_limits
from bridge.api.vicidial.reply import cleaned
from bridge.leads.model import Lead
from bridge.leads.texts import FIELDS, texts

MOST: Final = 2000
"""Records of one answer."""
_SHOWN: Final = ("lead_id", *FIELDS, "entry_list_id")


async def lead_status_search(call: NonAgentCall) -> str:
    """Every field of each lead on a line of its own."""
    status, date, lead_id = call["status"], call["date"], call["lead_id"]
    found = await _found(call)
    if found is None:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, status, date, lead_id)
    seen = [lead for lead in found if await _visible(call, lead)]
    if not seen:
        return call.line("ERROR", "NO RESULTS FOUND", call.user, lead_id, status, date)
    return "".join([await _record(call, number, lead) for number, lead in enumerate(seen, 1)])


async def _found(call: NonAgentCall) -> Sequence[Lead] | None:
    day = _day(call)
    if call["status"] and day is not None:
        end = day + timedelta(days=1)
        return await call.services.desk.of_calls(call["status"], day, end, MOST)
    if call["lead_id"] and not call["status"] and not call["date"]:
        return await call.services.desk.called(int(call["lead_id"]), MOST)
    return None


def _day(call: NonAgentCall) -> datetime | None:
    try:
        return datetime.strptime(call["date"], "%Y-%m-%d").replace(tzinfo=call.zone)
    except ValueError:
        return None


async def _visible(call: NonAgentCall, lead: Lead) -> bool:
    return await within_limits(call, lead.list_id) and await of_group(call, lead.list_id)


async def _record(call: NonAgentCall, number: int, lead: Lead) -> str:
    values = texts(lead, call.zone)
    lines = [f"{name} => {cleaned(values[name])}\n" for name in _SHOWN]
    if call.yes("custom_fields"):
        own = await list_of(call, call["list_id"] or str(lead.entry_list_id))
        lines += [
            f"{name} => {cleaned(lead.custom.get(name, ''))}\n" for name in (own.custom_fields if own else ())
        ]
    return f";---------- START OF RECORD {number} ----------\n{''.join(lines)}"
