"""What the parameters of `update_campaign` set of a campaign, each checked as the format does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.site_items import BLANK, NONE, plain, refused
from bridge.api.vicidial.non_agent.site_parameters import NUMERALS, XFERCONF
from bridge.campaigns.model import Campaign, DialMethod
from bridge.campaigns.url_template import why_not

KEPT: Final = "line_settings"
MOST_LEVEL: Final = 4.001
"""What the original's settings allow of lines for each agent; `/v1` sets more."""
_LONGEST_XFERCONF: Final = 50
_LONGEST_STATUS: Final = 6
_LIST_ORDER: Final = re.compile(
    r"(DOWN|UP)( PHONE| LAST NAME| COUNT| LAST CALL TIME| RANK| OWNER| TIMEZONE)?( (2nd|3rd|[456]th) NEW)?"
)
_SECONDARY: Final = re.compile(r"(LEAD|CALLTIME|VENDOR)_(ASCEND|DESCEND)")

Settings = dict[str, Any]
Reader = Callable[[NonAgentCall, Campaign, str], Settings]


def settings_of(call: NonAgentCall, campaign: Campaign) -> Settings:
    """New values by the names of a campaign's fields; those of the line format alone under `KEPT`.

    Raises:
        Answer: with the line of the first parameter that is wrong.
    """
    found: Settings = {}
    kept: dict[str, str] = {}
    for name, reader in _READERS.items():
        if call[name]:
            read = reader(call, campaign, call[name])
            kept |= read.pop(KEPT, {})
            found |= read
    if {"dial_status_add", "dial_status_remove"} <= {name for name in _READERS if call[name]}:
        left = (*campaign.dial_statuses, call["dial_status_add"])
        found["dial_statuses"] = tuple(
            one for one in dict.fromkeys(left) if one != call["dial_status_remove"]
        )
    return found | ({KEPT: kept} if kept else {})


def _number(value: str, least: float, most: float) -> float | None:
    """A number within these bounds."""
    try:
        found = float(value)
    except ValueError:
        return None
    return found if least <= found <= most else None


def _level(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    found = _number(value, 0, MOST_LEVEL)
    if found is None:
        raise refused(call, f"AUTO DIAL LEVEL MUST BE FROM 0 TO {MOST_LEVEL:g}", value)
    return {"dial_level": found}


def _method(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if value not in DialMethod.__members__:
        raise refused(call, "DIAL METHOD IS NOT VALID", value)
    return {"dial_method": DialMethod(value)}


def _max_level(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    found = _number(value, 0, 20) if len(value) <= 5 else None
    if found is None:
        raise refused(call, "ADAPT MAXIMUM DIAL LEVEL MUST BE FROM 1 TO 5 CHARACTERS", value)
    return {"max_dial_level": found}


def _hopper_level(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    found = _number(value, 1, 2000)
    if found is None:
        raise refused(call, "HOPPER LEVEL MUST BE FROM 1 TO 2000", value)
    return {"hopper_level": int(found)}


def _timeout(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    found = _number(value, 1, 120)
    if found is None:
        raise refused(call, "DIAL TIMEOUT MUST BE FROM 1 TO 120", value)
    return {"dial_timeout": int(found)}


def _name(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if not 6 <= len(value) <= 40:
        raise refused(call, "CAMPAIGN NAME MUST BE FROM 6 TO 40 CHARACTERS", value)
    return {"name": value}


def _cid(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if value != BLANK and not (6 <= len(value) <= 20 and value.isdecimal()):
        raise refused(call, "CAMPAIGN CID MUST BE FROM 6 TO 20 CHARACTERS", value)
    return {"caller_id": plain(value)}


def _filter(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if value != NONE:  # the bridge has no filters
        raise refused(call, "CAMPAIGN LEAD FILTER MUST BE A VALID FILTER IN THE SYSTEM", value)
    return {KEPT: {"lead_filter_id": ""}}


def _active(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if value not in ("Y", "N"):
        raise refused(call, "ACTIVE MUST BE Y OR N", value)
    return {"active": value == "Y"}


def _url(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if why_not(plain(value)):
        raise refused(call, "DISPO CALL URL IS NOT VALID", value)
    return {"dispo_call_url": plain(value)}


def _list_order(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if "RANDOM" in value:
        raise refused(call, "LIST ORDER INCLUDING RANDOM ARE NOT ALLOWED", value)
    if not _LIST_ORDER.fullmatch(value):
        raise refused(call, "LIST ORDER IS NOT VALID", value)
    return {KEPT: {"list_order": value}}


def _randomize(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if value not in ("Y", "N"):
        raise refused(call, "LIST ORDER RANDOMIZE IS NOT VALID", value)
    return {KEPT: {"list_order_randomize": value}}


def _secondary(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
    if not _SECONDARY.fullmatch(value):
        raise refused(call, "LIST ORDER SECONDARY IS NOT VALID", value)
    return {KEPT: {"list_order_secondary": value}}


def _add_status(call: NonAgentCall, campaign: Campaign, value: str) -> Settings:
    if len(value) > _LONGEST_STATUS:
        raise refused(call, "DIAL STATUS ADD IS NOT VALID", value)
    return {"dial_statuses": tuple(dict.fromkeys((*campaign.dial_statuses, value)))}


def _remove_status(call: NonAgentCall, campaign: Campaign, value: str) -> Settings:
    if len(value) > _LONGEST_STATUS:
        raise refused(call, "DIAL STATUS REMOVE IS NOT VALID", value)
    if not campaign.dial_statuses:
        raise refused(call, "DIAL STATUS REMOVE FAILURE, NO EXISTING DIAL STATUSES SET", value)
    if value not in campaign.dial_statuses:
        raise refused(call, "DIAL STATUS REMOVE FAILURE, NOT AN EXISTING DIAL STATUS", value)
    return {"dial_statuses": tuple(one for one in campaign.dial_statuses if one != value)}


def _keeps(name: str, least: int, most: int, what: str) -> Reader:
    """Reads what is only kept, of so many characters; `what` it is called in the error."""

    def read(call: NonAgentCall, _campaign: Campaign, value: str) -> Settings:
        if value != BLANK and not least <= len(value) <= most:
            raise refused(call, what, value)
        return {KEPT: {name: plain(value)}}

    return read


def _xferconf(name: str) -> Reader:
    numeral = NUMERALS[XFERCONF.index(name)].upper()
    return _keeps(name, 1, _LONGEST_XFERCONF, f"TRANSFER CONF NUMBER {numeral} IS NOT VALID")


_EXTEN: Final = "ROUTING EXTENSION MUST BE FROM 3 TO 20 CHARACTERS"
_FORMS: Final = ("webform_one", "webform_two", "webform_three")
_READERS: Final[Mapping[str, Reader]] = {
    "auto_dial_level": _level,
    "dial_method": _method,
    "adaptive_maximum_level": _max_level,
    "campaign_vdad_exten": _keeps("campaign_vdad_exten", 3, 20, _EXTEN),
    "hopper_level": _hopper_level,
    "dial_timeout": _timeout,
    "campaign_name": _name,
    "outbound_cid": _cid,
    "lead_filter_id": _filter,
    "active": _active,
    **{name: _xferconf(name) for name in XFERCONF},
    "dispo_call_url": _url,
    **{
        name: _keeps(name, 2, 2000, f"WENFORM {place} URL IS NOT VALID")
        for place, name in enumerate(_FORMS, 1)
    },
    "list_order": _list_order,
    "list_order_randomize": _randomize,
    "list_order_secondary": _secondary,
    "dial_status_add": _add_status,
    "dial_status_remove": _remove_status,
}
"""In the order in which the format looks at the parameters: the first that is wrong is told."""
