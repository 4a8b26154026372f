"""What can be wrong with the configuration of a site."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.tables import near


class SiteError(Exception):
    """The configuration of the site is wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__)


class InvalidField(SiteError, ValueError):  # noqa: N818  the name says what happened
    """A field holds what it must not."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class NoSuchItem(SiteError):  # noqa: N818  the name says what happened
    """There is no campaign, phone, trunk, DID or group of this name."""

    def __init__(self, kind: str, key: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"there is no {kind} {key!r}{near(key, known)}")
        self.kind = kind
        self.key = key


class ItemExists(SiteError):  # noqa: N818  the name says what happened
    """There is one of this name already."""

    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"{kind} {key!r} exists already")
        self.kind = kind
        self.key = key


class ItemInUse(SiteError):  # noqa: N818  the name says what happened
    """Something else refers to it."""

    def __init__(self, kind: str, key: str, users: str) -> None:
        super().__init__(f"{kind} {key!r} is in use by {users}")
        self.kind = kind
        self.key = key
        self.users = users
