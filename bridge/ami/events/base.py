"""What every event shares, and the table from event names to classes."""

from __future__ import annotations

import re
from typing import ClassVar

from bridge.ami.fields import Escaped, Number, Text
from bridge.ami.protocol import Message, unescape

__all__ = ["EVENT_TYPES", "AmiEvent", "BridgeFields", "ChannelFields", "DestFields", "typed"]

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")

EVENT_TYPES: dict[bytes, type[AmiEvent]] = {}
"""The class for each event name that has one, filled as the classes are defined."""


class AmiEvent(Message):
    """An event. One without a class of its own is of exactly this class.

    Every header stays reachable as on any `Message`; the attributes of the classes below are the ones worth a
    name. A subclass that names `event` takes that event's messages.
    """

    __slots__ = ()
    event: ClassVar[str] = ""

    privilege = Text("Privilege")
    action_id = Text("ActionID")

    @property
    def timestamp(self) -> float | None:
        """When Asterisk sent it, in seconds since 1970; only with `timestampevents = yes` in manager.conf."""
        value = self.get("Timestamp", None)
        return float(value) if value and _DECIMAL.fullmatch(value) else None

    def __init_subclass__(cls) -> None:
        if "event" in cls.__dict__:
            EVENT_TYPES[cls.event.encode()] = cls


def typed(message: Message) -> AmiEvent:
    """Return an event message as its own class, or as plain `AmiEvent` if it has none."""
    return EVENT_TYPES.get(message.name.encode("utf-8", "surrogateescape"), AmiEvent)(message.raw)


class ChannelFields(AmiEvent):
    """The state of the channel that the event is about (not an event itself).

    Asterisk writes `<unknown>` for a number or name that it does not have.
    """

    __slots__ = ()

    channel = Text("Channel")
    channel_state = Number("ChannelState", -1)
    channel_state_desc = Text("ChannelStateDesc")
    caller_id_num = Text("CallerIDNum")
    caller_id_name = Escaped("CallerIDName")
    connected_line_num = Text("ConnectedLineNum")
    connected_line_name = Escaped("ConnectedLineName")
    account_code = Text("AccountCode")
    context = Text("Context")
    exten = Text("Exten")
    priority = Number("Priority")
    uniqueid = Text("Uniqueid")
    linkedid = Text("Linkedid")

    def variables(self, header: str = "ChanVariable") -> dict[str, str]:
        """Return the channel variables that manager.conf's `channelvars` adds; the later of two names wins.

        Args:
            header: `DestChanVariable` and its like for the other channel of an event with two.
        """
        pairs = (value.partition("=") for value in self.all(header))
        return {name: unescape(value) for name, _, value in pairs}


class DestFields(ChannelFields):
    """The other channel, in events that are about two (not an event itself)."""

    __slots__ = ()

    dest_channel = Text("DestChannel")
    dest_channel_state = Number("DestChannelState", -1)
    dest_caller_id_num = Text("DestCallerIDNum")
    dest_caller_id_name = Escaped("DestCallerIDName")
    dest_context = Text("DestContext")
    dest_exten = Text("DestExten")
    dest_uniqueid = Text("DestUniqueid")
    dest_linkedid = Text("DestLinkedid")


class BridgeFields(AmiEvent):
    """The bridge that the event is about (not an event itself)."""

    __slots__ = ()

    bridge_uniqueid = Text("BridgeUniqueid")
    bridge_type = Text("BridgeType")
    bridge_technology = Text("BridgeTechnology")
    bridge_creator = Text("BridgeCreator")
    bridge_name = Text("BridgeName")
    bridge_num_channels = Number("BridgeNumChannels")
