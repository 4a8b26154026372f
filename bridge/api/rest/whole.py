"""Answers that are of the whole site, and so only for who may see all of it."""

from __future__ import annotations

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.errors import NotAllowed


def check_sees_all(principal: Principal, what: str) -> None:
    """Pass whoever sees all campaigns, groups, agents and lists.

    Raises:
        NotAllowed: It sees only some.
    """
    scope, limits = principal.scope, principal.limits
    if scope is None or not isinstance(scope.campaigns, All) or not isinstance(scope.groups, All):
        raise NotAllowed(f"{what} shows all campaigns and your group sees only some", rule="scope")
    if not isinstance(limits.agents, All) or not isinstance(limits.lists, All):
        raise NotAllowed(f"{what} shows all agents and lists, and you see only some", rule="scope")
