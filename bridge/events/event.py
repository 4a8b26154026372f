"""What every event has."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

import msgspec


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
