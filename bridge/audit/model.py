"""What the trail gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from bridge.audit.entry import Result


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    id: str
    """Of the request: the `X-Request-Id` of its answer."""
    time: datetime
    user: str
    """Who asked. Of one that was refused: who it said it was; `?` and a mark, if there is no such user."""
    key: str
    """Id of the key that was used; `link`: a signed link to a recording; empty: the user's own secret."""
    address: str
    function: str
    target: str
    """What it was done to, as `agent=1000 number=…0100`; `?` stands for what is not known to exist."""
    result: Result
    reason: str
    """The rule that refused it, or the error."""
    status: int
    """Of HTTP; 0 where it came by no HTTP."""
    milliseconds: float
    events: Sequence[str]
    """Ids of the events that it has caused."""


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows to give, newest first."""

    user: str = ""
    function: str = ""
    refused: bool = False
    """Only what was refused."""
    since: datetime | None = None
    until: datetime | None = None
    """Only what was asked from `since` on, and before `until`."""
    before: str = ""
    """Only what is older than this row: the last one of the page before."""
    limit: int = 100


class Used(msgspec.Struct, frozen=True):
    """When a function was used last, to the minute, and from where."""

    at: datetime
    address: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What a user has of functions, and what it makes of them."""

    user: str
    days: int
    """How far back a use counts."""
    rights: int
    """Functions that it may call."""
    used: int
    """How many of them it has called within these days."""
    unused: tuple[str, ...]
    last_used: datetime | None
    last_address: str
    functions: Mapping[str, Used]
    """Each function that it has ever called."""
