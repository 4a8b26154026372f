"""What happens to a call."""

from __future__ import annotations

from typing import ClassVar

from bridge.calls.model import CallState, StatusSource
from bridge.events.event import Cause, Event, Right
from bridge.events.personal import Number, Sentence


class CallEvent(Event, frozen=True, kw_only=True):
    """Of a call; `state` is the one it is in now."""

    right: ClassVar[Right] = Right.CALLS
    retained: ClassVar[bool] = True

    call_id: str
    legacy_id: str
    kind: str
    """Kind letters: M manual, V automatic, Y inbound, DC from the dialplan, TW third party, XB passed on to a
    number, J passed on to an in-group, CX left by the agent, CL click to dial."""
    state: CallState
    number: Number
    campaign: str
    asterisk: str = ""
    queue: str = ""
    user: str = ""
    session_id: str = ""
    lead_id: int | None = None
    parent: str = ""
    """Id of the call that it was made for, or goes on for."""
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


class CallExtensionAnswered(CallEvent, frozen=True, kw_only=True):
    """The extension that asked by a click has answered; the customer is called now."""

    type: ClassVar[str] = "call.extension_answered"

    extension: str = ""
    """Login of the phone."""


class CallRinging(CallEvent, frozen=True, kw_only=True):
    """The far end rings."""

    type: ClassVar[str] = "call.ringing"


class CallQueued(CallEvent, frozen=True, kw_only=True):
    """An inbound caller waits for an agent."""

    type: ClassVar[str] = "call.queued"


class CallAnswered(CallEvent, frozen=True, kw_only=True):
    """The far end has answered."""

    type: ClassVar[str] = "call.answered"


class CallScreened(CallEvent, frozen=True, kw_only=True):
    """The detection of answering machines has come to its end."""

    type: ClassVar[str] = "call.screened"

    answered_by: str
    """`machine`, or `person` where that is not sure."""


class CallOptedOut(CallEvent, frozen=True, kw_only=True):
    """Whoever heard a recorded message has pressed the key by which further calls are forbidden.

    Or she has called a number that is there for it: then `key` is empty. Her number is on the do-not-call
    list of the whole site from now on.
    """

    type: ClassVar[str] = "call.opted_out"

    key: str


class CallBridged(CallEvent, frozen=True, kw_only=True):
    """Agent and customer hear each other."""

    type: ClassVar[str] = "call.bridged"


class CallParked(CallEvent, frozen=True, kw_only=True):
    """The customer hears hold music."""

    type: ClassVar[str] = "call.parked"


class CallUnparked(CallEvent, frozen=True, kw_only=True):
    """The customer is back in the agent's room."""

    type: ClassVar[str] = "call.unparked"


class CallPassedOn(CallEvent, frozen=True, kw_only=True):
    """The customer goes on without the agent, as another call."""

    type: ClassVar[str] = "call.passed_on"

    to: str
    """Id of that call."""


class CallUnknown(CallEvent, frozen=True, kw_only=True):
    """The link was lost with the Originate in flight; the truth is being read back."""

    type: ClassVar[str] = "call.unknown"


class CallLeadSwitched(CallEvent, frozen=True, kw_only=True):
    """Another lead is the one of this call; `lead_id` is the new one."""

    type: ClassVar[str] = "call.lead_switched"

    before: int | None = None


class CallStatusCorrected(CallEvent, frozen=True, kw_only=True):
    """A call that is over has another disposition on record; its lead and the CRM keep the first one."""

    type: ClassVar[str] = "call.status_corrected"

    before: str
    status: str


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
    number: Number
    rule: str
    why: Sentence
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
