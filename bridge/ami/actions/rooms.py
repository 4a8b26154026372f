"""Actions on ConfBridge rooms.

Asterisk answers with an error, not with an empty list, when a room does not exist or no room is open.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.ami.actions.base import Fields, ListAction, SimpleAction, given
from bridge.ami.events.rows import ConfbridgeList as ConfbridgeListRow
from bridge.ami.events.rows import ConfbridgeListRooms as ConfbridgeListRoomsRow

__all__ = ["ConfbridgeKick", "ConfbridgeList", "ConfbridgeListRooms", "ConfbridgeMute", "ConfbridgeUnmute"]


@dataclass(frozen=True, slots=True)
class _Participant(SimpleAction):
    """A room and a channel in it (`all` and `participants` are taken too)."""

    conference: str
    channel: str

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(("Conference", self.conference), ("Channel", self.channel))


@dataclass(frozen=True, slots=True)
class ConfbridgeKick(_Participant):
    """Put a channel out of a room."""

    name = "ConfbridgeKick"


@dataclass(frozen=True, slots=True)
class ConfbridgeMute(_Participant):
    """Mute a channel in a room."""

    name = "ConfbridgeMute"


@dataclass(frozen=True, slots=True)
class ConfbridgeUnmute(_Participant):
    """Unmute a channel in a room."""

    name = "ConfbridgeUnmute"


@dataclass(frozen=True, slots=True)
class ConfbridgeList(ListAction[ConfbridgeListRow]):
    """List the participants of a room."""

    name = "ConfbridgeList"
    rows = (ConfbridgeListRow,)
    conference: str

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield "Conference", self.conference


@dataclass(frozen=True, slots=True)
class ConfbridgeListRooms(ListAction[ConfbridgeListRoomsRow]):
    """List the open rooms."""

    name = "ConfbridgeListRooms"
    rows = (ConfbridgeListRoomsRow,)
