"""Answers that are of the whole site, and so only for who may see all of it."""

from __future__ import annotations

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.errors import NotAllowed


def check_sees_all(principal: Principal, what: str, *, of_campaign: bool = False) -> None:
    """Pass whoever sees all campaigns, groups, agents and lists.

    Args:
        principal: the caller.
        what: is shown.
        of_campaign: it is of one campaign alone, which was looked at.

    Raises:
        NotAllowed: It sees only some.
    """
    scope, limits = principal.scope, principal.limits
    every_campaign = of_campaign or (scope is not None and isinstance(scope.campaigns, All))
    if scope is None or not every_campaign or not isinstance(scope.groups, All):
        raise NotAllowed(f"{what} shows all campaigns and your group sees only some", rule="scope")
    if not isinstance(limits.agents, All) or not isinstance(limits.lists, All):
        raise NotAllowed(f"{what} shows all agents and lists, and you see only some", rule="scope")
