"""How far a group of users reaches: nobody may give, or take over, more than she has."""

from __future__ import annotations

from bridge.access.model import GroupScope
from bridge.access.names import names_within
from bridge.campaigns.model import UserGroup


def scope_of(group: UserGroup) -> GroupScope:
    """What the users of a group may use and see."""
    return GroupScope(campaigns=group.campaigns, groups=group.sees_groups)


def is_within(scope: GroupScope, other: GroupScope | None) -> bool:
    """Whether whoever has `scope` uses and sees nothing that one with `other` does not; `None` is nothing."""
    if other is None:
        return False
    return names_within(scope.campaigns, other.campaigns) and names_within(scope.groups, other.groups)
