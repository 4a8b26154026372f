"""What happens to recordings."""

from __future__ import annotations

from typing import ClassVar

from bridge.events.event import Cause, Event, Right
from bridge.events.personal import FreeText, Sentence


class RecordingEvent(Event, frozen=True, kw_only=True):
    """Of the call that is recorded, or of the agent if she had none when it began."""

    right: ClassVar[Right] = Right.CALLS

    recording_id: int
    filename: Sentence
    """Without folder and extension."""
    call_id: str = ""
    user: str
    session_id: str
    campaign: str
    lead_id: int | None = None

    @property
    def subject(self) -> str:
        """`calls/<id>`, else `agents/<user>`."""
        return f"calls/{self.call_id}" if self.call_id else f"agents/{self.user}"


class RecordingStarted(RecordingEvent, frozen=True, kw_only=True):
    """Her room is being recorded."""

    type: ClassVar[str] = "recording.started"

    asked_by: str = ""


class RecordingStopped(RecordingEvent, frozen=True, kw_only=True):
    """The file is complete."""

    type: ClassVar[str] = "recording.stopped"

    reason: str
    """`asked`; `call_over`, `logged_out`; `ended` (in Asterisk), `failed` (it never began), `resync`."""
    asked_by: str = ""
    cause: Cause = ""


class RecordingFetched(RecordingEvent, frozen=True, kw_only=True):
    """Somebody has fetched the file, or a part of it, by a link."""

    type: ClassVar[str] = "recording.fetched"

    signed_for: str
    """The API user who was given the link."""
    address: FreeText
    """Where the request came from."""
    part: str = ""
    """The bytes that were asked for (`Range`); empty: all of them."""
