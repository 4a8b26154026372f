"""What stands in the hopper: plain data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

PRIORITIES: Final = range(-99, 100)
"""Higher ones are dialled first."""


class HopperStatus(StrEnum):
    """Where a row stands."""

    READY = "READY"
    """It may be taken."""
    QUEUE = "QUEUE"
    """A dialler has taken it and is about to ask the gate."""
    HOLD = "HOLD"
    """It may not be dialled before a set time."""


class Source(StrEnum):
    """Why a lead is in the hopper; the letter is the line format's."""

    STANDARD = "S"
    """From the campaign's lists."""
    API = "P"
    CALLBACK = "C"
    ALTERNATE = "A"
    """Another number of a lead whose last one did not reach anybody."""
    RECYCLE = "R"
    NEW = "N"
    """One of every n new leads."""
    DIRECT = "Q"
    """Dialled without a stay in the hopper."""
    DROP_RUN = "D"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that is to be dialled.

    Raises:
        ValueError: the priority is out of range.
    """

    lead_id: int
    campaign: str
    list_id: int
    priority: int = 0
    """-99 to 99; higher ones are dialled first, then the oldest."""
    source: Source = Source.STANDARD
    alt: str = ""
    """Which number of the lead: empty is the main one, `ALT` its other one."""
    due_at: datetime | None = None
    """Not before; `None` is at once."""

    def __post_init__(self) -> None:
        """Check the priority."""
        if self.priority not in PRIORITIES:
            raise ValueError(f"priority: {self.priority} is not in -99 to 99")


class HopperRow(Entry, frozen=True, kw_only=True):
    """The same as stored."""

    id: int
    status: HopperStatus = HopperStatus.READY
    user: str = ""
    """Name of the bridge that has taken it."""
    created_at: datetime
    taken_at: datetime | None = None
