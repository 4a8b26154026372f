"""Who may make and change which users: nobody gives, or takes over, more than she has. For both APIs."""

from __future__ import annotations

from bridge.access.model import RIGHTS, GroupScope, Principal, PrincipalKind, UserSpec
from bridge.access.names import names_within
from bridge.campaigns.model import UserGroup
from bridge.errors import NotAllowed
from bridge.services import Services

SAME_LEVEL = "modify_same_user_level"
"""The right that it takes for users of one's own level."""
_COUNTED = ("calls_per_hour", "calls_per_day", "calls_at_once")
"""Limits of an API user by which its calls are counted."""


def scope_of(group: UserGroup) -> GroupScope:
    """What the users of a group may use and see."""
    return GroupScope(campaigns=group.campaigns, groups=group.sees_groups)


def is_within(scope: GroupScope, other: GroupScope | None) -> bool:
    """Whether whoever has `scope` uses and sees nothing that one with `other` does not; `None` is nothing."""
    if other is None:
        return False
    return names_within(scope.campaigns, other.campaigns) and names_within(scope.groups, other.groups)


def sees(principal: Principal, group: str) -> bool:
    """Whether the principal's group sees this group."""
    return principal.scope is not None and group in principal.scope.groups


def is_visible(principal: Principal, user: Principal) -> bool:
    """Whether a user is there for the principal: by her group, and an agent by its limits, too."""
    limited = user.kind is PrincipalKind.AGENT and user.user not in principal.limits.agents
    return sees(principal, user.group) and not limited


def may_use_level(principal: Principal, level: int) -> bool:
    """Whether the principal may make and change users of this level."""
    same = principal.right(SAME_LEVEL) == 1
    return level < principal.level or (same and level == principal.level)


def check_above(services: Services, principal: Principal, other: Principal) -> None:
    """Nobody changes a user who may do more than she herself: with its secret she would be that user.

    Raises:
        NotAllowed: with the rule that stands against it.
    """
    _check_reach(services, principal, other)
    if other.scope is not None and not is_within(other.scope, principal.scope):
        raise NotAllowed("the user's group may do more than your own", rule="group")


def check_lets_in(principal: Principal) -> None:
    """An API user that is held to some numbers or calls lets nobody into a console: people are not held.

    Raises:
        NotAllowed: with the limit that stands against it.
    """
    if principal.kind is not PrincipalKind.API:
        return
    for field in (*_COUNTED, "countries", "number_types"):
        if getattr(principal.limits, field) is not None:
            raise NotAllowed(f"an agent would not be held to your limits.{field}", rule="limits", limit=field)


async def check_gives(services: Services, principal: Principal, spec: UserSpec) -> None:
    """Nobody gives what she has not: rights, limits as wide, a group that may do more than hers.

    Raises:
        NotAllowed, Forbidden: with the rule that stands against it.
    """
    _check_reach(services, principal, spec)
    if spec.kind is PrincipalKind.AGENT:
        services.access.check_limits(principal, "users.write", agent=spec.user)
    if not sees(principal, spec.group):
        raise NotAllowed("your group does not see this group", rule="group")
    group = await services.site.get(UserGroup, spec.group)
    if group is not None and not is_within(scope_of(group), principal.scope):
        raise NotAllowed("this group may do more than your own", rule="group")


def _check_reach(services: Services, principal: Principal, other: UserSpec) -> None:
    if other.level > principal.level:
        raise NotAllowed("the level is above your own", rule="level")
    if not may_use_level(principal, other.level):
        raise NotAllowed(f"the level is your own: that takes the right {SAME_LEVEL}", rule="level")
    if not names_within(other.functions, principal.functions):
        raise NotAllowed("you have not all of these functions yourself", rule="function")
    for name, value in other.rights.items():
        if name in RIGHTS and name != "api_list_restrict" and value > principal.right(name):
            raise NotAllowed("you have not this right yourself", rule="right", right=name)
    if field := other.limits.wider_than(principal.limits, services.options.country):
        raise NotAllowed(f"limits.{field} allows more than your own limits", rule="limits", limit=field)
    _check_counted(principal, other)


def _check_counted(principal: Principal, other: UserSpec) -> None:
    """An API user gets round the limits of its calls by nobody: what they are for is to hold a thief.

    People are not held to countries, types of numbers and counts of calls. Each API user has a count of its
    own, which begins anew with a change, so one that is counted gives functions to none, itself included.
    """
    usable = other.api_access and other.functions != frozenset()
    if principal.kind is not PrincipalKind.API or not usable:
        return
    if other.kind is not PrincipalKind.API:
        raise NotAllowed("only a person lets people use functions of the API", rule="kind")
    for field in _COUNTED:
        if getattr(principal.limits, field) is not None:
            raise NotAllowed(
                f"another user would not count in your limits.{field}", rule="limits", limit=field
            )
