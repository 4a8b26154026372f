"""What was seen at one Asterisk. Plain data: the checks read it, `collect` fills it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.doctor.dialplan import Step
from bridge.doctor.websocket import WebSocketSeen

__all__ = ["Browsers", "CallSeen", "Clock", "Facts", "Relay", "View"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Asterisk's clock against this machine's, in seconds.

    Attributes:
        offset: how far Asterisk is ahead.
        margin: how far that may be wrong; half the time that the answer took.
    """

    offset: float
    margin: float


class Relay(Enum):
    """What is at the relay's port, as seen from here."""

    ANSWERS = "something listens"
    REFUSED = "nothing listens"
    ELSEWHERE = "it is on another machine's loopback"
    OPEN = "something listens there for the whole network"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The AMI user who may only look on.

    Attributes:
        user: its name.
        error: why it could not log in; empty if it could.
        commands: the actions it may send, with their rights.
    """

    user: str
    error: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen:
    """What became of the call inside Asterisk.

    Attributes:
        ended: whether the outcome came back (`OriginateResponse`).
        channel_events: whether the channel's own events came.
        agi_ran: whether AGI was executed; `None` without a user who may see it.
        agi_status: what AGI said, for instance `FAILURE`; empty if it was not seen.
        acknowledged: whether the question came to its end.
        reason: why the answer was "busy".
        seconds: from the request to the outcome.
    """

    ended: bool
    channel_events: bool
    agi_ran: bool | None
    agi_status: str
    acknowledged: bool
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsers:
    """What there is for browsers that are phones.

    Attributes:
        url: of the WebSocket, by the settings; empty if there is none.
        websocket: what came of a handshake there; `None` if there is no URL.
        phones: those that are browsers, as the service says.
        endpoints: the fields of each device's endpoint; `None` is "it may not know".
    """

    url: str = ""
    websocket: WebSocketSeen | None = None
    phones: Sequence[BrowserPhoneState] = ()
    endpoints: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one Asterisk showed to the bridge's AMI user. `None` is "it may not know".

    Attributes:
        host: address of the manager interface, as configured.
        port: its TCP port.
        addresses: what the host's name stands for.
        tls: whether TLS is spoken.
        user: the AMI user.
        version: Asterisk's version.
        cdr: whether Asterisk writes call records.
        commands: the actions that the user may send, each with its description and rights.
        contexts: the steps of each context of the bridge that is there.
        functions: the value of each dialplan function that was read.
        modules: whether each module is loaded; only for a user who may ask that.
        clock: the difference of the clocks.
        user_event: whether a `UserEvent` came back.
        reads: classes of events that came although the bridge has no use for them.
        relay: what is at the relay's port; `None` if it was not looked at.
        view: the user who looks on, if there is one.
        call: what became of the call inside Asterisk, if one was asked for.
        browsers: what there is for browsers that are phones; `None` if it was not looked at.
    """

    host: str
    port: int
    addresses: tuple[str, ...]
    tls: bool
    user: str
    version: str | None = None
    cdr: bool | None = None
    commands: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, tuple[Step, ...]] | None = None
    functions: Mapping[str, str] | None = None
    modules: Mapping[str, bool] | None = None
    clock: Clock | None = None
    user_event: bool | None = None
    reads: frozenset[str] = frozenset()
    relay: Relay | None = None
    view: View | None = None
    call: CallSeen | None = None
    browsers: Browsers | None = None
