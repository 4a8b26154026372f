"""The one place that says whether a principal may do a thing. Pure: the principal carries all it needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from bridge.access.errors import Forbidden, Rule
from bridge.access.model import GroupScope, Principal, PrincipalKind
from bridge.access.names import ALL, All
from bridge.access.rights import ACTIONS, Right

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
"""Before every begin and, by itself, behind every end: nobody said what time it is."""


def authorize(
    principal: Principal,
    function: str,
    *,
    agent: Principal | None = None,
    campaign: str | None = None,
    now: datetime | None = None,
) -> None:
    """Let the principal go on, or raise. Whatever is not allowed is denied.

    Args:
        principal: who asks.
        function: a function of the line format (`external_dial`) or a REST action (`agents.dial`).
        agent: the agent who is commanded, where the function has one.
        campaign: the campaign that is used or shown, where there is one; what an agent does with herself is
            hers wherever she is logged in.
        now: what time it is, aware; without it whoever has limits in time is refused.

    Raises:
        Forbidden: with the first rule that stands against it, in the line format's own order.
    """
    right = ACTIONS.get(function)
    if right is None:
        raise Forbidden(Rule.UNKNOWN, user=principal.user, function=function)
    if principal.console:
        refusal = _standing(principal, now) or _own(principal, right, agent)
    elif right.own_by_secret and agent is not None and _is_herself(principal, agent):
        refusal = _standing(principal, now)
    else:
        refusal = (
            _standing(principal, now)
            or _refusal(principal, right, agent, campaign)
            or _limits(principal, agent.user if agent else None, campaign, None)
        )
    _raise_if(refusal, principal, function)


def check_limits(
    principal: Principal,
    function: str,
    *,
    agent: str | None = None,
    campaign: str | None = None,
    lead_list: int | All | None = None,
) -> None:
    """Let the principal go on, or raise: its own limits alone, where its group's do not hold.

    Args:
        principal: who asks.
        function: what for, for the error.
        agent: the agent who is commanded or shown.
        campaign: the campaign in which it happens.
        lead_list: number of the list whose lead is read, changed, dialled or added; `ALL`: of whatever list.

    Raises:
        Forbidden: with the limit that stands against it.
    """
    _raise_if(_limits(principal, agent, campaign, lead_list), principal, function)


def _raise_if(refusal: tuple[Rule, str] | None, principal: Principal, function: str) -> None:
    if refusal is not None:
        rule, needs = refusal
        raise Forbidden(rule, user=principal.user, function=function, needs=needs)


def standing(principal: Principal, now: datetime) -> Rule | None:
    """Why a principal may do nothing at all at this moment; `None`: it may."""
    if not principal.active or principal.level < 1:
        return Rule.INACTIVE
    if principal.stopped:
        return Rule.STOPPED
    return _in_time(principal, now)


def may_call(principal: Principal, function: str) -> bool:
    """Whether the function is in the principal's list: the test that the line format makes first."""
    right = ACTIONS.get(function)
    return right is not None and _function(principal, right) is None


_Refusal = tuple[Rule, str] | None


def _refusal(principal: Principal, right: Right, agent: Principal | None, campaign: str | None) -> _Refusal:
    return (
        _function(principal, right)
        or _columns(principal, right)
        or (_scope(principal, agent, campaign) if right.scoped else None)
        or _manual_dial(right, agent)
    )


def _is_herself(principal: Principal, agent: Principal) -> bool:
    return principal.kind is PrincipalKind.AGENT and principal.user == agent.user


def _own(principal: Principal, right: Right, agent: Principal | None) -> _Refusal:
    """What an agent may do from her page: what is her own, with herself."""
    if not right.own or agent is None or not _is_herself(principal, agent):
        return Rule.CONSOLE, ""
    return _manual_dial(right, agent)


def _standing(principal: Principal, now: datetime | None) -> _Refusal:
    rule = standing(principal, now or _NEVER)
    if rule is not None:
        return rule, ""
    if not principal.api_access and not principal.console:
        return Rule.API, ""
    if principal.scope is None:
        return Rule.GROUP, principal.group
    return None


def _in_time(principal: Principal, now: datetime) -> Rule | None:
    limits = principal.limits
    if limits.not_before is not None and now < limits.not_before:
        return Rule.NOT_YET
    if limits.expires_at is not None and (now is _NEVER or now >= limits.expires_at):
        return Rule.EXPIRED
    return None


def _limits(
    principal: Principal, agent: str | None, campaign: str | None, lead_list: int | All | None
) -> _Refusal:
    limits = principal.limits
    if campaign is not None and campaign not in limits.campaigns:
        return Rule.CAMPAIGN, campaign
    if agent is not None and agent not in limits.agents:
        return Rule.AGENT, agent
    if lead_list is None or limits.lists is ALL or str(lead_list) in limits.lists:
        return None
    return Rule.LIST, "" if isinstance(lead_list, All) else str(lead_list)


def _function(principal: Principal, right: Right) -> _Refusal:
    return None if right.function in principal.functions else (Rule.FUNCTION, right.function)


def _columns(principal: Principal, right: Right) -> _Refusal:
    if principal.level < right.level:
        return Rule.LEVEL, str(right.level)
    for column, enough in right.needs.items():
        if principal.right(column) not in enough:
            return Rule.RIGHT, column
    return None


def _scope(principal: Principal, agent: Principal | None, campaign: str | None) -> _Refusal:
    scope = principal.scope or GroupScope(campaigns=frozenset(), groups=frozenset())
    if campaign is not None and campaign not in scope.campaigns:
        return Rule.CAMPAIGN, campaign
    if agent is not None and agent.group not in scope.groups:
        return Rule.AGENT, agent.group
    return None


def _manual_dial(right: Right, agent: Principal | None) -> _Refusal:
    if right.manual_dial and agent is not None and not agent.manual_dial:
        return Rule.MANUAL_DIAL, agent.user
    return None
