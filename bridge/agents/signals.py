"""What can happen to an agent's session: commands, which may be refused, and facts, which may not.

Facts come from Asterisk and from the agent's calls, late, twice or never; each has a defined meaning in every
state. A signal carries its time (`at`, aware, UTC): the machine itself has no clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec

from bridge.agents.model import Preview
from bridge.calls.notices import Bridged, CallOver, Disposed, Notice, OfferFailed

ASKED: Final = "asked"
"""Why a session ends that somebody has asked to end."""

__all__ = [
    "ASKED",
    "Bridged",
    "CallOver",
    "ChangeQueues",
    "Command",
    "Dial",
    "Disposed",
    "DropPreview",
    "Fact",
    "Logout",
    "Notice",
    "Offer",
    "OfferFailed",
    "Pause",
    "PhoneFailed",
    "PhoneLost",
    "PhoneUp",
    "PlaySound",
    "PlaybackPaused",
    "PlaybackStopped",
    "ReadyAfterCall",
    "Resume",
    "RingAgain",
    "SetPauseReason",
    "ShowPreview",
    "Signal",
    "SnapshotAbsent",
    "SnapshotPresent",
    "SwitchLead",
]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants something of the agent; refused where it makes no sense."""

    at: datetime


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something has happened, whatever we think of it."""

    at: datetime


Signal: TypeAlias = Command | Fact | Notice
"""Anything that can happen to a session; notices come from its calls."""


# -- commands


class Pause(Command, frozen=True, kw_only=True):
    """Take no more calls: at once, or after the one in hand."""

    reason: str = ""
    """Pause code; empty keeps the last one."""


class Resume(Command, frozen=True, kw_only=True):
    """Wait for calls."""


class ReadyAfterCall(Command, frozen=True, kw_only=True):
    """Wait for calls as soon as the one in hand is over."""


class SetPauseReason(Command, frozen=True, kw_only=True):
    """Another pause code for the pause that she is in."""

    reason: str


class ChangeQueues(Command, frozen=True, kw_only=True):
    """Serve these in-groups from now on, and take the dialler's calls beside theirs or not."""

    queues: tuple[str, ...]
    blended: bool


class PlaySound(Command, frozen=True, kw_only=True):
    """This sound is played into her room from now on, by this channel."""

    channel: str
    sound: str


class PlaybackPaused(Command, frozen=True, kw_only=True):
    """What is played waits, or goes on."""

    paused: bool


class PlaybackStopped(Command, frozen=True, kw_only=True):
    """Nothing is played into her room any more by this channel."""

    channel: str


class RingAgain(Command, frozen=True, kw_only=True):
    """Ring her phone once more, by this channel: seated, it takes the place of the one she has."""

    channel: str


class Dial(Command, frozen=True, kw_only=True):
    """Place a manual call for her."""

    call_id: str
    lead_id: int | None = None
    from_ready: bool = False
    """Also for an agent who waits (campaigns whose dials are queued): she waits again afterwards."""


class ShowPreview(Command, frozen=True, kw_only=True):
    """Let her look at this before it is dialled, in place of what she has looked at."""

    preview: Preview


class DropPreview(Command, frozen=True, kw_only=True):
    """Take away what she looks at; without such a thing nothing happens."""

    reason: Literal["skipped", "finished"]


class Offer(Command, frozen=True, kw_only=True):
    """Give her this call."""

    call_id: str
    lead_id: int | None = None


class Logout(Command, frozen=True, kw_only=True):
    """End the session: at once, or after the call in hand."""

    now: bool = False
    """Do not wait for the call in hand: it ends with the session."""
    reason: str = ASKED


class SwitchLead(Command, frozen=True, kw_only=True):
    """Another lead is the one of the call that she has."""

    lead_id: int


# -- facts


class PhoneFact(Fact, frozen=True, kw_only=True):
    """Something of a phone of hers."""

    channel: str = ""
    """Unique id of the phone's channel; empty: of the one she has."""


class PhoneUp(PhoneFact, frozen=True, kw_only=True):
    """It has answered and sits in her room."""


class PhoneFailed(PhoneFact, frozen=True, kw_only=True):
    """It could not be rung, or did not answer."""

    reason: str = "phone_failed"


class PhoneLost(PhoneFact, frozen=True, kw_only=True):
    """It has left: hung up, or cut off."""

    reason: str = "phone_lost"


class SnapshotPresent(PhoneFact, frozen=True, kw_only=True):
    """A snapshot shows it in her room."""


class SnapshotAbsent(PhoneFact, frozen=True, kw_only=True):
    """A snapshot does not show it."""

    asterisk_restarted: bool = False
    """Asterisk has started anew since: nothing of before can still be in flight."""
