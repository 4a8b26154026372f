"""What a call is: plain data, shared by the state machine, the store and the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec


class CallState(StrEnum):
    """Where a call stands between the wish to make it and its disposition."""

    PLANNED = "planned"
    """The intent is committed; nothing has been sent to Asterisk."""
    SENT = "sent"
    """The Originate is on the wire, or about to be; from here it is never sent again."""
    UNKNOWN = "unknown"
    """The link was lost with the Originate in flight; the truth is read back from Asterisk."""
    DIALING = "dialing"
    """Asterisk has made a channel for it."""
    RINGING = "ringing"
    """The far end rings."""
    QUEUED = "queued"
    """An inbound caller waits for an agent."""
    ANSWERED = "answered"
    """The far end has answered; no agent hears it yet."""
    BRIDGED = "bridged"
    """Agent and customer hear each other."""
    ENDED = "ended"
    """All channels are gone; the disposition is still open."""
    DISPOSED = "disposed"
    """The disposition is set: the end of the call's life."""


LIVE = frozenset(CallState) - {CallState.ENDED, CallState.DISPOSED}
"""The states in which the call may still have a channel in Asterisk."""


REFUSED = "refused"
"""`end_reason` of a call that the gate did not let happen."""
PASSED_ON = "passed_on"
"""`end_reason` of a call whose customer goes on without the agent, as another call."""
NEVER_SENT = frozenset({"not_connected", "originate_refused", "not_sent"})
"""`end_reason`s of calls that Asterisk was never asked for, or would not make: it is safe to ask again."""


class CallKind(StrEnum):
    """Who began the call; the value is the kind letter of the line format's call id."""

    MANUAL = "M"
    """An agent (or an API caller for her) asked for it; it is dialled out of her room."""
    AUTO = "V"
    """Dialled alone; the customer joins an agent's room when she answers."""
    INBOUND = "Y"
    """The customer called us."""
    DIALPLAN = "DC"
    """Began in the dialplan: dialled on a phone."""
    THREE_WAY = "TW"
    """A third party whom an agent calls into her room, beside the customer."""
    BLIND = "XB"
    """A customer who is passed on to a number; her channel goes on, the agent is out."""
    CLOSER = "J"
    """A customer who is passed on to an in-group, or an in-group that is asked to join."""
    LEFT = "CX"
    """A customer who stays with a third party, or with a recorded message, after the agent has left."""
    CLICK = "CL"
    """An extension without a shift is rung, then the customer."""


FROM_ROOM = frozenset({CallKind.MANUAL, CallKind.THREE_WAY})
"""Kinds that are dialled out of an agent's room, through a Local channel that has the call's id."""
QUEUEING = frozenset({CallKind.INBOUND, CallKind.CLOSER})
"""Kinds that wait in a queue for an agent."""
CONTINUING = frozenset({CallKind.BLIND, CallKind.CLOSER, CallKind.LEFT})
"""Kinds that can go on with the customer of a call that its agent has passed on."""


class StatusSource(StrEnum):
    """Whose word a disposition is. An agent's word wins over the network's."""

    AGENT = "agent"
    NETWORK = "network"
    CAMPAIGN = "campaign"
    """Wrap-up is over (or the campaign has none): the campaign's default status."""


class AnsweredBy(StrEnum):
    """Who has answered an automatic call."""

    UNKNOWN = ""
    PERSON = "person"
    MACHINE = "machine"


class Seat(NamedTuple):
    """A room of ours and the agent in it; without a session nobody is there."""

    session_id: str = ""
    user: str = ""
    room: str = ""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Times are aware and in UTC; `None` means: has not happened."""

    id: str
    """UUIDv7: also the unique id of the call's first channel in Asterisk (`ChannelId`)."""
    legacy_id: str
    """The id that the line format prints: kind, 9 date digits, 10-digit lead id."""
    legacy_uniqueid: str
    """20 characters in the form of an Asterisk unique id."""
    kind: CallKind
    state: CallState = CallState.PLANNED
    asterisk: str
    """Name of the Asterisk server that carries it."""
    campaign: str
    number: str
    """The customer's number as dialled (digits) or as it called us."""
    e164: str = ""
    """The same in E.164 with `+`, when it could be read as such."""
    queue: str = ""
    did: str = ""
    """The site's number that she called."""
    trunk: str = ""
    dial: str = ""
    """The dial string given to Asterisk, e.g. `PJSIP/7275550100@carrier`."""
    caller_id: str = ""
    lead_id: int | None = None
    user: str = ""
    """The agent who has, or had, the call."""
    session_id: str = ""
    room: str = ""
    asked_by: str = ""
    """The API user who asked for it; empty where nobody did."""
    extension: str = ""
    """Login of the phone that is rung for it: in a call of the kind CLICK, and that of an agent on hook."""
    extension_answered_at: datetime | None = None
    channel: str = ""
    """Unique id of the customer's channel, once it is known."""
    wrapup_seconds: int = 0
    """The campaign's at the time of asking: how long the agent may take to dispose it; 0 is not at all."""
    default_status: str = ""
    """The campaign's at the time of asking: the status of a call that nobody disposed."""
    asked_at: datetime
    sent_at: datetime | None = None
    dialing_at: datetime | None = None
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: AnsweredBy = AnsweredBy.UNKNOWN
    """Where detection ran; what is not surely a machine is a person."""
    bridged_at: datetime | None = None
    ended_at: datetime | None = None
    disposed_at: datetime | None = None
    hangup_asked_at: datetime | None = None
    """When somebody asked to end it: a channel that shows up later is hung up at once."""
    hangup_cause: int | None = None
    """Q.850 cause."""
    dial_status: str = ""
    """DIALSTATUS of the dialplan, or the DialStatus of DialEnd."""
    end_reason: str = ""
    """Why it ended: `hangup`, `failed`, `refused`, `failed_unknown`, `ended_while_away`, …"""
    network_status: str = ""
    """What the network's result says as a status (AB, NA, ADC, PU, …)."""
    pending_status: str = ""
    """The agent's word, given before the call had ended."""
    status: str = ""
    """The disposition."""
    status_source: StatusSource | None = None
    parent: str = ""
    """Id of the call that this one was made for, or goes on for."""
    volley: str = ""
    """Calls of one volley ring at the same time: the first that answers ends the others."""
    for_user: str = ""
    """The only agent who may take it; empty: whoever is asked first."""
    room_channel: str = ""
    """Name or unique id of what sits in the agent's room for this call: the customer's own channel, or the
    half of a Local channel that leads to it. It is what is parked and grabbed."""
    parked_at: datetime | None = None
    """Since when it hears hold music instead of the room."""
    messages: tuple[str, ...] = ()
    """Sounds, without extensions, that are left on an answering machine if the agent says so."""
    version: int = 0
    """Counts the transitions: a conditional update on it keeps replicas apart."""

    @property
    def continues(self) -> bool:
        """Whether it goes on with the customer's channel of its parent; else it has channels of its own."""
        return self.kind in CONTINUING and bool(self.parent) and not self.consults

    @property
    def consults(self) -> bool:
        """Whether it asks an in-group to join an agent's room."""
        return self.kind is CallKind.CLOSER and self.room_channel == room_half(self.id)

    @property
    def is_leg(self) -> bool:
        """Whether it is a third party in the room of the agent who has its parent."""
        return self.kind is CallKind.THREE_WAY or self.consults


def room_half(call_id: str) -> str:
    """Unique id of the half of a Local channel that sits in the room; Asterisk makes it of ours."""
    return f"{call_id};2"
