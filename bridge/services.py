"""What the APIs need of the rest of the bridge: one protocol for each part, and the values between them.

The service puts the real parts together; tests put fakes in their place.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from bridge.access.model import Authentication, Principal, PrincipalKind, UserSpec
from bridge.agents.model import AgentSession, Preview
from bridge.calls.model import Call
from bridge.campaigns.item import SiteItem
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.leads.model import DncEntry, Lead, NewLead
from bridge.recordings.files import OpenFile
from bridge.recordings.links import Link
from bridge.recordings.model import Recording
from bridge.screens.model import NewNotification, Notification, RecipientType, Screen, Timer


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
    campaigns: frozenset[str] | None = None
    """Only calls of these, because the caller sees no others; `None`: of all."""
    groups: frozenset[str] | None = None
    """Not those of agents of other groups than these, whom the caller does not see; `None`: of all."""
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
    campaigns: frozenset[str] | None = None
    """Only those of these campaigns, because the caller sees no others; `None`: of all."""
    groups: frozenset[str] | None = None
    """Not those of agents of other groups than these, whom the caller does not see; `None`: of all."""
    before: int = 0
    """Only those with a smaller id: the last one of the page before."""
    limit: int = 50


class LeadNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one lead, as stored."""

    lead_id: int
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


PreviewAction = Literal["SKIP", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"]


class ManualDials(Protocol):
    """Calls that agents make by hand: `bridge.agents.manual.ManualDials`."""

    async def ask(self, user: str, request: DialRequest, *, seen: AgentSession) -> Dialled:
        """Dial, show, or let wait, as the request and the agent's campaign have it.

        Args:
            user: the agent, who may dial by hand.
            request: whom to call.
            seen: her session, as it was just read.

        Raises:
            NotLoggedIn, NotPaused, AlreadyQueued, NoLeadLeft, NoSuchLead, InvalidInput, DialRefused,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """

    async def repeated(self, session: AgentSession, request: DialRequest) -> bool:
        """Whether the agent has asked for the same a moment ago, and it is her call now."""

    async def act(self, user: str, action: PreviewAction, *, asked_by: str) -> Dialled:
        """Do this with what she looks at; where she looks at nothing, nothing.

        Raises:
            NotLoggedIn, NotPaused, InvalidState, DialRefused, AsteriskUnavailable, OriginateRefused,
            OriginateUnknown
        """


class Party(StrEnum):
    """Who, of those in an agent's room, is meant."""

    CUSTOMER = "customer"
    THIRD = "third"
    """The newest of those whom she has called for this call."""


class Conference(Protocol):
    """Commands about the parties of an agent's call: `bridge.agents.conference.Conference`.

    Each raises `NotLoggedIn` or `NoCall` if there is no live call, `AsteriskUnavailable` if Asterisk cannot
    be reached and `AsteriskRefused` if it will not. Without a third party, what is asked of one is nothing.
    """

    async def call_of(self, user: str) -> Call:
        """The live call that she has."""

    async def third_parties(self, user: str) -> Sequence[Call]:
        """Those whom she has called for it, oldest first."""

    async def park(self, user: str, who: Party, *, ivr: bool = False) -> None:
        """Let a party hear hold music."""

    async def grab(self, user: str, who: Party) -> None:
        """Take a parked party back."""

    async def swap(self, user: str, park: Party) -> None:
        """Park one party and take the other one back."""

    async def press(self, user: str, keys: str) -> None:
        """Press keys in her room: digits, `*`, `#`, and `w` for half a second."""

    async def dial_third(self, user: str, requests: Sequence[DialRequest], *, park: bool = False) -> None:
        """Call a third party into the room; of several the first that answers stays (`DialRefused`)."""

    async def consult(self, user: str, queue: str, *, for_user: str = "", park: bool = False) -> None:
        """Ask an in-group to join the room."""

    async def hangup(self, user: str, who: Party) -> None:
        """Hang up a party."""

    async def hangup_both(self, user: str) -> None:
        """Hang up everybody but the agent."""


class Transfers(Protocol):
    """Commands by which a customer goes on without the agent: `bridge.agents.transfers.Transfers`.

    Each raises `NotLoggedIn` or `NoCall` if there is no live call, `AsteriskUnavailable` or
    `OriginateRefused` if the customer is where she was, `OriginateUnknown` if nobody knows.
    """

    async def leave(self, user: str) -> Call | None:
        """Leave the customer with the third parties; the call that she is then, `None` if there are none."""

    async def leave_message(self, user: str) -> Call:
        """Leave the agent's messages on the machine that has answered; the call that goes on."""

    async def to_queue(self, user: str, queue: str, *, for_user: str = "") -> Call:
        """Pass the customer on to an in-group; the call that she is then."""

    async def to_number(self, user: str, request: DialRequest) -> Call:
        """Pass the customer on to a number (`DialRefused`: she stays); the call that she is then."""

    async def finish(self, user: str, call_id: str, status: str) -> None:
        """Give the status of the call she is about to lose; she waits for the next one then."""


class QueueChange(msgspec.Struct, frozen=True, kw_only=True):
    """Which in-groups an agent is to serve from now on."""

    how: Literal["change", "add", "remove"] = "change"
    queues: tuple[str, ...] = ()
    """All of them, or those that are added or taken away."""
    blended: bool | None = None
    """Whether she takes the dialler's calls beside theirs; `None`: as it is."""
    as_default: bool = False
    """Also from her next login on."""


class InGroups(Protocol):
    """In-groups, as agents serve them: `bridge.agents.in_groups.InGroups`."""

    async def change(self, user: str, change: QueueChange, *, asked_by: str) -> AgentSession:
        """Serve other in-groups.

        Raises:
            NotLoggedIn, NoSuchQueue, AsteriskUnavailable: nothing was changed.
        """

    async def waiting(self, session: AgentSession) -> int:
        """How many callers wait for her: in her in-groups, or answered by her campaign's dialler."""

    async def queued(self) -> Sequence[Call]:
        """All callers who wait in an in-group's queue, who has waited longest first."""


PlaybackControl = Literal["stop", "pause", "resume", "restart"]
"""What can be done with a sound that is played."""


class Playback(Protocol):
    """Sounds that are played into agents' rooms: `bridge.agents.playback.Playback`.

    Each raises `NotLoggedIn`, `NoRoom`, `AsteriskUnavailable` or `AsteriskRefused` if it cannot be done.
    """

    async def play(self, user: str, sound: str, *, instead: bool = False) -> bool:
        """Play a sound; `instead` of one that is played now. Gives whether there was one.

        Raises:
            SoundPlays: there is one.
            InvalidInput: it is no name of a sound.
        """

    async def control(self, user: str, control: PlaybackControl) -> None:
        """Stop, pause, resume or begin again what is played (`NoSound`)."""


class AgentPhones(Protocol):
    """Agents' own phones: `bridge.agents.phones.AgentPhones`."""

    async def call_again(self, user: str, *, asked_by: str) -> AgentSession:
        """Ring the agent's phone once more; seated, it takes the place of the one she has.

        Raises:
            NotLoggedIn, NoRoom, NoSuchPhone, DialRefused, AsteriskUnavailable, OriginateRefused,
            OriginateUnknown
        """


class Agents(Protocol):
    """Commands to agents' sessions. Each raises a `bridge.errors.BridgeError` if it cannot be done."""

    async def login(self, user: str, phone: str, campaign: str, *, asked_by: str) -> AgentSession:
        """Ring her phone; the session is `connecting` until she is seated.

        Raises:
            NoSuchAgent, NoSuchPhone, NoSuchCampaign, AlreadyLoggedIn, PhoneInUse, NotAllowed,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """

    async def logout(self, user: str, *, asked_by: str) -> AgentSession:
        """End her session, after the call if she is in one (`NotLoggedIn`)."""

    async def pause(self, user: str, reason: str, *, asked_by: str) -> AgentSession:
        """Pause her, after the call if she is in one; an empty reason keeps the last (`NotLoggedIn`)."""

    async def resume(self, user: str, *, asked_by: str) -> AgentSession:
        """Make her ready (`NotLoggedIn`; `NotPaused` if she waits for or has a call)."""

    async def set_pause_code(self, user: str, code: str, *, asked_by: str) -> AgentSession:
        """Give the pause that she is in another code (`NotLoggedIn`; `NotPaused` if she is in none)."""

    async def session(self, user: str) -> AgentSession | None:
        """Her session that is not logged out, if there is one."""

    async def on_phone(self, phone: str) -> AgentSession | None:
        """The session that has this phone, if there is one."""

    async def sessions(self) -> Sequence[AgentSession]:
        """All sessions that are not logged out, by user."""

    async def dial(self, user: str, request: DialRequest, *, seen: AgentSession | None = None) -> Call:
        """Place a manual call out of her room.

        Args:
            user: the agent.
            request: whom to call.
            seen: her session, if the caller has just read it and seen to it that she may dial by hand.

        Raises:
            NotLoggedIn, NotPaused, ManualDialNotAllowed, DialRefused, NoSuchLead, AsteriskUnavailable,
            OriginateRefused, OriginateUnknown
        """

    async def hangup(self, user: str, *, asked_by: str) -> Call:
        """Hang up the customer of the call she has (`NotLoggedIn`, `NoCall`, `AsteriskUnavailable`)."""

    async def set_status(self, user: str, status: str, *, callback: Callback | None, asked_by: str) -> Call:
        """Give the disposition of her call, before or after its end (`NotLoggedIn`, `NoCall`)."""


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

    async def get(self, call_id: str) -> Call | None:
        """The call, by any of its ids."""

    async def list(self, query: CallQuery) -> Sequence[Call]:
        """A page of calls, newest first."""

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


class Downloads(Protocol):
    """Handing out the files of recordings: `bridge.recordings.downloads.Downloads`."""

    async def link(self, recording: Recording, signed_for: str) -> Link | None:
        """A link for a user who may fetch it; `None` if there is no file to be fetched (now)."""

    async def named(self, link: Link) -> Recording:
        """The recording that a link leads to (`LinkInvalid`, `LinkExpired`, `NoSuchRecording`)."""

    async def open(self, recording: Recording) -> OpenFile:
        """Its file; close it (`RecordingNotReady`, `NoSuchRecording`)."""

    async def note(self, recording: Recording, link: Link, address: str, part: str) -> None:
        """Write down that it is fetched."""


class Picture(Protocol):
    """The present state of something, for a listener who knows nothing of it yet."""

    async def take(self) -> tuple[int, bytes]:
        """The number of the last event that it holds, and the state as JSON in one line."""

    def outdated_by(self, record: EventRecord) -> bool:
        """Whether this event says less than what has changed."""


class Events(Protocol):
    """The event log: what was, and what happens."""

    async def past(self, query: EventQuery) -> EventPage:
        """Events of the log; a page may hold fewer than its limit, or none, and not be the last."""

    def stream(
        self, *, after: int | None, wanted: Filter, picture: Picture | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Server-sent events as they go over the wire; ends only if the reader is cut off.

        Args:
            after: sequence number that the reader has seen last; `None`: only what comes from now on.
            wanted: which events.
            picture: a state that begins the stream and stands behind the events that it is outdated by.
        """


class Access(Protocol):
    """Who may: `bridge.access.service.Access`."""

    async def authenticate(self, user: str, secret: str, address: str = "") -> Authentication:
        """Check who it is."""

    def may_call(self, principal: Principal, function: str) -> bool:
        """Whether the function is in the principal's list."""

    def authorize(
        self,
        principal: Principal,
        function: str,
        *,
        agent: Principal | None = None,
        campaign: str | None = None,
    ) -> None:
        """Let the principal go on, or raise `bridge.access.errors.Forbidden`."""

    async def principal(self, user: str) -> Principal | None:
        """One user."""

    async def by_crm_id(self, crm_id: str) -> Principal | None:
        """The agent that the CRM knows by this id."""

    async def set_team(self, user: str, team: str) -> None:
        """Keep what the CRM says is her team (`NoSuchUser`, `InvalidUser`)."""

    async def users(
        self, kinds: Iterable[PrincipalKind], *, after: str = "", limit: int = 1000
    ) -> Sequence[Principal]:
        """Users in the order of their names; `after` is the last name of the page before."""

    async def create(self, spec: UserSpec, secret: str | None = None) -> Principal:
        """Make a user (`UserExists`, `InvalidUser`)."""

    async def change(self, spec: UserSpec) -> Principal:
        """Write all fields of a user (`NoSuchUser`)."""

    async def new_secret(self, user: str, secret: str | None = None) -> str:
        """Give a user a secret and show it, this once (`NoSuchUser`)."""

    async def remove(self, user: str) -> None:
        """Delete a user (`NoSuchUser`)."""


Item = TypeVar("Item", bound=SiteItem)


class Site(Protocol):
    """The configuration of the site: `bridge.campaigns.service.Site`."""

    async def get(self, kind: type[Item], key: str) -> Item | None:
        """One thing of a kind."""

    async def list(self, kind: type[Item], *, after: str = "", limit: int = 1000) -> Sequence[Item]:
        """Things of a kind in the order of their keys; `after` is the last key of the page before."""

    async def add(self, item: SiteItem) -> None:
        """Add a thing (`ItemExists`, `InvalidField`)."""

    async def put(self, item: SiteItem) -> object:
        """Add a thing or replace it; `None` if it is new (`InvalidField`)."""

    async def remove(self, kind: type[SiteItem], key: str) -> None:
        """Take a thing away (`NoSuchItem`, `ItemInUse`)."""


class Lookups(Protocol):
    """What the line format looks up before it commands."""

    async def lead(self, lead_id: int) -> LeadNumbers | None:
        """The lead's numbers, if there is such a lead."""

    async def manual_dial_mode(self, campaign: str) -> str:
        """`api_manual_dial` of the campaign: STANDARD, QUEUE or QUEUE_AND_AUTOCALL."""

    async def has_in_group(self, name: str) -> bool:
        """Whether there is an in-group of this name, active or not."""

    async def is_callback(self, campaign: str, status: str) -> bool:
        """Whether the status asks for a callback, in the campaign or in the whole system."""


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


class Screens(Protocol):
    """Commands to agents' screens: `bridge.screens.commands.ScreenCommands`."""

    async def snapshot(self, user: str) -> ScreenSnapshot:
        """All that her page shows now; nothing if she is not logged in."""

    async def update_fields(
        self, user: str, fields: Mapping[str, str], panels: Sequence[str]
    ) -> FieldsUpdated:
        """Change fields of the lead on her screen (`NotLoggedIn`, `NoLead`, `InvalidInput`)."""

    async def refresh(self, user: str, panels: Sequence[str]) -> AgentSession:
        """Have panels of her screen loaded anew (`NotLoggedIn`)."""

    async def set_timer(self, user: str, timer: Timer) -> AgentSession:
        """Have something done at a time in her call (`NotLoggedIn`)."""

    async def webphone_url(self, user: str) -> str:
        """The page of her phone in the browser; empty if it has none (`NotLoggedIn`, `NoSuchPhone`)."""

    async def launch_webphone(self, user: str) -> str:
        """The same, and her screen is told that it was asked for."""

    async def call(self, user: str) -> Call:
        """The live call that she has (`NotLoggedIn`, `NoCall`)."""

    async def switch_lead(self, user: str, lead_id: int) -> int | None:
        """Make another lead the one of her inbound call (`NotLoggedIn`, `NoCall`, `InvalidState`)."""

    async def keep_messages(self, user: str, sounds: Sequence[str]) -> Call:
        """Keep what is left on an answering machine in her call (`NotLoggedIn`, `NoCall`)."""

    async def notify(self, wanted: NewNotification) -> Notification:
        """Put a text, or confetti, on the screens of its recipients, now or when it is due."""

    async def recipient_exists(self, kind: RecipientType, name: str) -> bool:
        """Whether there is such a user, group or campaign."""


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


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the bridge depends on, and how it is."""

    name: str
    ok: bool
    detail: str = ""
    needed: bool = True
    """Whether calls cannot be made without it; what is only told of them can wait."""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the wish to use an idempotency key."""

    outcome: Literal["new", "running", "done", "mismatch"]
    """Ours; held by another request; answered; or used with another body."""
    call_id: str
    """The call id that was given with the first use."""
    status: int = 0
    body: bytes = b""


class Idempotency(Protocol):
    """Keys of requests that must not run twice, kept for 24 hours at least."""

    async def claim(self, owner: str, key: str, fingerprint: str, call_id: str) -> Claim:
        """Take the key for this request, in one atomic step."""

    async def settle(self, owner: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer that later requests with the key get."""

    async def release(self, owner: str, key: str, call_id: str) -> None:
        """Give the key back if it is still this call's: nothing was dialled."""


class Health(Protocol):
    """Whether the bridge can do its work."""

    @property
    def duties(self) -> Sequence[str]:
        """What, of the work of all bridges on the database, this one does now."""

    async def checks(self) -> Sequence[Check]:
        """One for each dependency: database, each Asterisk, …."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What the APIs take from the settings."""

    timezone: tzinfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """Zone of the times that the line format prints."""
    agent_api: bool = True
    """The line format's switch for the whole agent API."""
    outbound_cid: str = "DISABLED"
    """`API_ONLY` lets callers choose the number that is shown."""
    notifications: bool = True
    """The line format's switch for `send_notification`."""
    public_url: str = ""
    """How others reach the bridge; empty: as the reader of the description does."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Address of each Asterisk by its name, as replies of the line format print it (`server_ip`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that the APIs are given."""

    agents: Agents
    manual: ManualDials
    conference: Conference
    transfers: Transfers
    in_groups: InGroups
    playback: Playback
    phones: AgentPhones
    calls: Calls
    recordings: Recordings
    downloads: Downloads
    access: Access
    site: Site
    lookups: Lookups
    events: Events
    idempotency: Idempotency
    health: Health
    screens: Screens
    leads: Leads
    options: ApiOptions = field(default_factory=ApiOptions)
