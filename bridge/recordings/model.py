"""What a recording is, and what its file is called."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

FILENAME: Final = re.compile(r"[A-Za-z0-9_-]{1,120}")
"""All that a file's name may be made of: it goes to the dialplan, to a file system and into headers."""

EXTENSION: Final = ".wav"
"""8 kHz, 16 bit, one channel: both voices in it."""

MAX_SUFFIX: Final = 14
"""Characters of what a caller may have put behind the name."""

CHANNEL_PREFIX: Final = "recording-"

_OTHER = re.compile(r"[^A-Za-z0-9_-]")


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One file. Times are aware and in UTC."""

    id: int = 0
    """Given by the store; callers know the recording by it."""
    filename: str
    """Without folder and extension; unique."""
    call_id: str = ""
    """The call that the agent had when it began, else the first one that she had in it."""
    session_id: str
    user: str
    campaign: str
    asterisk: str
    room: str
    lead_id: int | None = None
    asked_by: str = ""
    started_at: datetime
    ended_at: datetime | None = None

    @property
    def channel(self) -> str:
        """Unique id of the channel in Asterisk that writes it: to hang that up ends it."""
        return CHANNEL_PREFIX + self.filename


def named_by(channel: str) -> str:
    """The name of the file that a channel writes; empty for one that writes none of ours."""
    return channel.removeprefix(CHANNEL_PREFIX) if channel.startswith(CHANNEL_PREFIX) else ""


def file_name(local: datetime, about: str, user: str, suffix: str) -> str:
    """A name that says when, whom and by whom; the caller sees to it that it is unique.

    Args:
        local: the time, in the site's zone.
        about: the customer's number, or whatever else stands for the call.
        user: the agent.
        suffix: what the caller wants behind it; characters that a file name must not have are left out.
    """
    parts = (local.strftime("%Y%m%d-%H%M%S"), _OTHER.sub("", about), _OTHER.sub("", user))
    return "_".join(part for part in parts if part)[:90] + _OTHER.sub("", suffix)[:MAX_SUFFIX]
