"""Events about Asterisk itself, and those that users send."""

from __future__ import annotations

from bridge.ami.events.base import AmiEvent, ChannelFields
from bridge.ami.fields import Number, Text

__all__ = ["DeviceStateChange", "FullyBooted", "Shutdown", "UserEvent"]


class FullyBooted(AmiEvent):
    """Asterisk has finished starting; only users that may read `system` get it. Times in seconds."""

    __slots__ = ()
    event = "FullyBooted"

    uptime = Number("Uptime", -1)
    last_reload = Number("LastReload", -1)


class Shutdown(AmiEvent):
    """Asterisk is going down."""

    __slots__ = ()
    event = "Shutdown"

    shutdown = Text("Shutdown")
    restart = Text("Restart")


class UserEvent(ChannelFields):
    """What the dialplan's or the AMI's `UserEvent` sent; other headers by name, for instance `e["Lead"]`."""

    __slots__ = ()
    event = "UserEvent"

    user_event = Text("UserEvent")


class DeviceStateChange(AmiEvent):
    """A device's state changed, for instance `Custom:1000` to `NOT_INUSE`; also a row of DeviceStateList."""

    __slots__ = ()
    event = "DeviceStateChange"

    device = Text("Device")
    state = Text("State")
