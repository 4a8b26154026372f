"""What `/v1` takes and gives for agents and calls."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bridge.agents.model import AgentSession
from bridge.api.rest.fields import (
    At,
    Comments,
    CustomerTime,
    Keys,
    Label,
    LeadId,
    Name,
    Number,
    PauseReason,
    PhoneCode,
    Status,
)
from bridge.calls.model import Call
from bridge.delivery.model import Delivery, DeliveryState
from bridge.events.envelope import EventRecord
from bridge.recordings.model import Recording
from bridge.services import Party


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request: a field that is not known is refused, because a misspelt one would be lost."""


class LoginBody(Body, frozen=True, kw_only=True):
    """Where she sits and what for."""

    phone: Annotated[Name, Meta(examples=["1000"])] | None = None
    """Login of her phone; left out: the one that she has of her own."""
    campaign: Annotated[Name, Meta(examples=["DEMO"])]
    on_hook: bool = False
    """Ring her phone for each call instead of letting it hold a room for the shift."""


class PauseBody(Body, frozen=True, kw_only=True):
    """Why she pauses."""

    reason: PauseReason | None = None


class DialBody(Body, frozen=True, kw_only=True):
    """Whom to call, and for whom."""

    number: Number | None = None
    """May be left out with `lead_id`: then the lead's main number is dialled."""
    to: Number | None = None
    """Another name for `number`."""
    extension: Annotated[Name, Meta(examples=["1000"])] | None = msgspec.field(name="from", default=None)
    """Login of a phone that rings first, without an agent's session; the number is called when it answers."""
    ring_seconds: Annotated[int, Meta(ge=5, le=120)] = 30
    """How long that phone may ring."""
    agent: Annotated[Name, Meta(examples=["1000"])] | None = None
    """The agent who gets the call. She must be paused and free. Without one the call is automatic."""
    campaign: Annotated[Name, Meta(examples=["DEMO"])] | None = None
    """Needed without an agent; not with `from` where there is a campaign `default`, or only one."""
    phone_code: PhoneCode = ""
    lead_id: LeadId | None = None
    vendor_id: Label = ""
    search: bool = False
    """Look for a lead with this number first."""


class DispositionBody(Body, frozen=True, kw_only=True):
    """How the call went."""

    status: Status


class ParkBody(Body, frozen=True, kw_only=True):
    """Who hears hold music, or comes back."""

    party: Party = Party.CUSTOMER
    ivr: bool = False
    """Send her to what the dialplan has for parked customers instead of music."""


class SwapBody(Body, frozen=True, kw_only=True):
    """Who hears hold music, while the other one comes back."""

    park: Party = Party.CUSTOMER


class KeysBody(Body, frozen=True, kw_only=True):
    """Keys that are pressed in the agent's room."""

    keys: Keys


class ThirdBody(Body, frozen=True, kw_only=True):
    """Who is called into the room: numbers, or an in-group."""

    numbers: Annotated[tuple[Number, ...], Meta(max_length=10)] = ()
    """All ring at the same time; the first that answers stays."""
    phone_code: PhoneCode = ""
    queue: Annotated[Name, Meta(examples=["SUPPORT"])] | None = None
    agent: Annotated[Name, Meta(examples=["1001"])] | None = None
    """The only agent of the in-group who may take it."""
    park: bool = False
    """The customer hears hold music meanwhile."""


class TransferBody(Body, frozen=True, kw_only=True):
    """Where the customer goes on: a number, or an in-group."""

    number: Number | None = None
    phone_code: PhoneCode = ""
    queue: Annotated[Name, Meta(examples=["SUPPORT"])] | None = None
    agent: Annotated[Name, Meta(examples=["1001"])] | None = None
    """The only agent of the in-group who may take her."""


class RecordBody(Body, frozen=True, kw_only=True):
    """How the file is to be named."""

    suffix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,14}$(?!\n)", examples=["_complaint"])] = ""
    """Behind its name."""


class PauseCodeBody(Body, frozen=True, kw_only=True):
    """Why she pauses."""

    code: PauseReason


class QueuesBody(Body, frozen=True, kw_only=True):
    """Which in-groups she serves."""

    queues: Annotated[tuple[Name, ...], Meta(max_length=100, examples=[["SALESLINE"]])]
    how: Literal["change", "add", "remove"] = "change"
    """These alone, these too, or these no more."""
    blended: bool | None = None
    """Whether she takes the dialler's calls beside theirs; left out: as it is."""
    as_default: bool = False
    """Also from her next login on."""


class CallbackBody(Body, frozen=True, kw_only=True):
    """When to call back, given in one of the two ways."""

    at: At | None = None
    customer_time: CustomerTime | None = None
    """On the customer's own clock."""
    anyone: bool = True
    """Any agent may do it; else only she."""
    comments: Comments = ""


class AgentStatusBody(Body, frozen=True, kw_only=True):
    """How her call went."""

    status: Status
    callback: CallbackBody | None = None


BODIES = (
    *(LoginBody, PauseBody, DialBody, DispositionBody, PauseCodeBody, QueuesBody, AgentStatusBody),
    *(ParkBody, SwapBody, KeysBody, ThirdBody, TransferBody, RecordBody),
)


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """An agent's session as it is now."""

    user: str
    session_id: str
    state: str
    state_since: datetime
    pause_reason: str
    phone: str
    campaign: str
    asterisk: str
    room: str
    call_id: str | None
    lead_id: int | None
    after_call: str
    """Where she goes after the call in hand."""
    queues: tuple[str, ...]
    logged_in_at: datetime | None
    on_hook: bool
    """Her phone is rung for each call; else it holds her room."""

    @classmethod
    def of(cls, session: AgentSession) -> AgentView:
        """The view of a session."""
        return cls(session_id=session.id, **_fields(cls, session, without=("session_id",)))


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it is now."""

    id: str
    legacy_id: str
    legacy_uniqueid: str
    kind: str
    """`M` manual, `V` automatic, `Y` inbound, `DC` begun in the dialplan, `TW` a third party, `XB` passed on
    to a number, `J` passed on to an in-group, `CX` left by the agent, `CL` click to dial."""
    state: str
    campaign: str
    queue: str
    did: str
    """The number of the site that was called."""
    number: str
    e164: str
    caller_id: str
    lead_id: int | None
    agent: str
    """The agent who has, or had, it."""
    extension: str
    """Login of the phone that is rung for it: in a call by a click, and in one of an agent on hook."""
    asked_by: str
    parent: str
    """Id of the call that it was made for, or goes on for."""
    parked_at: datetime | None
    asterisk: str
    trunk: str
    asked_at: datetime
    sent_at: datetime | None
    dialing_at: datetime | None
    extension_answered_at: datetime | None
    ringing_at: datetime | None
    answered_at: datetime | None
    bridged_at: datetime | None
    ended_at: datetime | None
    disposed_at: datetime | None
    hangup_cause: int | None
    """Q.850."""
    dial_status: str
    end_reason: str
    pending_status: str
    status: str
    status_source: str | None

    @classmethod
    def of(cls, call: Call) -> CallView:
        """The view of a call."""
        return cls(agent=call.user, **_fields(cls, call, without=("agent",)))


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    """A recording."""

    id: int
    filename: str
    """Without folder and extension."""
    agent: str
    call_id: str
    """The call that is recorded; empty if she had none yet."""
    session_id: str
    campaign: str
    lead_id: int | None
    asterisk: str
    asked_by: str
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, recording: Recording) -> RecordingView:
        """The view of a recording."""
        return cls(agent=recording.user, **_fields(cls, recording, without=("agent",)))


class RecordingFile(RecordingView, frozen=True, kw_only=True):
    """A recording, and where its file is."""

    url: str | None
    """Anybody who has it can fetch the file with it."""
    url_expires_at: datetime | None

    @classmethod
    def with_link(cls, recording: Recording, url: str | None, expires: datetime | None) -> RecordingFile:
        """The view of a recording, with a link to its file."""
        told = _fields(RecordingView, recording, without=("agent",))
        return cls(agent=recording.user, **told, url=url, url_expires_at=expires)


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a timeline."""

    seq: int
    id: str
    type: str
    subject: str
    time: datetime
    data: msgspec.Raw

    @classmethod
    def of(cls, record: EventRecord) -> EventView:
        """The view of a record of the log."""
        return cls(**_fields(cls, record, without=()))


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an address that is called because of a call."""

    id: str
    kind: str
    """`start_call`, `dispo_call` or `no_agent`."""
    url: str
    """With placeholders in the place of values, and `***` in that of what may be a key."""
    state: DeliveryState
    attempts: int
    made_at: datetime
    next_at: datetime | None
    """When it is tried next."""
    tried_at: datetime | None
    settled_at: datetime | None
    status: int | None
    """HTTP status of the last answer."""
    error: str
    """Why the last attempt came to nothing."""

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryView:
        """The view of a delivery."""
        return cls(**_fields(cls, delivery, without=()))


def _fields(view: type[msgspec.Struct], source: object, *, without: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in view.__struct_fields__ if name not in without}
