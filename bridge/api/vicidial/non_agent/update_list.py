"""`update_list`: change a list, reset it, delete it or its leads, change its custom fields."""

from __future__ import annotations

from dataclasses import replace

from bridge.api.vicidial.non_agent.add_list import ID_DIGITS, add_list
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.list_fields import Commands, commands, copied
from bridge.api.vicidial.non_agent.list_settings import Settings, settings_of, with_settings
from bridge.api.vicidial.non_agent.lists import allowed
from bridge.api.vicidial.non_agent.site_items import keep, seen_list
from bridge.api.vicidial.reply import error, notice, success
from bridge.campaigns.errors import ItemInUse, NoSuchItem
from bridge.leads.lists import leaves_hopper
from bridge.leads.model import LeadList

_MAY_DELETE_LEADS = frozenset({1, 2, 3, 4})


async def update_list(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done."""
    list_id = call["list_id"]
    if not list_id.isdecimal() or len(list_id) not in ID_DIGITS:
        fields = (call.user, list_id, call["list_name"], call["campaign_id"])
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields)
    found = await seen_list(call, list_id)
    if (found is not None or call.restricted) and not await allowed(call, list_id):
        return error("update_list NOT AN ALLOWED LIST ID", list_id)
    if found is None and call.yes("insert_if_not_found"):
        return await _add(call)
    settings = await settings_of(call, new=False)
    custom = commands(call, found)
    if found is None and (settings or not custom.asked):
        return call.error("LIST DOES NOT EXIST", call.user, list_id)
    if found is None:
        return custom.lines + _nothing(call)
    return await _update(call, found, settings, custom)


async def _add(call: NonAgentCall) -> str:
    """The function that adds lists goes on, with its own checks."""
    told = call.line(
        "NOTICE", "LIST DOES NOT EXIST, SENDING TO add_list FUNCTION", "", call.user, call["list_id"]
    )
    call.told.append(told)
    other = replace(call, function="add_list")
    other.check_function()
    other.check_rights("ADD LISTS", "|")
    return await add_list(other)


async def _update(call: NonAgentCall, found: LeadList, settings: Settings, custom: Commands) -> str:
    line, fields = "", None
    if call["custom_fields_copy"]:
        line, fields = await copied(call, custom.fields, "NOTICE")
    new = with_settings(call, found, settings)
    new = with_settings(call, new, {"custom_fields": custom.fields if fields is None else fields})
    if settings or custom.asked or fields is not None:
        await keep(call, new)
    await _leave_hopper(call, found, new)
    told = success("update_list LIST HAS BEEN UPDATED", call.user, call["list_id"])
    lines = [custom.lines, told if settings else _nothing(call)]
    if call.yes("reset_list"):
        lines.append(await _reset(call, new))
    if call.yes("delete_list"):
        lines.append(await _delete(call, new))
    if call.yes("delete_leads"):
        lines.append(await _delete_leads(call, new))
    return "".join([*lines, line])


def _nothing(call: NonAgentCall) -> str:
    return call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")


async def _leave_hopper(call: NonAgentCall, old: LeadList, new: LeadList) -> None:
    """Leads that are no more to be dialled for a campaign do not wait in its hopper."""
    if leaves_hopper(old, new, call.now):
        await call.services.list_desk.leave_hopper(old.id, old.campaign)


async def _reset(call: NonAgentCall, item: LeadList) -> str:
    await call.services.list_desk.reset(item.id, item.campaign)
    return notice("update_list LEADS IN LIST HAVE BEEN RESET", call.user, call["list_id"], "")


def _may_not_delete(call: NonAgentCall, what: str) -> str:
    return call.line("NOTICE", f"USER DOES NOT HAVE PERMISSION TO DELETE {what}", "", call.user, "0")


async def _delete(call: NonAgentCall, item: LeadList) -> str:
    if call.principal.right("delete_lists") != 1:
        return _may_not_delete(call, "LISTS")
    try:
        await call.services.site.remove(LeadList, item.key)
    except ItemInUse as used:
        why = f"LIST HAS NOT BEEN DELETED, IT IS IN USE BY {used.users}"
        return call.line("NOTICE", why, "", call.user, call["list_id"])
    except NoSuchItem:
        return notice("update_list LIST HAS BEEN DELETED", call.user, call["list_id"], "0")
    if item.campaign:
        await call.services.list_desk.leave_hopper(item.id, item.campaign)
    return notice("update_list LIST HAS BEEN DELETED", call.user, call["list_id"], "1")


async def _delete_leads(call: NonAgentCall, item: LeadList) -> str:
    right = call.principal.right
    if right("delete_lists") != 1 or right("modify_leads") not in _MAY_DELETE_LEADS:
        return _may_not_delete(call, "LEADS")
    gone = await call.services.list_desk.delete_leads(item.id, archived=call.yes("archived_lead"))
    return notice("update_list LEADS IN LIST HAVE BEEN DELETED", call.user, call["list_id"], str(gone))
