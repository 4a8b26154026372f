"""Rows of the reports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

import msgspec

from bridge.calls.model import CallKind


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call, with what its lead adds; of a lead that is not there any more this is empty."""

    id: str
    legacy_id: str
    kind: CallKind
    number: str
    campaign: str
    queue: str
    did: str
    user: str
    status: str
    asked_at: datetime
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    hangup_asked_at: datetime | None
    list_id: int | None
    lead_status: str | None
    source_id: str | None

    @property
    def length(self) -> int:
        """Whole seconds from the answer to the end."""
        return _between(self.answered_at, self.ended_at)

    @property
    def talk(self) -> int:
        """Whole seconds in which agent and customer heard each other."""
        return _between(self.bridged_at, self.ended_at)


class OfNumber(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls of a customer's number are asked for."""

    number: str
    out: bool
    """Those that went out to it."""
    into: bool
    """Those that came in from it."""


class OfDid(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls to a number of the site are asked for: those of a time, its end not within."""

    did: str
    begin: datetime
    end: datetime


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are counted: those of a time, its end not within."""

    by: Literal["campaign", "queue", "did"]
    """`campaign`: calls that went out; `queue` and `did`: calls that came in."""
    names: Collection[str]
    """Of campaigns, in-groups or DIDs."""
    begin: datetime
    end: datetime
    users: Collection[str] = ()
    """Only the calls of these agents; empty: of all."""


class OfRecordings(msgspec.Struct, frozen=True, kw_only=True):
    """Which recordings are asked for; every condition that is given must hold."""

    user: str = ""
    room: str = ""
    call_id: str = ""
    lead_id: int | None = None
    times: tuple[datetime, datetime] | None = None
    """Between which they began."""


class Tally(msgspec.Struct, frozen=True):
    """How many calls of a campaign, an in-group or a DID have a status."""

    name: str
    status: str
    count: int


def _between(begin: datetime | None, end: datetime | None) -> int:
    return 0 if begin is None or end is None else max(0, int((end - begin).total_seconds()))
