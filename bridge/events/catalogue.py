"""Every event there is: one class a kind, with its type, who may see it, and its fields.

The class is the contract with whoever listens: a field may be added, never renamed or taken away.
`CATALOGUE` finds the class of a type; `decode` turns stored data back into its event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Literal

import msgspec

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource


class Right(StrEnum):
    """What a listener must be allowed to see."""

    AGENTS = "events.agents"
    CALLS = "events.calls"
    LEADS = "events.leads"
    SYSTEM = "events.system"


Cause = Literal["", "resync"]
"""`resync`: not seen as it happened, found by comparing with a snapshot after a gap."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What has happened. When, and under which number, is said by the record around it."""

    type: ClassVar[str] = ""
    right: ClassVar[Right] = Right.SYSTEM
    retained: ClassVar[bool] = False
    """It holds the whole state of its subject: the last one is kept for those who come late."""
    final: ClassVar[bool] = False
    """It ends its subject's life: a kept state is taken away."""

    @property
    def subject(self) -> str:
        """What it is about, e.g. `calls/<id>`: the order of events is kept for each subject."""
        raise NotImplementedError


class AgentEvent(Event, frozen=True, kw_only=True):
    """Of an agent's session; `state` is the one she is in now."""

    right: ClassVar[Right] = Right.AGENTS
    retained: ClassVar[bool] = True

    user: str
    session_id: str
    campaign: str
    phone: str = ""
    state: AgentState
    pause_reason: str = ""
    call_id: str | None = None
    lead_id: int | None = None
    cause: Cause = ""

    @property
    def subject(self) -> str:
        """`agents/<user>`."""
        return f"agents/{self.user}"


class AgentLoggingIn(AgentEvent, frozen=True, kw_only=True):
    """Her phone is being rung."""

    type: ClassVar[str] = "agent.logging_in"


class AgentLoggedIn(AgentEvent, frozen=True, kw_only=True):
    """She sits in her room."""

    type: ClassVar[str] = "agent.logged_in"


class AgentLoginFailed(AgentEvent, frozen=True, kw_only=True):
    """Her phone did not answer, or could not be rung."""

    type: ClassVar[str] = "agent.login_failed"

    reason: str


class AgentPaused(AgentEvent, frozen=True, kw_only=True):
    """She takes no calls; `pause_reason` says why."""

    type: ClassVar[str] = "agent.paused"


class AgentReady(AgentEvent, frozen=True, kw_only=True):
    """She waits for a call."""

    type: ClassVar[str] = "agent.ready"


class AgentOffered(AgentEvent, frozen=True, kw_only=True):
    """A call is just being given to her."""

    type: ClassVar[str] = "agent.offered"


class AgentDialing(AgentEvent, frozen=True, kw_only=True):
    """A manual call is being placed for her."""

    type: ClassVar[str] = "agent.dialing"


class AgentInCall(AgentEvent, frozen=True, kw_only=True):
    """She talks with a customer."""

    type: ClassVar[str] = "agent.incall"


class AgentWrapup(AgentEvent, frozen=True, kw_only=True):
    """The call is over, its disposition is open."""

    type: ClassVar[str] = "agent.wrapup"


class AgentLoggedOut(AgentEvent, frozen=True, kw_only=True):
    """The session is over."""

    type: ClassVar[str] = "agent.logged_out"

    reason: str


class CallEvent(Event, frozen=True, kw_only=True):
    """Of a call; `state` is the one it is in now."""

    right: ClassVar[Right] = Right.CALLS
    retained: ClassVar[bool] = True

    call_id: str
    legacy_id: str
    kind: str
    """Kind letter: M manual, V automatic, Y inbound, DC from the dialplan."""
    state: CallState
    number: str
    campaign: str
    asterisk: str = ""
    queue: str = ""
    user: str = ""
    session_id: str = ""
    lead_id: int | None = None
    cause: Cause = ""

    @property
    def subject(self) -> str:
        """`calls/<id>`."""
        return f"calls/{self.call_id}"


class CallPlanned(CallEvent, frozen=True, kw_only=True):
    """The intent is committed; nothing has been sent to Asterisk."""

    type: ClassVar[str] = "call.planned"


class CallDialing(CallEvent, frozen=True, kw_only=True):
    """Asterisk has made a channel for it."""

    type: ClassVar[str] = "call.dialing"


class CallRinging(CallEvent, frozen=True, kw_only=True):
    """The far end rings."""

    type: ClassVar[str] = "call.ringing"


class CallQueued(CallEvent, frozen=True, kw_only=True):
    """An inbound caller waits for an agent."""

    type: ClassVar[str] = "call.queued"


class CallAnswered(CallEvent, frozen=True, kw_only=True):
    """The far end has answered."""

    type: ClassVar[str] = "call.answered"


class CallBridged(CallEvent, frozen=True, kw_only=True):
    """Agent and customer hear each other."""

    type: ClassVar[str] = "call.bridged"


class CallUnknown(CallEvent, frozen=True, kw_only=True):
    """The link was lost with the Originate in flight; the truth is being read back."""

    type: ClassVar[str] = "call.unknown"


class CallEnded(CallEvent, frozen=True, kw_only=True):
    """All channels are gone."""

    type: ClassVar[str] = "call.ended"

    hangup_cause: int | None = None
    """Q.850 cause."""
    dial_status: str = ""
    reason: str = ""


class CallDisposed(CallEvent, frozen=True, kw_only=True):
    """The disposition is set: nothing follows."""

    type: ClassVar[str] = "call.disposed"
    final: ClassVar[bool] = True

    status: str
    source: StatusSource


class CallRefused(Event, frozen=True, kw_only=True):
    """A rule forbids it: nothing was, or will be, dialled."""

    type: ClassVar[str] = "call.refused"
    right: ClassVar[Right] = Right.CALLS

    call_id: str
    """The id that it would have had."""
    number: str
    rule: str
    why: str
    source: str = ""
    """Law or setting that the rule stands for."""
    campaign: str = ""
    user: str = ""
    lead_id: int | None = None
    asked_by: str = ""

    @property
    def subject(self) -> str:
        """`calls/<id>`."""
        return f"calls/{self.call_id}"


class LeadAdded(Event, frozen=True, kw_only=True):
    """A lead has come in."""

    type: ClassVar[str] = "lead.added"
    right: ClassVar[Right] = Right.LEADS

    lead_id: int
    list_id: int
    campaign: str = ""
    source: str = ""

    @property
    def subject(self) -> str:
        """`leads/<id>`."""
        return f"leads/{self.lead_id}"


class AsteriskEvent(Event, frozen=True, kw_only=True):
    """Of the link to one Asterisk."""

    asterisk: str

    @property
    def subject(self) -> str:
        """`asterisk/<name>`."""
        return f"asterisk/{self.asterisk}"


class AsteriskUp(AsteriskEvent, frozen=True, kw_only=True):
    """Connected, and its state is known."""

    type: ClassVar[str] = "asterisk.up"
    retained: ClassVar[bool] = True

    state: Literal["up"] = "up"
    version: str = ""


class AsteriskDown(AsteriskEvent, frozen=True, kw_only=True):
    """The link is lost."""

    type: ClassVar[str] = "asterisk.down"
    retained: ClassVar[bool] = True

    state: Literal["down"] = "down"
    reason: str = ""


class AsteriskGap(AsteriskEvent, frozen=True, kw_only=True):
    """Events between these two times were missed; what changed follows as `resync`."""

    type: ClassVar[str] = "asterisk.gap"

    since: str
    """ISO 8601, UTC."""
    until: str
    """ISO 8601, UTC."""
    reason: str = ""


class BridgeEvent(Event, frozen=True, kw_only=True):
    """Of one process of the bridge."""

    bridge: str

    @property
    def subject(self) -> str:
        """`bridge/<id>`."""
        return f"bridge/{self.bridge}"


class BridgeStarted(BridgeEvent, frozen=True, kw_only=True):
    """It serves."""

    type: ClassVar[str] = "bridge.started"

    version: str = ""


class BridgeStopped(BridgeEvent, frozen=True, kw_only=True):
    """It was stopped in order."""

    type: ClassVar[str] = "bridge.stopped"

    reason: str = ""


def _kinds(base: type[Event]) -> Iterator[type[Event]]:
    for kind in base.__subclasses__():
        if kind.type:
            yield kind
        yield from _kinds(kind)


CATALOGUE: Mapping[str, type[Event]] = MappingProxyType({kind.type: kind for kind in _kinds(Event)})
"""Type → class."""

_encode = msgspec.json.Encoder().encode
_decoders = {name: msgspec.json.Decoder(kind).decode for name, kind in CATALOGUE.items()}


def encode(event: Event) -> str:
    """The event's fields as JSON."""
    return _encode(event).decode()


def decode(kind: str, data: bytes | str) -> Event:
    """The event that `encode` wrote; fields of later versions are passed over.

    Raises:
        KeyError: No such type.
        msgspec.ValidationError: The data are not such an event.
    """
    return _decoders[kind](data)
