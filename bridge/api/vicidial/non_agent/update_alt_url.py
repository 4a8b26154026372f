"""`update_alt_url`: alternate addresses that a CRM is told at, by campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.api.vicidial.non_agent.site_items import BLANK, campaign_of, invalid, keep, plain, refused
from bridge.api.vicidial.reply import notice, success
from bridge.campaigns.alt_url import LENGTH, RANK, AltUrl, AltUrlType, by_rank, next_id
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign
from bridge.campaigns.url_template import ALT, OFF, why_not

_COLUMNS: Final = (
    *("url_id", "campaign_id", "entry_type", "active", "url_type", "url_rank", "url_statuses"),
    *("url_description", "url_lists", "url_call_length", "url_address"),
)
_CAMPAIGN: Final = "campaign"
_ALL: Final = "---ALL---"
_MOST_DIGITS: Final = 5
_LONGEST: Final = 255
_LONGEST_LISTS: Final = 1000


async def update_alt_url(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done."""
    name, entry, kind = call["campaign_id"], call["entry_type"], call["url_type"]
    if not (name and entry and kind and call["alt_url_id"]):
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, name, call["campaign_name"], name)
    campaign = await campaign_of(call, name)
    if campaign is None:
        return call.error("CAMPAIGN DOES NOT EXIST", call.user, name)
    if entry != _CAMPAIGN:
        return call.error("NO ENTRY TYPE DEFINED:", call.user, entry, name)
    if kind not in set(AltUrlType):
        return call.error("NO VALID URL TYPE DEFINED:", call.user, kind, entry, name)
    if call["alt_url_id"] == "LIST":
        return _list(call, campaign, AltUrlType(kind))
    return await _set(call, campaign, AltUrlType(kind))


def _list(call: NonAgentCall, campaign: Campaign, kind: AltUrlType) -> str:
    found = [one for one in by_rank(campaign.alt_urls) if one.url_type is kind]
    if not found:
        return notice("update_alt_url LIST, No Records Found", call.user, kind, _CAMPAIGN, campaign.id, "0")
    return rows(call, _COLUMNS, [_row(campaign, one) for one in found])


def _row(campaign: Campaign, one: AltUrl) -> tuple[str, ...]:
    return (
        str(one.id),
        campaign.id,
        _CAMPAIGN,
        "Y" if one.active else "N",
        one.url_type,
        str(one.rank),
        " ".join(one.statuses) or _ALL,
        one.description,
        " ".join(map(str, one.lists)),
        str(one.call_length),
        one.address,
    )


async def _set(call: NonAgentCall, campaign: Campaign, kind: AltUrlType) -> str:
    where = (kind, _CAMPAIGN, campaign.id)
    if getattr(campaign, kind.field) != ALT:
        return call.error(f"CAMPAIGNS {kind} URL IS NOT SET TO ALT", call.user, *where)
    new = call["alt_url_id"] == "NEW"
    known = _known(call, campaign, kind)
    if known is None:
        return call.error("ALT URL ID DOES NOT EXIST", call.user, call["alt_url_id"], *where, "0")
    settings = _settings(call)
    if not settings and not new:
        return call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")
    try:
        changed = msgspec.structs.replace(known, **settings)
        others = tuple(one for one in campaign.alt_urls if one.id != known.id)
        await keep(call, msgspec.structs.replace(campaign, alt_urls=(*others, changed)))
    except InvalidField as why:
        raise invalid(call, why) from None
    shown, done = (f"NEW URL ID: {changed.id}", "ADDED") if new else (str(changed.id), "UPDATED")
    return success(f"update_alt_url ALT URL HAS BEEN {done}", call.user, shown, *where)


def _known(call: NonAgentCall, campaign: Campaign, kind: AltUrlType) -> AltUrl | None:
    """The one that is changed, or a new one."""
    if call["alt_url_id"] == "NEW":
        return AltUrl(id=next_id(campaign.alt_urls), url_type=kind)
    wanted = (call["alt_url_id"], kind)
    return next((one for one in campaign.alt_urls if (str(one.id), one.url_type) == wanted), None)


def _settings(call: NonAgentCall) -> dict[str, Any]:
    """What is to be changed, by the alternate's fields."""
    found: dict[str, Any] = {}
    for name, read in _READ.items():
        if call[name]:
            found[_FIELDS[name]] = read(call, call[name])
    return found


def _active(call: NonAgentCall, value: str) -> bool:
    if value not in ("Y", "N"):
        raise refused(call, "ACTIVE MUST BE Y OR N", value)
    return value == "Y"


def _address(call: NonAgentCall, value: str) -> str:
    address = plain(value)
    if why_not(address) or address in {*OFF, ALT}:
        raise refused(call, "URL ADDRESS IS NOT VALID", value)
    return address


def _number(reason: str, least: int, most: int) -> Callable[[NonAgentCall, str], int]:
    def read(call: NonAgentCall, value: str) -> int:
        if len(value) > _MOST_DIGITS or not least <= int(value) <= most:
            raise refused(call, reason, value)
        return int(value)

    return read


def _statuses(call: NonAgentCall, value: str) -> Sequence[str]:
    found = () if value in (_ALL, BLANK) else tuple(dict.fromkeys(value.split()))
    if len(value) > _LONGEST or any(len(status) > 6 for status in found):
        raise refused(call, "URL STATUSES IS NOT VALID", value)
    return found


def _lists(call: NonAgentCall, value: str) -> Sequence[int]:
    names = value.split()
    if len(value) > _LONGEST_LISTS or any(len(one) > 18 or not int(one) for one in names):
        raise refused(call, "URL LISTS IS NOT VALID", value)
    return tuple(dict.fromkeys(map(int, names)))


def _description(call: NonAgentCall, value: str) -> str:
    if len(value) > _LONGEST:
        raise refused(call, "URL DESCRIPTION IS NOT VALID", value)
    return plain(value)


_READ: Final[Mapping[str, Callable[[NonAgentCall, str], object]]] = {
    "active": _active,
    "url_address": _address,
    "url_rank": _number("URL RANK IS NOT VALID", *RANK),
    "url_call_length": _number("URL CAL LENGTH IS NOT VALID", *LENGTH),
    "url_statuses": _statuses,
    "url_description": _description,
    "url_lists": _lists,
}
_FIELDS: Final = {name: name.removeprefix("url_") for name in _READ}
