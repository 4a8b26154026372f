"""`list_info` and `list_custom_fields`: what a list is, and the names of its custom fields."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bridge.api.every import every
from bridge.api.vicidial.non_agent.add_list import ID_DIGITS
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.list_settings import expiration_of
from bridge.api.vicidial.non_agent.lists import allowed, of_group
from bridge.api.vicidial.non_agent.rows import JSON, rows, stage
from bridge.api.vicidial.non_agent.site_items import campaign_of, seen_list
from bridge.api.vicidial.reply import Answer, error
from bridge.leads.lists import ListFacts
from bridge.leads.model import LeadList

ALL: Final = "---ALL---"
_FIRST: Final = ("list_id", "list_name", "campaign_id", "active", "list_changedate", "list_lastcalldate")
_INFO: Final = (*_FIRST, "expiration_date", "resets_today")
_COUNTS: Final = ("all_leads_count", "new_leads_count")
_DIALABLE: Final = "dialable_count"
_FIELDS: Final = (*_FIRST, "custom_fields_list_space_delimited")


async def list_info(call: NonAgentCall) -> str:
    """One row; behind it the number of leads that may be dialled, or nothing."""
    found = await _wanted(call)
    facts = await _facts(call, found)
    told = (expiration_of(found, call.zone), str(facts.resets_today))
    columns: tuple[str, ...] = _INFO
    row: tuple[str, ...] = (*_first(call, found, facts), *told)
    if call.yes("leads_counts"):
        counts = await call.services.list_desk.counts(found.id)
        columns, row = (*columns, *_COUNTS), (*row, str(counts.all), str(counts.new))
    row = (*row, await _dialable(call, found) if call.yes(_DIALABLE) else "")
    return rows(call, (*columns, _DIALABLE) if stage(call) == JSON else columns, [row])


async def list_custom_fields(call: NonAgentCall) -> str:
    """A row for each list."""
    found = await _all(call) if call["list_id"] == ALL else [await _wanted(call)]
    return rows(call, _FIELDS, [await _fields_row(call, one) for one in found])


async def _wanted(call: NonAgentCall) -> LeadList:
    """The list that is asked for.

    Raises:
        Answer: it is not said which, there is none, or the caller may not see it.
    """
    list_id = call["list_id"]
    if not list_id.isdecimal() or len(list_id) not in ID_DIGITS:
        fields = (call.user, list_id, call["list_name"], call["campaign_id"])
        raise Answer(call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields))
    if call.restricted and not await allowed(call, list_id):
        raise Answer(error(f"{call.function} NOT AN ALLOWED LIST ID", list_id))
    found = await seen_list(call, list_id)
    if found is None:
        raise Answer(call.error("LIST DOES NOT EXIST", call.user, list_id))
    return found


async def _all(call: NonAgentCall) -> list[LeadList]:
    """The lists that the caller may see, by their ids."""
    return [one async for one in every(call.services.site, LeadList) if await _may_see(call, one)]


async def _may_see(call: NonAgentCall, one: LeadList) -> bool:
    if call.restricted and not await of_group(call, one.id):
        return False
    return await seen_list(call, one.key) is not None


async def _facts(call: NonAgentCall, one: LeadList) -> ListFacts:
    found = await call.services.list_desk.facts(one.id, call.now)
    return found or ListFacts(changed_at=None, called_at=None, resets_today=0)


def _first(call: NonAgentCall, one: LeadList, facts: ListFacts) -> tuple[str, ...]:
    moments = (_moment(call, facts.changed_at), _moment(call, facts.called_at))
    return (one.key, one.name, one.campaign, "Y" if one.active else "N", *moments)


def _moment(call: NonAgentCall, at: datetime | None) -> str:
    return f"{at.astimezone(call.zone):%Y-%m-%d %H:%M:%S}" if at else ""


async def _fields_row(call: NonAgentCall, one: LeadList) -> tuple[str, ...]:
    labels = list(one.custom_fields)
    if call["custom_order"] in _ORDERS:
        labels.sort(reverse=_ORDERS[call["custom_order"]])
    return (*_first(call, one, await _facts(call, one)), " ".join(labels))


_ORDERS: Final = {"alpha_up": False, "alpha_down": True}


async def _dialable(call: NonAgentCall, one: LeadList) -> str:
    campaign = await campaign_of(call, one.campaign)
    statuses = campaign.dial_statuses if campaign else ()
    return str(await call.services.list_desk.dialable(one.id, statuses))
