"""Ranks and grades of an agent for campaigns and in-groups: kept as they are told, the bridge offers by none.

A setting is the value for all, and behind it those for single ones: `5 TESTCAMP=7`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import OPTIONAL, Rule, check
from bridge.api.vicidial.non_agent.site_items import campaign_of, refused
from bridge.api.vicidial.reply import notice
from bridge.campaigns.model import InGroup

_RANK: Final = range(-9, 10)
_GRADE: Final = range(1, 11)


class _Kind(NamedTuple):
    prefix: str
    told: str
    only: str
    """Parameter that says that it is for one alone."""
    which: str
    """And that which names it."""

    @property
    def rules(self) -> tuple[Rule, Rule]:
        wrong = f"YOU MUST USE A VALID {self.told}"
        return (
            Rule(f"{self.prefix}_rank", f"{wrong} RANK{OPTIONAL}", number=_RANK),
            Rule(f"{self.prefix}_grade", f"{wrong} GRADE{OPTIONAL}", number=_GRADE),
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.rules)

    def one(self, call: NonAgentCall) -> str:
        """The one that it is for; empty: for all."""
        return call[self.which] if call[self.only] == "1" else ""


_CAMPAIGNS: Final = _Kind("campaign", "CAMPAIGN", "camp_rg_only", "campaign_id")
_IN_GROUPS: Final = _Kind("ingroup", "IN-GROUP", "ingrp_rg_only", "group_id")
_KINDS: Final = (_CAMPAIGNS, _IN_GROUPS)


async def check_ranks(call: NonAgentCall) -> None:
    """End with the line of the first that is wrong."""
    for kind in _KINDS:
        check(call, kind.rules)
        only = call[kind.only] == "1" and any(call[name] for name in kind.names)
        if only and not await _is_there(call, kind):
            raise refused(call, f"YOU MUST USE A VALID {kind.told} ID", call[kind.which])


def ranks_of(call: NonAgentCall, known: Mapping[str, str]) -> dict[str, str]:
    """The settings that are sent."""
    found: dict[str, str] = {}
    for kind in _KINDS:
        for name in filter(call.__getitem__, kind.names):
            found[name] = _with(known.get(name, ""), kind.one(call), call[name])
    return found


def told_ranks(call: NonAgentCall) -> str:
    """The lines that say so."""
    lines = ""
    for kind in _KINDS:
        values = [call[name] for name in kind.names]
        if any(values):
            one = kind.one(call)
            why = f"update_user USER {kind.told} RANKS/GRADES HAVE BEEN UPDATED"
            lines += notice(why, call.user, call["agent_user"], *values, *((one, "1") if one else ()))
    return lines


async def _is_there(call: NonAgentCall, kind: _Kind) -> bool:
    name = call[kind.which]
    if kind is _CAMPAIGNS:
        return await campaign_of(call, name) is not None
    return await call.services.site.get(InGroup, name) is not None


def _with(known: str, one: str, value: str) -> str:
    """A setting with a new value: one for all is the end of those for single ones."""
    if not one:
        return value
    others = [entry for entry in known.split() if entry.partition("=")[0] != one]
    return " ".join([*others, f"{one}={value}"])
