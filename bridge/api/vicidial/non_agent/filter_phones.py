"""`add_fpg_phone` and `delete_fpg_phone`: numbers of a group of filtered callers."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, success
from bridge.campaigns.errors import NoSuchItem

_DIGITS: Final = range(6, 21)


async def add_fpg_phone(call: NonAgentCall) -> str:
    """Put a number into a group."""
    number, group, fields = _asked(call)
    try:
        added = await call.services.filters.add(group, number)
    except NoSuchItem:
        return _no_group(call, group)
    if not added:
        return call.error("FILTER PHONE GROUP NUMBER ALREADY EXISTS", *fields)
    return success("add_fpg_phone FILTER PHONE GROUP NUMBER HAS BEEN ADDED", *fields)


async def delete_fpg_phone(call: NonAgentCall) -> str:
    """Take a number out of a group."""
    number, group, fields = _asked(call)
    try:
        removed = await call.services.filters.remove(group, number)
    except NoSuchItem:
        return _no_group(call, group)
    if not removed:
        return call.error("FILTER PHONE GROUP NUMBER DOES NOT EXIST", *fields)
    return success("delete_fpg_phone FILTER PHONE GROUP NUMBER HAS BEEN DELETED", *fields)


def _asked(call: NonAgentCall) -> tuple[str, str, tuple[str, str, str]]:
    """Number, group, and what lines repeat (`Answer` if one cannot be)."""
    number, group = call["phone_number"], call["group"]
    fields = (call.user, number, group)
    if len(number) not in _DIGITS or not group or "," in number:
        raise Answer(call.error("YOU MUST USE ALL REQUIRED FIELDS", *fields))
    call.check_limits(campaign="")  # a group is the whole site's
    return number, group, fields


def _no_group(call: NonAgentCall, group: str) -> str:
    return call.error("FILTER PHONE GROUP DOES NOT EXIST", call.user, group)
