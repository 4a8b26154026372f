"""What the parameters of `add_did` and `update_did` set of a DID, each checked as the format does."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import OPTIONAL, YES_OR_NO, Rule, check, kept, text
from bridge.api.vicidial.non_agent.site_items import campaign_of, invalid, plain
from bridge.api.vicidial.reply import Answer
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Did, InGroup

IN_GROUP: Final = "IN_GROUP"
"""The route that the bridge takes: callers wait in a queue."""
EXTEN: Final = "EXTEN"
"""The route of a DID for which none was ever sent."""
_ROUTES: Final = frozenset(f"{IN_GROUP} {EXTEN} VOICEMAIL AGENT PHONE CALLMENU VMAIL_NO_INST".split())
_ROUTE: Final = "did_route"
_GROUP: Final = "group"
_KEPT: Final = (
    "record_call extension exten_context voicemail_ext phone_extension server_ip filter_clean_cid_number "
    "call_handle_method agent_search_method list_id entry_list_id phone_code"
)
DESCRIBED: Final = range(6, 51)
_FIRST: Final = (
    Rule("did_description", f"DID DESCRIPTION MUST BE FROM 6 TO 50 CHARACTERS{OPTIONAL}", DESCRIBED),
    Rule("active", f"ACTIVE MUST BE Y OR N{OPTIONAL}", words=YES_OR_NO),
    Rule(_ROUTE, f"DID ROUTE IS NOT VALID{OPTIONAL}", words=_ROUTES),
    Rule("record_call", f"RECORD CALL MUST BE Y OR N{OPTIONAL}", words=YES_OR_NO | {"Y_QUEUESTOP"}),
    Rule("extension", f"EXTENSION MUST BE FROM 1 TO 50 CHARACTERS{OPTIONAL}", range(1, 51)),
    Rule("exten_context", f"EXTENSION CONTEXT MUST BE FROM 1 TO 50 CHARACTERS{OPTIONAL}", range(1, 51)),
    Rule("voicemail_ext", f"VOICEMAIL EXTENSION MUST BE FROM 1 TO 10 CHARACTERS{OPTIONAL}", range(1, 11)),
    Rule("phone_extension", f"PHONE EXTENSION MUST BE FROM 1 TO 100 CHARACTERS{OPTIONAL}", range(1, 101)),
)
_SERVER: Final = f"SERVER IP MUST BE A VALID SERVER IN THE SYSTEM{OPTIONAL}"
_NO_GROUP: Final = f"GROUP ID MUST BE A VALID INBOUND GROUP IN THE SYSTEM{OPTIONAL}"
_NO_MENU: Final = f"MENU ID MUST BE A VALID CALL MENU IN THE SYSTEM{OPTIONAL}"
_LAST: Final = (
    Rule(
        "filter_clean_cid_number",
        f"CLEAN CID NUMBER MUST BE FROM 1 TO 20 CHARACTERS{OPTIONAL}",
        range(1, 21),
    ),
    Rule("call_handle_method", f"CALL HANDLE METHOD MUST BE FROM 3 TO 20 CHARACTERS{OPTIONAL}", range(3, 21)),
    Rule("agent_search_method", f"AGENT SEARCH METHOD MUST BE 2 CHARACTERS{OPTIONAL}", range(2, 3)),
    Rule("list_id", f"LIST ID MUST BE FROM 3 TO 14 DIGITS{OPTIONAL}", digits=range(3, 15)),
    Rule("entry_list_id", f"ENTRY LIST ID MUST BE FROM 1 TO 14 DIGITS{OPTIONAL}", digits=range(1, 15)),
    Rule("campaign_id", f"CAMPAIGN MUST BE FROM 1 TO 8 CHARACTERS{OPTIONAL}", range(1, 9)),
    Rule("phone_code", f"PHONE CODE MUST BE FROM 1 TO 10 CHARACTERS{OPTIONAL}", range(1, 11)),
)
_SETTINGS: Final = (*(rule.name for rule in (*_FIRST, *_LAST)), "server_ip", _GROUP)
"""Parameters of which one is enough for a change."""


def sets_anything(call: NonAgentCall) -> bool:
    """Whether any setting was sent."""
    return any(call[name] for name in _SETTINGS)


async def with_settings(call: NonAgentCall, known: Did) -> Did:
    """The DID with the settings that were sent.

    Raises:
        Answer: with the line of the first parameter that is wrong.
    """
    await _check(call)
    queue, settings = _routed(call, known)
    try:
        return msgspec.structs.replace(
            known,
            name=text(call, "did_description", known.name),
            active=call.yes("active") if call["active"] else known.active,
            queue=queue,
            campaign=text(call, "campaign_id", known.campaign),
            line_settings=settings,
        )
    except InvalidField as why:
        raise invalid(call, why) from None


def _routed(call: NonAgentCall, known: Did) -> tuple[str, dict[str, str]]:
    """Where its callers wait, and what is only kept: an in-group counts as long as the route goes there."""
    settings = kept(call, _KEPT.split(), known.line_settings)
    before, group = settings.pop(_ROUTE, ""), settings.pop(_GROUP, "")
    before = plain(call[_ROUTE]) or before
    route = before or (IN_GROUP if known.queue else EXTEN)
    group = plain(call[_GROUP]) if call[_GROUP] else known.queue or group
    if route == IN_GROUP:
        return group, settings
    kept_apart = {_ROUTE: before, _GROUP: group}
    return "", settings | {name: value for name, value in kept_apart.items() if value}


async def _check(call: NonAgentCall) -> None:
    check(call, _FIRST)
    options, group = call.services.options, plain(call[_GROUP])
    if call["server_ip"] and call["server_ip"] not in {*options.addresses, *options.addresses.values()}:
        raise Answer(call.error(_SERVER, call.user, call["server_ip"]))
    if group and await call.services.site.get(InGroup, group) is None:
        raise Answer(call.error(_NO_GROUP, call.user, group))
    if plain(call["menu_id"]):  # call menus are Asterisk's dialplan; the format says update_did in both
        raise Answer(f"ERROR: update_did {_NO_MENU}: |{call.user}|{call['menu_id']}\n")
    check(call, _LAST)
    campaign = text(call, "campaign_id", "")
    if campaign and await campaign_of(call, campaign) is None:
        raise invalid(call, InvalidField("campaign_id", f"there is no campaign {campaign!r}"))
