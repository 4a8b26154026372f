"""What the APIs need of calls, their recordings and leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bridge.agents.model import AgentSession
from bridge.calls.model import Call
from bridge.calls.verdicts import Verdict
from bridge.delivery.model import Delivery
from bridge.dialer.by_hand import HopperPut
from bridge.dialer.model import HopperRow
from bridge.events.envelope import EventRecord
from bridge.leads.model import DncEntry, Lead, NewLead
from bridge.recordings.files import OpenFile
from bridge.recordings.links import Link
from bridge.recordings.model import Recording
from bridge.services.values import CallQuery, DialRequest, RecordingQuery


class Calls(Protocol):
    """Commands to calls. A call is named by its id, legacy id or legacy unique id."""

    async def dial(self, request: DialRequest) -> Call:
        """Place an automatic call, or with an extension one by a click.

        Raises:
            NoSuchCampaign, NoSuchLead, NoSuchPhone, PhoneInUse, InvalidState, DialRefused,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """

    async def wait(self, call_id: str, seconds: float) -> Call:
        """The call once it is answered or over; as it is then, if that is not within so many seconds.

        Raises:
            NoSuchCall: there is none.
        """

    async def hangup(self, call_id: str, *, asked_by: str) -> Call:
        """Hang the call up (`NoSuchCall`, `InvalidState` if it is over, `AsteriskUnavailable`)."""

    async def dispose(self, call_id: str, status: str, *, asked_by: str) -> Call:
        """Give its disposition (`NoSuchCall`, `InvalidState` if it has one)."""

    async def correct(self, call_id: str, status: str) -> str | None:
        """Put another disposition on record (`NoSuchCall`); the one before, `None` if it is not over."""

    async def get(self, call_id: str) -> Call | None:
        """The call, by any of its ids."""

    async def list(self, query: CallQuery) -> Sequence[Call]:
        """A page of calls, newest first."""

    async def deliveries(self, call_id: str) -> Sequence[Delivery]:
        """What the CRM was told of a call (by its own id), or is to be."""

    async def verdict(self, call_id: str) -> Verdict | None:
        """What the gate has said of it, by its own id; `None` if nobody has asked the gate."""

    async def timeline(self, call_id: str) -> Sequence[EventRecord]:
        """What happened to it, oldest first; `call_id` is the call's own id."""


class Recordings(Protocol):
    """Recordings of agents' rooms: `bridge.recordings.service.Recordings`."""

    async def start(self, user: str, suffix: str, *, asked_by: str) -> Recording:
        """Record her room; one that is being recorded goes on as it is.

        Raises:
            NotLoggedIn, NoRoom, AsteriskUnavailable, AsteriskRefused
        """

    async def stop(self, user: str, *, asked_by: str) -> Recording:
        """End it (`NotLoggedIn`, `NotRecording`, `AsteriskUnavailable`)."""

    async def running(self, session: AgentSession) -> Recording | None:
        """What is being recorded in her room."""

    async def get(self, recording_id: int) -> Recording | None:
        """One recording."""

    async def list(self, query: RecordingQuery) -> Sequence[Recording]:
        """A page of them, newest first."""


class Downloads(Protocol):
    """Handing out the files of recordings: `bridge.recordings.downloads.Downloads`."""

    async def link(self, recording: Recording, signed_for: str) -> Link | None:
        """A link for a user who may fetch it; `None` if there is no file (any more)."""

    async def named(self, link: Link) -> Recording:
        """The recording that a link leads to (`LinkInvalid`, `LinkExpired`, `NoSuchRecording`)."""

    async def open(self, recording: Recording) -> OpenFile:
        """Its file; close it (`RecordingNotReady`, `NoSuchRecording`)."""

    async def note(self, recording: Recording, link: Link, address: str, part: str) -> None:
        """Write down that it is fetched."""


class HopperDesk(Protocol):
    """The hopper: `bridge.dialer.by_hand.HopperDesk`."""

    async def page(self, campaign: str, *, after: tuple[int, int], limit: int) -> Sequence[HopperRow]:
        """Leads that may be dialled now, in their order, behind one of this priority and row."""

    async def put(self, campaign: str, lead_id: int, priority: int) -> HopperPut:
        """Put a lead of one of the campaign's lists in (`NoSuchLead`, `InvalidInput`)."""


class Leads(Protocol):
    """The leads: `bridge.leads.service.Leads`."""

    async def get(self, lead_id: int) -> Lead | None:
        """One lead."""

    async def by_vendor_code(self, code: str) -> Lead | None:
        """The newest lead that the customer's own system knows by this code."""

    async def add(
        self,
        lead: NewLead,
        *,
        campaign: str = "",
        source: str = "",
        called_at: datetime | None = None,
    ) -> int:
        """Store a new lead; its id."""

    async def dnc_hits(self, number: str, campaign: str = "") -> Sequence[DncEntry]:
        """The entries of the do-not-call list that forbid this number to the campaign."""
