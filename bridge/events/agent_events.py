"""What happens to an agent."""

from __future__ import annotations

from typing import ClassVar, Literal

from bridge.agents.model import AgentState
from bridge.events.event import Cause, Event, Right
from bridge.events.personal import Number

PhoneStage = Literal["ringing", "seated", "failed"]
"""What became of a phone that is rung again, or for a call (on hook)."""

MonitoredBy = Literal["listen", "whisper", "barge"]
"""Whom a manager in her room can be heard by: nobody, her alone, everybody."""

PlaybackStage = Literal["playing", "paused", "resumed", "stopped"]
"""What became of a sound."""


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


class AgentQueues(AgentEvent, frozen=True, kw_only=True):
    """She serves other in-groups than before, or takes the dialler's calls otherwise."""

    type: ClassVar[str] = "agent.queues"

    queues: tuple[str, ...]
    blended: bool


class AgentQueueMissing(AgentEvent, frozen=True, kw_only=True):
    """Asterisk has no queue of the name of this in-group: nobody reaches her through it."""

    type: ClassVar[str] = "agent.queue_missing"

    queue: str


class AgentPlayback(AgentEvent, frozen=True, kw_only=True):
    """A sound is played into her room, waits, goes on, or was stopped; its own end is not told."""

    type: ClassVar[str] = "agent.playback"

    stage: PlaybackStage
    sound: str = ""
    """Of a sound that begins: its name."""


class AgentPhone(AgentEvent, frozen=True, kw_only=True):
    """Her phone is rung again, or for a call: it rings, it sits in her room, or it did not answer."""

    type: ClassVar[str] = "agent.phone"

    stage: PhoneStage


class AgentLoggedOut(AgentEvent, frozen=True, kw_only=True):
    """The session is over."""

    type: ClassVar[str] = "agent.logged_out"

    reason: str


class AgentMonitored(Event, frozen=True, kw_only=True):
    """A manager's phone is about to be rung for her room; whether it is, and answers, is not told."""

    type: ClassVar[str] = "agent.monitored"
    right: ClassVar[Right] = Right.AGENTS

    user: str
    session_id: str
    campaign: str
    phone: str
    """Login of the manager's phone."""
    way: MonitoredBy
    channel: str
    """Unique id of its channel."""
    asked_by: str

    @property
    def subject(self) -> str:
        """`agents/<user>`."""
        return f"agents/{self.user}"


PreviewEnd = Literal["dialled", "skipped", "finished", "replaced", "left"]
"""Why an agent looks at it no more; `left`: she waits for calls, has got one, or has logged out."""


class AgentPreviewing(AgentEvent, frozen=True, kw_only=True):
    """She looks at a lead, or at a number without one, before it is dialled."""

    type: ClassVar[str] = "agent.previewing"

    number: Number
    phone_code: str = ""
    preview_lead_id: int | None = None


class AgentPreviewDropped(AgentEvent, frozen=True, kw_only=True):
    """She looks at it no more."""

    type: ClassVar[str] = "agent.preview_dropped"

    number: Number
    phone_code: str = ""
    preview_lead_id: int | None = None
    reason: PreviewEnd


class AgentDialQueued(AgentEvent, frozen=True, kw_only=True):
    """A call waits in her manual dial queue until she is free."""

    type: ClassVar[str] = "agent.dial_queued"

    number: Number


class AgentDialDropped(AgentEvent, frozen=True, kw_only=True):
    """A call of her manual dial queue is not made."""

    type: ClassVar[str] = "agent.dial_dropped"

    number: Number
    reason: str
