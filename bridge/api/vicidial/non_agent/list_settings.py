"""What the parameters of `add_list` and `update_list` set of a list, each checked as the format does."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.site_items import BLANK, campaign_of, invalid, plain, refused
from bridge.api.vicidial.non_agent.site_parameters import NUMERALS, WEB_FORMS, XFERCONF
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import InGroup
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

SCRIPTS: Final = frozenset({"CALLNOTES"})
"""Scripts of the agent's screen that every site of the original has; the bridge has none of its own."""
NEVER: Final = "2099-12-31"
"""How the format says that a list does not expire."""
CAMPAIGN: Final = "campaign"
"""`local_call_time`: that of the campaign."""
_ZONES: Final = frozenset({"COUNTRY_AND_AREA_CODE", "POSTAL_CODE", "NANPA_PREFIX", "OWNER_TIME_ZONE_CODE"})
_RESETS: Final = re.compile(r"[0-9]{4}(-[0-9]{4})*")
_LONGEST_XFERCONF: Final = 50
_LONGEST_MESSAGE: Final = 100
_NAME: Final = range(6, 31)
_CID: Final = range(6, 19)

Settings = dict[str, Any]
Reader = Callable[[NonAgentCall, str], Awaitable[Settings]]


async def settings_of(call: NonAgentCall, *, new: bool) -> Settings:
    """New values by the names of a list's fields; those of the line format alone under `line_settings`.

    Args:
        call: the request.
        new: the list is to be added: its name, campaign and state are looked at elsewhere.

    Raises:
        Answer: with the line of the first parameter that is wrong.
    """
    found: Settings = {}
    kept: dict[str, str] = {}
    for name, reader in (_OF_NEW if new else _OF_OLD).items():
        if call[name]:
            read = await reader(call, call[name])
            kept |= read.pop(_KEPT, {})
            found |= read
    return found | ({_KEPT: kept} if kept else {})


def with_settings(call: NonAgentCall, item: LeadList, settings: Mapping[str, Any]) -> LeadList:
    """The list with new settings.

    Raises:
        Answer: a list cannot have them.
    """
    kept = {**item.line_settings, **settings.get(_KEPT, {})}
    kept = {name: value for name, value in kept.items() if value}
    try:
        return msgspec.structs.replace(item, **{**settings, _KEPT: kept})
    except (InvalidField, InvalidLead) as why:
        raise invalid(call, why) from None


def expiration_of(item: LeadList, zone: tzinfo) -> str:
    """The last day on which it is dialled."""
    if item.expires_at is None:
        return NEVER
    return (item.expires_at.astimezone(zone) - timedelta(microseconds=1)).date().isoformat()


_KEPT: Final = "line_settings"


def _kept(name: str, value: str) -> Settings:
    return {_KEPT: {name: plain(value)}}


async def _name(call: NonAgentCall, value: str) -> Settings:
    if len(value) not in _NAME:
        raise refused(call, "LIST NAME MUST BE FROM 6 TO 30 CHARACTERS", value)
    return {"name": value}


async def _description(_call: NonAgentCall, value: str) -> Settings:
    return {"description": plain(value)}


async def _campaign(call: NonAgentCall, value: str) -> Settings:
    if await campaign_of(call, value) is None:
        raise refused(call, "CAMPAIGN DOES NOT EXIST", value)
    return {"campaign": value}


async def _active(call: NonAgentCall, value: str) -> Settings:
    if value not in ("Y", "N"):
        raise refused(call, "ACTIVE MUST BE Y OR N", value)
    return {"active": value == "Y"}


async def _cid(call: NonAgentCall, value: str) -> Settings:
    if value != BLANK and (len(value) not in _CID or not value.isdecimal()):
        raise refused(call, "OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS", value)
    return {"caller_id": plain(value)}


async def _script(call: NonAgentCall, value: str) -> Settings:
    if plain(value) and value not in SCRIPTS:
        raise refused(call, "SCRIPT DOES NOT EXIST", value)
    return _kept("script", value)


async def _in_group(call: NonAgentCall, value: str) -> Settings:
    if plain(value) and await call.services.site.get(InGroup, value) is None:
        raise refused(call, "IN-GROUP DOES NOT EXIST", value)
    return _kept("drop_inbound_group", value)


async def _message(call: NonAgentCall, value: str) -> Settings:
    if len(value) > _LONGEST_MESSAGE:
        raise refused(call, "ANSWERING MACHINE MESSAGE MUST LESS THAN 101 DIGITS", value)
    return _kept("am_message", value)


async def _reset_time(call: NonAgentCall, value: str) -> Settings:
    if value != BLANK and not _RESETS.fullmatch(value):
        raise refused(call, "RESET TIME IS NOT VALID", value)
    return _kept("reset_time", value)


async def _expiration(call: NonAgentCall, value: str) -> Settings:
    if value in (BLANK, NEVER):
        return {"expires_at": None}
    ends = _end_of(value, call.zone)
    if ends is None:
        raise refused(call, "EXPIRATION DATE IS NOT VALID", value)
    return {"expires_at": ends}


def _end_of(day: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError):
        return None


async def _zone(call: NonAgentCall, value: str) -> Settings:
    if value not in _ZONES:
        raise refused(call, "TIME ZONE METHOD IS NOT VALID", value)
    return _kept("tz_method", value)


async def _call_time(call: NonAgentCall, value: str) -> Settings:
    if value == CAMPAIGN:
        return {"call_time": ""}
    if await call.services.site.call_time(value) is None:
        raise refused(call, "LOCAL CALL TIME DOES NOT EXIST", value)
    return {"call_time": value}


def _keeps(name: str) -> Reader:
    async def read(_call: NonAgentCall, value: str) -> Settings:
        return _kept(name, value)

    return read


def xferconf(name: str, what: str) -> Reader:
    """Reads the number of one of the buttons for transfers; `what` it is called in the error."""
    numeral = NUMERALS[XFERCONF.index(name)].upper()

    async def read(call: NonAgentCall, value: str) -> Settings:
        if len(value) > _LONGEST_XFERCONF:
            raise refused(call, f"TRANSFER CONF {what} {numeral} IS NOT VALID", value)
        return _kept(name, value)

    return read


_ALWAYS: Final[Mapping[str, Reader]] = {
    "script": _script,
    "drop_inbound_group": _in_group,
    "list_description": _description,
    **{name: _keeps(name) for name in WEB_FORMS},
    "outbound_cid": _cid,
    "am_message": _message,
    "reset_time": _reset_time,
    "expiration_date": _expiration,
    "tz_method": _zone,
    "local_call_time": _call_time,
    **{name: xferconf(name, "OVERRIDE") for name in XFERCONF},
}
_OF_NEW: Final = _ALWAYS
_FIRST: Final = ("script", "drop_inbound_group")
_OF_OLD: Final[Mapping[str, Reader]] = {
    "campaign_id": _campaign,
    **{name: _ALWAYS[name] for name in _FIRST},
    "list_name": _name,
    "active": _active,
    **{name: reader for name, reader in _ALWAYS.items() if name not in _FIRST},
}
"""Readers in the order in which the format looks at the parameters: the first that is wrong is told."""
