"""`update_cid_group_entry`: which numbers are shown by the area of whom is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.site_items import campaign_of, invalid, vouches
from bridge.api.vicidial.reply import Answer, success
from bridge.audit.entry import here
from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign

ALL: Final = "---ALL---"
"""Entries of all areas."""
_STAGES: Final = frozenset({"UPDATE", "ADD", "DELETE", "INFO"})
_NUMBER: Final = range(6, 21)
_DESCRIPTION: Final = range(6, 51)
_PAGE: Final = 1000

Change = Callable[[CallerIdGroup], CallerIdGroup]


async def update_cid_group_entry(call: NonAgentCall) -> str:
    """Do what `stage` says with the entries of an area, or of all, and of a number if one is named."""
    name, stage = call["cid_group_id"], call["stage"]
    if not name or not call["areacode"] or stage not in _STAGES:
        fields = (call.user, name, call["areacode"], stage)
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields)
    group = await _seen(call, name)
    if group is None:
        return call.error("CID GROUP DOES NOT EXIST", call.user, name)
    here().on("cidgroup", name)
    if stage == "ADD":
        return await _add(call)
    found = _meant(call, group)
    if stage == "INFO":
        return _info(call, found)
    if stage == "DELETE":
        await _change(call, lambda one: _without(call, one))
        return _done(call, "ENTRIES HAVE BEEN DELETED", len(found))
    values = _values(call)
    if not values:
        rest = (call["active"], call["cid_description"])
        return call.error("NO UPDATES WERE DEFINED", *_where(call), *rest)
    await _change(call, lambda one: _with(call, one, values))
    return _done(call, "ENTRIES HAVE BEEN UPDATED", len(found))


async def _seen(call: NonAgentCall, name: str) -> CallerIdGroup | None:
    """A group of which all campaigns are such as the caller sees; one may have the id of a campaign."""
    found = await call.services.site.get(CallerIdGroup, name)
    if found is None:
        return None if await campaign_of(call, name) is None else CallerIdGroup(name=name)
    hidden = [one for one in await _campaigns(call, name) if await campaign_of(call, one) is None]
    return None if hidden else found


async def _campaigns(call: NonAgentCall, group: str) -> list[str]:
    """Campaigns that show what a group has, and the one that has its name."""
    named: list[str] = []
    page = await call.services.site.list(Campaign, limit=_PAGE)
    while page:
        named += [one.id for one in page if group in (one.caller_id_group, one.id)]
        page = await call.services.site.list(Campaign, after=page[-1].id, limit=_PAGE)
    return named


def _matches(call: NonAgentCall, entry: CallerIdEntry) -> bool:
    area, number = call["areacode"], call["outbound_cid"]
    return area in (ALL, entry.area) and number in ("", entry.number)


def _meant(call: NonAgentCall, group: CallerIdGroup) -> list[CallerIdEntry]:
    found = [entry for entry in group.entries if _matches(call, entry)]
    if not found:
        raise Answer(call.error("THIS CID GROUP HAS NO ENTRIES", call.user, group.name))
    return found


def _where(call: NonAgentCall) -> tuple[str, ...]:
    return (call.user, call["cid_group_id"], call["areacode"], call["outbound_cid"])


def _done(call: NonAgentCall, what: str, count: int) -> str:
    return success(f"update_cid_group_entry CID GROUP {what}", *_where(call), str(count))


def _info(call: NonAgentCall, found: list[CallerIdEntry]) -> str:
    fields = "|".join((*_where(call)[1:], str(len(found))))
    rows = "".join(f"{number}|{_row(entry)}|0\n" for number, entry in enumerate(found, 1))
    return f"SUCCESS: update_cid_group_entry CID GROUP INFO AS FOLLOWS {fields}\n{rows}"


def _row(entry: CallerIdEntry) -> str:
    return "|".join((entry.area, entry.number, "Y" if entry.active else "N", entry.description))


async def _add(call: NonAgentCall) -> str:
    area, number = call["areacode"], call["outbound_cid"]
    if area == ALL:
        return call.error("YOU MUST DEFINE AN AREACODE WHEN ADDING AND ENTRY", *_where(call)[:3])
    if not number.isdecimal() or len(number) not in _NUMBER:
        fields = (call.user, call["cid_group_id"], number)
        return call.error("YOU MUST DEFINE A CID NUMBER WHEN ADDING AND ENTRY", *fields)
    try:
        entry = CallerIdEntry(area=area, number=number, **_values(call))
    except InvalidField as why:
        raise invalid(call, why) from None

    def change(group: CallerIdGroup) -> CallerIdGroup:
        if any((one.area, one.number) == (area, number) for one in group.entries):
            raise Answer(call.error("THIS CID GROUP ENTRY ALREADY EXISTS", *_where(call)))
        return msgspec.structs.replace(group, entries=(*group.entries, entry))

    await _change(call, change)
    return _done(call, "ENTRY HAS BEEN ADDED", 1)


def _without(call: NonAgentCall, group: CallerIdGroup) -> CallerIdGroup:
    left = tuple(entry for entry in group.entries if not _matches(call, entry))
    return msgspec.structs.replace(group, entries=left)


def _with(call: NonAgentCall, group: CallerIdGroup, values: dict[str, Any]) -> CallerIdGroup:
    entries = tuple(
        msgspec.structs.replace(entry, **values) if _matches(call, entry) else entry
        for entry in group.entries
    )
    return msgspec.structs.replace(group, entries=entries)


def _values(call: NonAgentCall) -> dict[str, Any]:
    """What an entry is to have beside its area and its number."""
    found: dict[str, Any] = {}
    if active := call["active"]:
        if active not in ("Y", "N"):
            raise invalid(call, InvalidField("active", "Y or N"))
        found["active"] = active == "Y"
    if text := call["cid_description"]:
        if len(text) not in _DESCRIPTION:
            raise invalid(call, InvalidField("cid_description", "6 to 50 characters"))
        found["description"] = text
    return found


async def _change(call: NonAgentCall, change: Change) -> None:
    """Change the group as it is by now: others may be adding to it."""
    name = call["cid_group_id"]

    def changed(group: CallerIdGroup | None) -> CallerIdGroup:
        return change(group or CallerIdGroup(name=name))

    try:
        await call.services.site.edit(CallerIdGroup, name, changed, vouched=vouches(call))
    except InvalidField as why:
        raise invalid(call, why) from None
