"""What is put on an agent's screen, and notifications on their way to one."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from bridge.events.agent_events import AgentEvent
from bridge.events.event import Event, Right
from bridge.events.personal import FreeText
from bridge.screens.model import Look, RecipientType, TimerAction


class ScreenEvent(Event, frozen=True, kw_only=True):
    """Of one agent's screen."""

    right: ClassVar[Right] = Right.AGENTS

    user: str
    session_id: str
    campaign: str

    @property
    def subject(self) -> str:
        """`agents/<user>`."""
        return f"agents/{self.user}"


class ScreenFocused(ScreenEvent, frozen=True, kw_only=True):
    """It is to come to the front."""

    type: ClassVar[str] = "screen.focused"


class ScreenFieldsUpdated(ScreenEvent, frozen=True, kw_only=True):
    """Fields of the lead on her screen have new values."""

    type: ClassVar[str] = "screen.fields_updated"

    lead_id: int
    fields: tuple[str, ...]
    """Their names; the values are in the lead."""
    number: int
    """Counts the updates of a session."""


class ScreenPanelsRefreshed(ScreenEvent, frozen=True, kw_only=True):
    """Panels are to be loaded anew."""

    type: ClassVar[str] = "screen.panels_refreshed"

    panels: tuple[str, ...]
    number: int
    """Counts the refreshes of a session."""


class ScreenTimerSet(ScreenEvent, frozen=True, kw_only=True):
    """Something is to be done at a time in her call; `NONE` takes it back."""

    type: ClassVar[str] = "screen.timer_set"

    action: TimerAction
    message: FreeText = ""
    seconds: int = 0
    """From the begin of the call."""


class ScreenWebphoneLaunched(ScreenEvent, frozen=True, kw_only=True):
    """The page of her phone in the browser has been asked for."""

    type: ClassVar[str] = "screen.webphone_launched"

    url: FreeText


class ScreenNotified(ScreenEvent, frozen=True, kw_only=True):
    """A text, or confetti, for her."""

    type: ClassVar[str] = "screen.notified"

    notification: int
    text: FreeText = ""
    look: Look


class ScreenLeadSwitched(AgentEvent, frozen=True, kw_only=True):
    """Another lead is the one of her call; `lead_id` is the new one."""

    type: ClassVar[str] = "screen.lead_switched"

    before: int | None = None


class NotificationQueued(Event, frozen=True, kw_only=True):
    """A notification is kept until it is due."""

    type: ClassVar[str] = "notification.queued"
    right: ClassVar[Right] = Right.AGENTS

    notification: int
    recipient: str
    recipient_type: RecipientType
    due_at: datetime
    made_by: str = ""

    @property
    def subject(self) -> str:
        """`notification/<id>`."""
        return f"notification/{self.notification}"
