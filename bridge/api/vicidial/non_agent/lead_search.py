"""`lead_search`: ids of leads by their phone numbers or vendor codes."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import allowed, list_of, within_limits
from bridge.api.vicidial.reply import Answer, error
from bridge.leads.search import By

MOST: Final = 1000
"""Leads for each number, unless `records` asks for fewer."""
MOST_KEYS: Final = 100
"""Numbers of one request that are looked for."""
_DIGITS: Final = range(6, 19)


async def lead_search(call: NonAgentCall) -> str:
    """One row for each number or code: how many leads there are, and their ids."""
    by, keys = _keys(call)
    lists_only = await search_lists(call, call["phone_number"])
    limit = min(int(call["records"][:9] or MOST), MOST)
    found: list[tuple[str, list[str]]] = []
    for key in keys:
        leads = await call.services.desk.find(
            by, key, lists_only=lists_only, limit=limit, archived=call.yes("archived_lead")
        )
        found.append((key, [str(lead.id) for lead in leads if await within_limits(call, lead.list_id)]))
    if not any(ids for _, ids in found):
        return call.error("NO MATCHES FOUND IN THE SYSTEM", call.user, *_asked(call))
    header = "search_keyrecords_foundlead_ids\n" if call["header"] == "YES" else ""
    return header + "".join(f"{key}|{len(ids)}|{'-'.join(ids)}\n" for key, ids in found)


def _asked(call: NonAgentCall) -> tuple[str, str, str]:
    return call["lead_id"], call["vendor_lead_code"], call["phone_number"]


def _keys(call: NonAgentCall) -> tuple[By, list[str]]:
    """The field that is searched, and the values; a value that can be none is left out."""
    method = call["search_method"]
    if "VENDOR_LEAD_CODE" in method:
        codes = [code for code in call["vendor_lead_code"].split(",") if code]
        by: By = "vendor_lead_code"
    else:
        codes = [number for number in call["phone_number"].split(",") if len(number) in _DIGITS]
        by = "phone_number"
        if len(method) > 5 and "PHONE_NUMBER" not in method:
            codes = []
    if not codes:
        lead_id, vendor, number = _asked(call)
        fields = (method, f"{lead_id}(0)", f"{vendor}({int('VENDOR' in method)})", f"{number}(0)")
        raise Answer(error("lead_search NO VALID SEARCH METHOD", call.user, *fields))
    return by, list(dict.fromkeys(codes))[:MOST_KEYS]


async def search_lists(call: NonAgentCall, number: str, suffix: str = "") -> list[int] | None:
    """The lists that `search_location` confines a search to; `None`: all.

    Raises:
        Answer: the caller names a list that it may not use.
    """
    list_id = call["list_id"]
    if not list_id.isdecimal() or len(list_id) < 3:
        return None
    if not await allowed(call, list_id):
        raise Answer(error(f"{call.function} NOT AN ALLOWED LIST ID{suffix}", number, list_id))
    if call["search_location"] == "LIST":
        return [int(list_id)]
    if call["search_location"] == "CAMPAIGN":
        own = await list_of(call, list_id)
        return list(await call.services.desk.lists_of_campaign(own.campaign)) if own else []
    return None
