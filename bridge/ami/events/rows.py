"""The rows of list actions: on the wire they are events with the action's id."""

from __future__ import annotations

from bridge.ami.events.base import AmiEvent, BridgeFields, ChannelFields
from bridge.ami.events.queues import MemberFields
from bridge.ami.fields import Flag, Number, Text

__all__ = [
    "BridgeInfoChannel",
    "BridgeListItem",
    "ChannelHungup",
    "ConfbridgeList",
    "ConfbridgeListRooms",
    "CoreShowChannel",
    "ListDialplan",
    "QueueEntry",
    "QueueMember",
    "QueueParams",
    "Status",
]


class CoreShowChannel(ChannelFields):
    """A channel that is up; `duration` as `HH:MM:SS`."""

    __slots__ = ()
    event = "CoreShowChannel"

    application = Text("Application")
    application_data = Text("ApplicationData")
    duration = Text("Duration")
    bridge_id = Text("BridgeId")


class Status(ChannelFields):
    """A channel with more detail than `CoreShowChannel`; `seconds` since it was made."""

    __slots__ = ()
    event = "Status"

    type = Text("Type")
    dnid = Text("DNID")
    time_to_hangup = Number("TimeToHangup")
    bridge_id = Text("BridgeID")
    application = Text("Application")
    data = Text("Data")
    seconds = Number("Seconds")


class ChannelHungup(AmiEvent):
    """A channel that `HangupMatching` hung up."""

    __slots__ = ()
    event = "ChannelHungup"

    channel = Text("Channel")


class BridgeListItem(BridgeFields):
    """A bridge that exists."""

    __slots__ = ()
    event = "BridgeListItem"


class BridgeInfoChannel(ChannelFields):
    """A channel in the bridge that was asked about."""

    __slots__ = ()
    event = "BridgeInfoChannel"


class ConfbridgeList(ChannelFields):
    """A participant of a room; `answered_time` in seconds."""

    __slots__ = ()
    event = "ConfbridgeList"

    conference = Text("Conference")
    admin = Flag("Admin")
    marked_user = Flag("MarkedUser")
    waiting = Flag("Waiting")
    muted = Flag("Muted")
    talking = Flag("Talking")
    answered_time = Number("AnsweredTime")


class ConfbridgeListRooms(AmiEvent):
    """A room that is open."""

    __slots__ = ()
    event = "ConfbridgeListRooms"

    conference = Text("Conference")
    parties = Number("Parties")
    marked = Number("Marked")
    locked = Flag("Locked")
    muted = Flag("Muted")


class QueueParams(AmiEvent):
    """A queue, its settings and counters; times in seconds."""

    __slots__ = ()
    event = "QueueParams"

    queue = Text("Queue")
    max = Number("Max")
    strategy = Text("Strategy")
    calls = Number("Calls")
    hold_time = Number("Holdtime")
    talk_time = Number("TalkTime")
    completed = Number("Completed")
    abandoned = Number("Abandoned")
    service_level = Number("ServiceLevel")
    weight = Number("Weight")


class QueueMember(MemberFields):
    """A member of a queue. Its interface is called `Location` and its name `Name` here."""

    __slots__ = ()
    event = "QueueMember"

    member_name = Text("Name")
    interface = Text("Location")


class QueueEntry(AmiEvent):
    """A caller who waits in a queue; `wait` in seconds, `position` counts from 1."""

    __slots__ = ()
    event = "QueueEntry"

    queue = Text("Queue")
    position = Number("Position")
    channel = Text("Channel")
    uniqueid = Text("Uniqueid")
    caller_id_num = Text("CallerIDNum")
    caller_id_name = Text("CallerIDName")
    wait = Number("Wait")
    priority = Number("Priority")


class ListDialplan(AmiEvent):
    """A line of the dialplan: a step, an include, an ignore pattern or a switch, whichever is not empty."""

    __slots__ = ()
    event = "ListDialplan"

    context = Text("Context")
    extension = Text("Extension")
    extension_label = Text("ExtensionLabel")
    priority = Text("Priority")
    application = Text("Application")
    app_data = Text("AppData")
    include_context = Text("IncludeContext")
    switch = Text("Switch")
    registrar = Text("Registrar")
