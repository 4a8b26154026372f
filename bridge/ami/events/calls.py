"""Events about channels, dialling and bridges."""

from __future__ import annotations

from bridge.ami.events.base import AmiEvent, BridgeFields, ChannelFields, DestFields
from bridge.ami.fields import Escaped, Number, Text

__all__ = [
    "BridgeCreate",
    "BridgeDestroy",
    "BridgeEnter",
    "BridgeLeave",
    "Cdr",
    "DTMFEnd",
    "DialBegin",
    "DialEnd",
    "DialState",
    "Hangup",
    "HangupRequest",
    "Hold",
    "Newchannel",
    "Newexten",
    "Newstate",
    "OriginateResponse",
    "SoftHangupRequest",
    "Unhold",
    "VarSet",
]


class Newchannel(ChannelFields):
    """A channel came into being."""

    __slots__ = ()
    event = "Newchannel"


class Newstate(ChannelFields):
    """A channel's state changed (`channel_state`: 4 ring, 5 ringing, 6 up)."""

    __slots__ = ()
    event = "Newstate"


class Newexten(ChannelFields):
    """A channel took a step in the dialplan."""

    __slots__ = ()
    event = "Newexten"

    application = Text("Application")
    app_data = Text("AppData")


class Hangup(ChannelFields):
    """A channel ended. `cause` is a Q.850 cause; 0 if Asterisk has none."""

    __slots__ = ()
    event = "Hangup"

    cause = Number("Cause")
    cause_txt = Text("Cause-txt")


class HangupRequest(ChannelFields):
    """The far end asked for the end of a channel."""

    __slots__ = ()
    event = "HangupRequest"

    cause = Number("Cause")


class SoftHangupRequest(ChannelFields):
    """Asterisk itself asked for the end of a channel."""

    __slots__ = ()
    event = "SoftHangupRequest"

    cause = Number("Cause")


class OriginateResponse(AmiEvent):
    """How an asynchronous Originate ended.

    Match it by `action_id` only: a failed one can carry the `uniqueid` of another, living channel whose id
    was asked for again (measured on Asterisk 22).
    """

    __slots__ = ()
    event = "OriginateResponse"

    response = Text("Response")
    channel = Text("Channel")
    context = Text("Context")
    exten = Text("Exten")
    reason = Number("Reason", -1)
    uniqueid = Text("Uniqueid")
    caller_id_num = Text("CallerIDNum")
    caller_id_name = Text("CallerIDName")

    @property
    def success(self) -> bool:
        """Whether the channel was answered."""
        return self.response == "Success"


class DialBegin(DestFields):
    """A leg began to be dialled; `channel` is empty when no other channel dials it."""

    __slots__ = ()
    event = "DialBegin"

    dial_string = Text("DialString")


class DialState(DestFields):
    """A dialled leg told something new, such as `RINGING` or `PROGRESS`."""

    __slots__ = ()
    event = "DialState"

    dial_status = Text("DialStatus")


class DialEnd(DestFields):
    """A dial ended: `ANSWER`, `BUSY`, `NOANSWER`, `CANCEL`, `CONGESTION`, `CHANUNAVAIL` and others."""

    __slots__ = ()
    event = "DialEnd"

    dial_status = Text("DialStatus")
    forward = Text("Forward")


class BridgeCreate(BridgeFields):
    """A bridge came into being."""

    __slots__ = ()
    event = "BridgeCreate"


class BridgeDestroy(BridgeFields):
    """A bridge ended."""

    __slots__ = ()
    event = "BridgeDestroy"


class BridgeEnter(BridgeFields, ChannelFields):
    """A channel entered a bridge."""

    __slots__ = ()
    event = "BridgeEnter"

    swap_uniqueid = Text("SwapUniqueid")


class BridgeLeave(BridgeFields, ChannelFields):
    """A channel left a bridge."""

    __slots__ = ()
    event = "BridgeLeave"


class VarSet(ChannelFields):
    """A variable was set; a global one has no channel."""

    __slots__ = ()
    event = "VarSet"

    variable = Text("Variable")
    value = Escaped("Value")


class DTMFEnd(ChannelFields):
    """A key was pressed and released."""

    __slots__ = ()
    event = "DTMFEnd"

    digit = Text("Digit")
    duration_ms = Number("DurationMs")
    direction = Text("Direction")


class Hold(ChannelFields):
    """A channel was put on hold."""

    __slots__ = ()
    event = "Hold"

    music_class = Text("MusicClass")


class Unhold(ChannelFields):
    """A channel was taken off hold."""

    __slots__ = ()
    event = "Unhold"


class Cdr(AmiEvent):
    """A call detail record, from the cdr_manager module."""

    __slots__ = ()
    event = "Cdr"

    account_code = Text("AccountCode")
    source = Text("Source")
    destination = Text("Destination")
    destination_context = Text("DestinationContext")
    caller_id = Text("CallerID")
    channel = Text("Channel")
    destination_channel = Text("DestinationChannel")
    last_application = Text("LastApplication")
    last_data = Text("LastData")
    start_time = Text("StartTime")
    answer_time = Text("AnswerTime")
    end_time = Text("EndTime")
    duration = Number("Duration")
    billable_seconds = Number("BillableSeconds")
    disposition = Text("Disposition")
    unique_id = Text("UniqueID")
    user_field = Text("UserField")
