"""What can be wrong with a principal or with what it asks."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """Which test a request failed; part of the HTTP interface, so a value never changes."""

    UNKNOWN = "unknown_function"
    """No such function or action: denied, because everything is that is not allowed."""
    INACTIVE = "inactive"
    STOPPED = "stopped"
    """The user has broken its limits and was stopped."""
    NOT_YET = "not_yet"
    """The user's time has not begun."""
    EXPIRED = "expired"
    """The user's time is over."""
    ADDRESS = "address"
    """The user may not come from this address."""
    API = "api_access"
    """The user has no right to use the API at all."""
    FUNCTION = "function"
    """The function is not in the user's list."""
    LEVEL = "level"
    RIGHT = "right"
    """A rights column has not the value that the function needs."""
    GROUP = "group"
    """The user's group is not defined."""
    CAMPAIGN = "campaign"
    """The user, or its group, may not use the campaign."""
    AGENT = "agent"
    """The user's group does not see the agent's group, or the user is limited to other agents."""
    LIST = "list"
    """The user is limited to other lists."""
    CONSOLE = "console"
    """An agent's page may do what is the agent's own, and nothing else."""
    MANUAL_DIAL = "manual_dial"
    """The agent is not allowed to place manual dial calls."""


class AccessError(Exception):
    """Something is wrong with a user of the bridge."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__)


class Forbidden(AccessError):  # noqa: N818  the name says what happened
    """The user may not do this."""

    def __init__(self, rule: Rule, *, user: str, function: str, needs: str = "") -> None:
        what = f" (needs {needs})" if needs else ""
        super().__init__(f"user {user} may not use {function}: {rule}{what}")
        self.rule = rule
        self.user = user
        self.function = function
        self.needs = needs
        """Name of the right, level, campaign or group that is missing; empty where the rule says all."""


class TooManyLogins(AccessError):  # noqa: N818  the name says what happened
    """Too many secrets are being checked; try again in a moment."""


class TooManyRequests(AccessError):  # noqa: N818  the name says what happened
    """The user has asked more often than it may."""

    def __init__(self, user: str, seconds: float) -> None:
        super().__init__(f"user {user} has asked more often than it may: try again in {seconds:.2f} s")
        self.user = user
        self.seconds = seconds
        """Until the next request is taken."""


class NoSuchUser(AccessError):  # noqa: N818  the name says what happened
    """There is no such user."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is no user {user!r}")
        self.user = user


class NoSuchKey(AccessError):  # noqa: N818  the name says what happened
    """The user has no such key."""

    def __init__(self, user: str, key: str, why: str = "") -> None:
        super().__init__(why or f"user {user!r} has no key {key!r} that is good")
        self.user = user
        self.key = key


class TooManyKeys(AccessError):  # noqa: N818  the name says what happened
    """The user has as many keys as one may have."""

    def __init__(self, user: str, limit: int) -> None:
        super().__init__(f"user {user!r} has {limit} keys: revoke one first")
        self.user = user


class UserInUse(AccessError):  # noqa: N818  the name says what happened
    """The user is an agent who is logged in."""

    def __init__(self, user: str) -> None:
        super().__init__(f"agent {user!r} is logged in: log her out first")
        self.user = user


class UserExists(AccessError):  # noqa: N818  the name says what happened
    """There is a user of this name already."""

    def __init__(self, user: str) -> None:
        super().__init__(f"there is a user {user!r} already")
        self.user = user


class InvalidUser(AccessError, ValueError):  # noqa: N818  the name says what happened
    """A field of a user holds what it must not."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why
