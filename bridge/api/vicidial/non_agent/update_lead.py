"""`update_lead`: find leads and change, delete, re-dial or call them back; add one if there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bridge.api.vicidial.non_agent.add_lead import insert_lead
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.changes import change_lead
from bridge.api.vicidial.non_agent.lead_search import search_lists
from bridge.api.vicidial.non_agent.lists import allowed, list_of
from bridge.api.vicidial.reply import Answer, error
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead
from bridge.leads.search import By

MOST: Final = 1000
"""Leads that one request changes."""
_SHORTEST: Final = 6
"""A shorter `search_method` counts as none."""
_PHONE_DIGITS: Final = range(6, 19)
_NO_LIST = "NOT A DEFINED LIST ID, LIST EXISTS CHECK ENABLED"


async def update_lead(call: NonAgentCall) -> str:
    """One SUCCESS line for each lead that is changed, and a NOTICE for what else becomes of it."""
    keys = _keys(call)
    lists_only = await search_lists(call, call["phone_number"], ", SEARCH")
    await check_list_exists(call, call["phone_number"], call["list_id_field"])
    found = await _found(call, keys, lists_only)
    if not found:
        return await _not_found(call)
    if call.yes("no_update"):
        first = found[0]
        ids = ",".join(str(lead.id) for lead in found)
        fields = (ids, call["vendor_lead_code"], call["phone_number"])
        places = (str(first.list_id), str(first.entry_list_id))
        return call.line("NOTICE", "LEADS FOUND IN THE SYSTEM", "", call.user, *fields, *places)
    for lead in found:
        if not await allowed(call, lead.list_id):
            return error("update_lead NOT AN ALLOWED LIST ID, RESULTS", str(lead.list_id))
    await check_new_list(call, call["phone_number"], call["list_id_field"])
    return "".join([await _changed(call, lead) for lead in found])


async def _changed(call: NonAgentCall, lead: Lead) -> str:
    try:
        return await change_lead(call, lead)
    except InvalidLead as wrong:
        why = f"{wrong.field} {wrong.why}"
        return error("update_lead INVALID DATA FOR LEAD", call.user, str(lead.id), why)


async def check_list_exists(call: NonAgentCall, *fields: str) -> None:
    """End if leads are to go into a list that is not there and has to be.

    Args:
        call: the request.
        fields: what the line repeats; the list is the last of them.
    """
    list_id = fields[-1]
    if not list_id:
        return
    if call.yes("list_exists_check") and await list_of(call, list_id) is None:
        raise Answer(error(f"{call.function} {_NO_LIST}", *fields))


async def check_new_list(call: NonAgentCall, *fields: str) -> None:
    """End if leads are to go into a list that the caller may not use; the list is the last of the fields."""
    if fields[-1] and not await allowed(call, fields[-1]):
        raise Answer(error(f"{call.function} NOT AN ALLOWED LIST ID", *fields))


def _asked(call: NonAgentCall) -> tuple[str, str, str]:
    return call["lead_id"], call["vendor_lead_code"], call["phone_number"]


def _keys(call: NonAgentCall) -> list[tuple[By, str]]:
    """The fields that are searched, in the order of the searches."""
    asked = call["search_method"]
    method = asked if len(asked) >= _SHORTEST else "LEAD_ID"
    lead_id, vendor, number = _asked(call)
    found: list[tuple[By, str]] = []
    plain = method.replace("VENDOR_LEAD_CODE", "")
    if "LEAD_ID" in plain and lead_id:
        found.append(("id", lead_id))
    if "VENDOR_LEAD_CODE" in method and vendor:
        found.append(("vendor_lead_code", vendor))
    if "PHONE_NUMBER" in method and len(number) in _PHONE_DIGITS and "," not in number:
        found.append(("phone_number", number))
    if not found:
        raise Answer(error("update_lead NO VALID SEARCH METHOD", call.user, method, *_asked(call)))
    return found


async def _found(
    call: NonAgentCall, keys: Sequence[tuple[By, str]], lists_only: list[int] | None
) -> Sequence[Lead]:
    limit = min(int(call["records"][:9] or 1) or 1, MOST)
    for by, value in keys:
        found = await call.services.desk.find(
            by,
            value,
            lists_only=lists_only,
            order="newest entry",
            limit=limit,
            archived=call.yes("archived_lead"),
        )
        if found:
            return found
    return ()


async def _not_found(call: NonAgentCall) -> str:
    why, fields = "NO MATCHES FOUND IN THE SYSTEM", ("", call.user, *_asked(call))
    if call.yes("no_update"):
        return call.line("NOTICE", why, *fields)
    if not call.yes("insert_if_not_found"):
        return call.line("ERROR", why, *fields)
    told = call.line("NOTICE", why, *fields)
    number, code = call["phone_number"], call["phone_code"]
    list_id = call["list_id"] if call["list_id"].isdecimal() else call["list_id_field"]
    if len(number) not in _PHONE_DIGITS or not code or len(list_id) < 2:
        data = (call.user, number, code, list_id, call["insert_if_not_found"])
        return told + error("update_lead INVALID DATA FOR LEAD INSERTION", *data)
    if not await allowed(call, list_id):
        return told + error("update_lead NOT AN ALLOWED LIST ID, INSERT", number, list_id)
    try:
        return told + await insert_lead(call, number, list_id, call["status"] or "NEW")
    except InvalidLead as wrong:
        data = (call.user, number, code, list_id, f"{wrong.field} {wrong.why}")
        return told + error("update_lead INVALID DATA FOR LEAD INSERTION", *data)
