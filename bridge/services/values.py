"""What goes between the APIs and the parts of the bridge: plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from bridge.agents.model import AgentSession, Preview
from bridge.calls.model import Call
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.leads.model import Lead
from bridge.reports.sight import Sight
from bridge.screens.model import Screen


class DialRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to call somebody; the services decide trunk, caller id and permit."""

    number: str
    """Digits as the caller gave them, without the country code if `phone_code` has it."""
    phone_code: str = ""
    """Country code (digits); empty: the site's own country."""
    campaign: str = ""
    """Needed without an agent; else the campaign she is logged in to."""
    lead_id: int | None = None
    search: bool = False
    """Look for a lead with this number before making a call without one."""
    vendor_id: str = ""
    """The caller's own id of the lead."""
    caller_id: str = ""
    """Number to show instead of the campaign's; empty: the campaign's."""
    dial_prefix: str = ""
    """Digits that the trunk is given directly before the number."""
    queue: str = ""
    """In-group in whose name is called: it shows its number, unless `caller_id` names one."""
    asked_by: str = ""
    """The API user who asks."""
    source: str = ""
    """The label that the caller gave itself."""
    call_id: str = ""
    """UUIDv7 that the call shall have, so that a repeated request finds it; empty: a new one."""
    next_lead: bool = False
    """Call the next lead of the agent's campaign; `number` is then only the word for it."""
    preview: bool = False
    """Let the agent look at it first."""
    focus: bool = False
    """Bring her screen to the front."""
    extension: str = ""
    """Login of a phone that is rung first; the number is called when it answers. Without an agent only."""
    extension_seconds: int = 30
    """How long that phone may ring."""


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    """When to call back, as given with a callback status."""

    at: str
    """`YYYY-MM-DD HH:MM:SS` in the site's zone, as the caller wrote it."""
    anyone: bool
    """Any agent may take it; else only the agent who had the call."""
    comments: str = ""


class CallQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls to list, newest first."""

    live: bool | None = None
    user: str = ""
    campaign: str = ""
    number: str = ""
    """Of the customer."""
    did: str = ""
    """The number of the site that was called."""
    queue: str = ""
    """Of these two a time must be named, too: they may be of all calls that there are."""
    lead_id: int | None = None
    status: str = ""
    sight: Sight = Sight()
    """What the caller sees."""
    since: datetime | None = None
    until: datetime | None = None
    """Only calls that were asked for from `since` on, and before `until`."""
    before: str = ""
    """Only calls asked for before this call id: the last one of the page before."""
    limit: int = 50


class RecordingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which recordings to list, newest first."""

    call_id: str = ""
    """The call's own id."""
    user: str = ""
    since: datetime | None = None
    """Only those that began then or later."""
    until: datetime | None = None
    """Only those that began before."""
    lead_id: int | None = None
    sight: Sight = Sight()
    """What the caller sees."""
    before: int = 0
    """Only those with a smaller id: the last one of the page before."""
    limit: int = 50


class LeadNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one lead, as stored."""

    lead_id: int
    list_id: int = 0
    phone_code: str
    phone_number: str
    alt_phone: str = ""
    address3: str = ""
    """May hold a third number."""


class Dialled(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a wish to dial by hand: one of the three."""

    call: Call | None = None
    """It is being dialled; asked for a second time within a moment, it is the call of the first."""
    preview: Preview | None = None
    """It is shown first."""
    queued: bool = False
    """It waits until she is free."""


PlaybackControl = Literal["stop", "pause", "resume", "restart"]
"""What can be done with a sound that is played."""

PreviewAction = Literal["SKIP", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"]


class Party(StrEnum):
    """Who, of those in an agent's room, is meant."""

    CUSTOMER = "customer"
    THIRD = "third"
    """The newest of those whom she has called for this call."""


class QueueChange(msgspec.Struct, frozen=True, kw_only=True):
    """Which in-groups an agent is to serve from now on."""

    how: Literal["change", "add", "remove"] = "change"
    queues: tuple[str, ...] = ()
    """All of them, or those that are added or taken away."""
    blended: bool | None = None
    """Whether she takes the dialler's calls beside theirs; `None`: as it is."""
    as_default: bool = False
    """Also from her next login on."""


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which events of the past to give, oldest first."""

    wanted: Filter
    since: datetime | None = None
    until: datetime | None = None
    """Only those from `since` on, and before `until`."""
    after: int = 0
    """Only those with a higher number."""
    limit: int = 100


class EventPage(msgspec.Struct, frozen=True):
    """Events of the past."""

    records: Sequence[EventRecord]
    after: int | None
    """Number behind which to go on; `None`: these were all that there are."""


class FieldsUpdated(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the wish to change fields of the lead on a screen."""

    lead_id: int
    changed: bool
    """Whether the lead is another one than before."""


class ScreenSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that one agent's page shows, at one moment."""

    seq: int
    """Number of the last event before it."""
    session: AgentSession | None
    call: Call | None
    lead: Lead | None
    screen: Screen


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the bridge depends on, and how it is."""

    name: str
    ok: bool
    detail: str = ""
    needed: bool = True
    """Whether calls cannot be made without it; what is only told of them can wait."""
    since: datetime | None = None
    """Since when it was found so, at each look."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the wish to use an idempotency key."""

    outcome: Literal["new", "running", "done", "mismatch"]
    """Ours; held by another request; answered; or used with another body."""
    call_id: str
    """The call id that was given with the first use."""
    status: int = 0
    body: bytes = b""
