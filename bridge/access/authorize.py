"""The one place that says whether a principal may do a thing. Pure: the principal carries all it needs."""

from __future__ import annotations

from bridge.access.errors import Forbidden, Rule
from bridge.access.model import GroupScope, Principal, PrincipalKind
from bridge.access.rights import ACTIONS, Right


def authorize(
    principal: Principal, function: str, *, agent: Principal | None = None, campaign: str | None = None
) -> None:
    """Let the principal go on, or raise. Whatever is not allowed is denied.

    Args:
        principal: who asks.
        function: a function of the line format (`external_dial`) or a REST action (`agents.dial`).
        agent: the agent who is commanded, where the function has one.
        campaign: the campaign that is used or shown, where there is one.

    Raises:
        Forbidden: with the first rule that stands against it, in the line format's own order.
    """
    right = ACTIONS.get(function)
    if right is None:
        raise Forbidden(Rule.UNKNOWN, user=principal.user, function=function)
    if right.own and agent is not None and _is_herself(principal, agent):
        refusal = _standing(principal)
    else:
        refusal = _refusal(principal, right, agent, campaign)
    if refusal is not None:
        rule, needs = refusal
        raise Forbidden(rule, user=principal.user, function=function, needs=needs)


def may_call(principal: Principal, function: str) -> bool:
    """Whether the function is in the principal's list: the test that the line format makes first."""
    right = ACTIONS.get(function)
    return right is not None and _function(principal, right) is None


_Refusal = tuple[Rule, str] | None


def _refusal(principal: Principal, right: Right, agent: Principal | None, campaign: str | None) -> _Refusal:
    return (
        _standing(principal)
        or _function(principal, right)
        or _columns(principal, right)
        or (_scope(principal, agent, campaign) if right.scoped else None)
        or _manual_dial(right, agent)
    )


def _is_herself(principal: Principal, agent: Principal) -> bool:
    return principal.kind is PrincipalKind.AGENT and principal.user == agent.user


def _standing(principal: Principal) -> _Refusal:
    if not principal.active or principal.level < 1:
        return Rule.INACTIVE, ""
    if principal.stopped:
        return Rule.STOPPED, ""
    if not principal.api_access:
        return Rule.API, ""
    if principal.scope is None:
        return Rule.GROUP, principal.group
    return None


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
