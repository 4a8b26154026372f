"""Events of ConfBridge rooms."""

from __future__ import annotations

from bridge.ami.events.base import BridgeFields, ChannelFields
from bridge.ami.fields import Flag, Text

__all__ = ["ConfbridgeEnd", "ConfbridgeJoin", "ConfbridgeLeave", "ConfbridgeStart", "ConfbridgeTalking"]


class ConfbridgeStart(BridgeFields):
    """A room opened with its first participant."""

    __slots__ = ()
    event = "ConfbridgeStart"

    conference = Text("Conference")


class ConfbridgeEnd(BridgeFields):
    """A room closed."""

    __slots__ = ()
    event = "ConfbridgeEnd"

    conference = Text("Conference")


class ConfbridgeJoin(BridgeFields, ChannelFields):
    """A channel came into a room."""

    __slots__ = ()
    event = "ConfbridgeJoin"

    conference = Text("Conference")
    admin = Flag("Admin")
    muted = Flag("Muted")


class ConfbridgeLeave(BridgeFields, ChannelFields):
    """A channel left a room."""

    __slots__ = ()
    event = "ConfbridgeLeave"

    conference = Text("Conference")
    admin = Flag("Admin")


class ConfbridgeTalking(BridgeFields, ChannelFields):
    """Somebody in a room began or ceased to talk (with `talk_detection_events`)."""

    __slots__ = ()
    event = "ConfbridgeTalking"

    conference = Text("Conference")
    admin = Flag("Admin")
    talking = Flag("TalkingStatus")
