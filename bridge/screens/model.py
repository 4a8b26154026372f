"""What a screen holds, and what can be sent to it: plain data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

MAX_TEXT = 2000
"""Characters of a notification."""
SHOWN = 20
"""Notifications that a screen keeps; older ones are off it."""


MAX_SECONDS = 86_400
"""A timer of more than a day is set to this."""


class Panel(StrEnum):
    """A panel of the screen, as callers of the line format name it."""

    FORM = "formreload"
    SCRIPT = "scriptreload"
    SCRIPT2 = "script2reload"
    EMAIL = "emailreload"
    CHAT = "chatreload"
    CALLBACKS = "callbacksreload"


class TimerAction(StrEnum):
    """What the screen does when the time of a call is up."""

    NONE = "NONE"
    """Nothing: takes back what was set before."""
    WEBFORM = "WEBFORM"
    WEBFORM2 = "WEBFORM2"
    D1_DIAL = "D1_DIAL"
    """Dials the first preset of the campaign, and so on."""
    D2_DIAL = "D2_DIAL"
    D3_DIAL = "D3_DIAL"
    D4_DIAL = "D4_DIAL"
    D5_DIAL = "D5_DIAL"
    MESSAGE_ONLY = "MESSAGE_ONLY"


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """An action that waits for its time in the call."""

    action: TimerAction
    message: str = ""
    """Shown to the agent."""
    seconds: int = 0
    """From the begin of the call."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How a notification is shown; the defaults are the line format's."""

    text_size: int = 12
    text_font: str = "Arial"
    text_weight: str = "bold"
    text_color: str = "black"
    confetti: bool = False
    duration: float = 2.0
    """Seconds of confetti."""
    particles: int = 2350
    particle_speed: float = 2.0


class RecipientType(StrEnum):
    """Whose screens a notification is for."""

    USER = "USER"
    USER_GROUP = "USER_GROUP"
    CAMPAIGN = "CAMPAIGN"


class NewNotification(msgspec.Struct, frozen=True, kw_only=True):
    """A text, or confetti, for the screens of some agents."""

    recipient: str
    """Name of the user, the user group or the campaign."""
    recipient_type: RecipientType
    text: str = ""
    look: Look = Look()
    retry: bool = False
    """Also for those who log in later, within a week."""
    due_at: datetime
    """When it is to be shown; aware."""
    made_by: str = ""
    """The API user who asked for it."""


class Notification(NewNotification, frozen=True, kw_only=True):
    """A notification as stored. Times are aware and in UTC."""

    id: int
    made_at: datetime
    sent_at: datetime | None = None
    """Since when nobody gets it any more."""
    seen: tuple[str, ...] = ()
    """Who has got it, of one that is kept for later logins."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A notification on a screen."""

    id: int
    text: str
    look: Look
    at: datetime


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """What is on one agent's screen; it ends with her session. A counter tells two equal wishes apart."""

    fields: tuple[str, ...] = ()
    """Fields of her lead that were changed last by somebody else."""
    fields_updates: int = 0
    panels: tuple[str, ...] = ()
    """Panels that were to be loaded anew last."""
    panel_refreshes: int = 0
    timer: Timer | None = None
    webphone_launches: int = 0
    notifications: tuple[Shown, ...] = ()
    """The last ones, oldest first."""
