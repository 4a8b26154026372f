"""What the parameters set of a user, each checked as the format does."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.access.errors import InvalidUser
from bridge.access.model import UserSpec
from bridge.api.giving import SAME_LEVEL, may_use_level, sees
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import BLANK, OPTIONAL, YES_OR_NO, Rule, check, kept, text
from bridge.api.vicidial.non_agent.site_items import invalid, refused
from bridge.api.vicidial.non_agent.user_ranks import check_ranks, ranks_of
from bridge.campaigns.model import InGroup, Phone, UserGroup
from bridge.campaigns.phone_alias import PhoneAlias

CHOICES: Final = ("agent_choose_ingroups", "agent_choose_blended", "closer_default_blended")
"""What an agent of the original may choose as she logs in; `add_user` alone sets them."""
_KEPT: Final = ("hotkeys_active", "voicemail_id", "email", "custom_one", "custom_two", "custom_five")
_WRAPUP: Final = "wrapup_seconds_override"
_ZERO_OR_ONE: Final = frozenset({"0", "1"})
_CUSTOM: Final = range(1, 101)
LEVEL: Final = Rule("agent_user_level", "YOU MUST USE A VALID USER LEVEL", number=range(1, 10))
_NAME: Final = Rule("agent_full_name", f"YOU MUST USE A VALID FULL NAME{OPTIONAL}", range(1, 51))
_RULES: Final = (
    Rule("phone_pass", f"YOU MUST USE A VALID PHONE PASSWORD{OPTIONAL}", range(1, 21)),
    Rule("hotkeys_active", f"YOU MUST USE A VALID HOTKEYS SETTING{OPTIONAL}", words=_ZERO_OR_ONE),
    Rule("voicemail_id", f"YOU MUST USE A VALID VOICEMAIL ID{OPTIONAL}", range(1, 11)),
    Rule("email", f"YOU MUST USE A VALID EMAIL{OPTIONAL}", range(5, 256)),
    *(
        Rule(f"custom_{name}", f"YOU MUST USE A VALID CUSTOM {name.upper()}{OPTIONAL}", _CUSTOM)
        for name in ("one", "two", "three", "four", "five")
    ),
    Rule("active", f"ACTIVE MUST BE Y OR N{OPTIONAL}", words=YES_OR_NO),
    Rule(
        _WRAPUP,
        f"{_WRAPUP} MUST BE A VALID DIGIT BETWEEN -1 AND 9999{OPTIONAL}",
        number=range(-1, 10_000),
    ),
)
_CHOICE_RULES: Final = tuple(
    Rule(name, f"{name} MUST BE 0 OR 1{OPTIONAL}", words=_ZERO_OR_ONE) for name in CHOICES
)
UPDATES: Final = (
    "agent_full_name agent_user_level agent_user_group agent_pass phone_login phone_pass hotkeys_active "
    "voicemail_id email custom_one custom_two custom_three custom_four custom_five active in_groups "
    f"{_WRAPUP}"
).split()
"""Parameters that make a request a change; ranks are told by a line of their own."""


async def check_new(call: NonAgentCall) -> None:
    """End with the line of the first parameter that is wrong for a user who is to be made."""
    check(call, (*_RULES, *_CHOICE_RULES))
    await _check_in_groups(call)


async def check_change(call: NonAgentCall) -> None:
    """The same for one who is to be changed, in the format's order."""
    check(call, (_NAME,))
    _check_level(call)
    await _check_group(call)
    await _check_phone(call)
    check(call, _RULES)
    await check_ranks(call)
    await _check_in_groups(call)


async def is_group_seen(call: NonAgentCall, group: str) -> bool:
    """Whether a group is there for the caller."""
    return sees(call.principal, group) and await call.services.site.get(UserGroup, group) is not None


def settled(call: NonAgentCall, spec: UserSpec) -> UserSpec:
    """The user with what the parameters say, all of which are fine by themselves.

    Raises:
        Answer: a user cannot be like that.
    """
    told = kept(call, (*_KEPT, _WRAPUP, *CHOICES), spec.line_settings)
    try:
        return msgspec.structs.replace(
            spec,
            name=text(call, "agent_full_name", spec.name),
            level=int(call["agent_user_level"] or spec.level),
            group=call["agent_user_group"] or spec.group,
            phone=text(call, "phone_login", spec.phone),
            crm_id=text(call, "custom_three", spec.crm_id),
            team=text(call, "custom_four", spec.team),
            active=call.yes("active") if call["active"] in YES_OR_NO else spec.active,
            queues=_queues(call, spec),
            line_settings={**told, **ranks_of(call, spec.line_settings)},
        )
    except InvalidUser as why:
        raise invalid(call, why) from None


def _check_level(call: NonAgentCall) -> None:
    level = call["agent_user_level"]
    if level and not (LEVEL.allows(level) and may_use_level(call.principal, int(level))):
        own = (str(call.principal.level), str(call.principal.right(SAME_LEVEL)))
        raise refused(call, LEVEL.told, level, *own)


async def _check_group(call: NonAgentCall) -> None:
    group = call["agent_user_group"]
    if group and not await is_group_seen(call, group):
        raise refused(call, "YOU MUST USE A VALID USER GROUP", group, "0")


async def _check_phone(call: NonAgentCall) -> None:
    login, site = call["phone_login"], call.services.site
    if login in ("", BLANK) or await site.get(Phone, login) is not None:
        return
    if await site.get(PhoneAlias, login) is None:
        raise refused(call, "YOU MUST USE A VALID PHONE LOGIN", login, "0", "0")


async def _check_in_groups(call: NonAgentCall) -> None:
    for name in _in_groups(call):
        if await call.services.site.get(InGroup, name) is None:
            raise refused(call, "YOU MUST USE A VALID IN-GROUP", name)


def _in_groups(call: NonAgentCall) -> tuple[str, ...]:
    names = () if call["in_groups"] == BLANK else call["in_groups"].split("|")
    return tuple(dict.fromkeys(name for name in names if name))


def _queues(call: NonAgentCall, spec: UserSpec) -> tuple[str, ...] | None:
    """The in-groups that she serves from her next login on; blank: those of the campaign again."""
    if call["in_groups"] == BLANK:
        return None
    return _in_groups(call) or spec.queues
