"""Events of Asterisk's queues."""

from __future__ import annotations

from bridge.ami.events.base import AmiEvent, ChannelFields, DestFields
from bridge.ami.fields import Flag, Number, Text

__all__ = [
    "AgentCalled",
    "AgentComplete",
    "AgentConnect",
    "AgentRingNoAnswer",
    "MemberFields",
    "QueueCallerAbandon",
    "QueueCallerJoin",
    "QueueCallerLeave",
    "QueueMemberAdded",
    "QueueMemberPause",
    "QueueMemberRemoved",
    "QueueMemberStatus",
]


class QueueCallerJoin(ChannelFields):
    """A caller entered a queue; `position` counts from 1."""

    __slots__ = ()
    event = "QueueCallerJoin"

    queue = Text("Queue")
    position = Number("Position")
    count = Number("Count")


class QueueCallerLeave(ChannelFields):
    """A caller left a queue, for whatever reason."""

    __slots__ = ()
    event = "QueueCallerLeave"

    queue = Text("Queue")
    position = Number("Position")
    count = Number("Count")


class QueueCallerAbandon(ChannelFields):
    """A caller left a queue unserved; also when she was taken out by Redirect or QueueWithdrawCaller."""

    __slots__ = ()
    event = "QueueCallerAbandon"

    queue = Text("Queue")
    position = Number("Position")
    original_position = Number("OriginalPosition")
    hold_time = Number("HoldTime")


class _AgentEvent(DestFields):
    """A caller (`channel`) and a member's leg (`dest_channel`) in a queue."""

    __slots__ = ()

    queue = Text("Queue")
    interface = Text("Interface")
    member_name = Text("MemberName")


class AgentCalled(_AgentEvent):
    """A queue rings a member for a caller."""

    __slots__ = ()
    event = "AgentCalled"


class AgentConnect(_AgentEvent):
    """A member answered a caller; times in seconds."""

    __slots__ = ()
    event = "AgentConnect"

    hold_time = Number("HoldTime")
    ring_time = Number("RingTime")


class AgentComplete(_AgentEvent):
    """A member's call with a caller ended; times in seconds, `reason` is `caller`, `agent` or `transfer`."""

    __slots__ = ()
    event = "AgentComplete"

    hold_time = Number("HoldTime")
    talk_time = Number("TalkTime")
    reason = Text("Reason")


class AgentRingNoAnswer(_AgentEvent):
    """A member did not answer; `ring_time` in milliseconds."""

    __slots__ = ()
    event = "AgentRingNoAnswer"

    ring_time = Number("RingTime")


class MemberFields(AmiEvent):
    """The state of a queue's member (not an event itself).

    `status` is Asterisk's device state: 1 not in use, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing.
    Times are seconds since 1970, 0 for never.
    """

    __slots__ = ()

    queue = Text("Queue")
    member_name = Text("MemberName")
    interface = Text("Interface")
    state_interface = Text("StateInterface")
    membership = Text("Membership")
    penalty = Number("Penalty")
    calls_taken = Number("CallsTaken")
    last_call = Number("LastCall")
    last_pause = Number("LastPause")
    login_time = Number("LoginTime")
    in_call = Flag("InCall")
    status = Number("Status")
    paused = Flag("Paused")
    paused_reason = Text("PausedReason")


class QueueMemberStatus(MemberFields):
    """Something about a member changed."""

    __slots__ = ()
    event = "QueueMemberStatus"


class QueueMemberPause(MemberFields):
    """A member was paused or unpaused."""

    __slots__ = ()
    event = "QueueMemberPause"

    paused_reason = Text("PausedReason")
    reason = Text("Reason")


class QueueMemberAdded(MemberFields):
    """A member came to a queue."""

    __slots__ = ()
    event = "QueueMemberAdded"


class QueueMemberRemoved(MemberFields):
    """A member left a queue."""

    __slots__ = ()
    event = "QueueMemberRemoved"
