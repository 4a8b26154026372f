"""What Asterisk's events mean for calls: AMI events in, (call id, signal) out. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, TypeAlias

from bridge.ami.events import (
    AgentConnect,
    AgentRingNoAnswer,
    AmiEvent,
    ConfbridgeJoin,
    DialBegin,
    DialEnd,
    DialState,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
    QueueCallerJoin,
)
from bridge.calls.clicks import rings_first
from bridge.calls.model import QUEUEING, Call, CallKind, Seat
from bridge.calls.signals import (
    AgentBridged,
    Answered,
    ChannelUp,
    ExtensionAnswered,
    Fact,
    HangupSeen,
    OriginateFailed,
    Queued,
    Ringing,
    Unassign,
)

Signals: TypeAlias = Iterable[tuple[str, Fact]]

UP: Final = 6
"""`ChannelState` of an answered channel."""
RINGING: Final = 5
"""`ChannelState` of a channel whose far end rings."""

NO_SUCH_CHANNEL: Final = "0"
"""`Reason` of an Originate that made no channel."""


class Leg:
    """The channel that stands for a call: its own, or one that Asterisk named."""

    __slots__ = ("call_id", "dial_status", "kind", "offered", "rings_first", "seen")

    def __init__(self, call: Call) -> None:
        self.call_id = call.id
        self.kind = call.kind
        self.rings_first = rings_first(call)
        self.dial_status = ""
        self.offered = ""
        self.seen = False


class Translator:
    """Knows which channels stand for which call, and says what their events mean.

    Rebuilt from the store at any time: `follow` each open call. An event of a channel that stands
    for no call means nothing here.
    """

    def __init__(self, seat_of: Callable[[str], Seat | None]) -> None:
        """Take `seat_of`: a queue member's interface to who sits there; `None`: it is no room of ours."""
        self._legs: dict[str, Leg] = {}
        self._seat_of = seat_of
        self._handlers: dict[type[AmiEvent], Callable[[AmiEvent, Leg, datetime], Iterator[Fact]]] = {
            Newchannel: _new_channel,
            Newstate: _new_state,
            DialState: _dial_state,
            DialEnd: _dial_end,
            Hangup: _hangup,
            ConfbridgeJoin: _joined,
            QueueCallerJoin: _queued,
            AgentConnect: self._connected,
            AgentRingNoAnswer: self._not_taken,
            DialBegin: _dial_begin,
        }

    def follow(self, call: Call, channel: str = "") -> None:
        """Take the events of this channel (left out: the call's own) as news of the call."""
        self._legs[channel or call.id] = Leg(call)

    def offered(self, call_id: str, member: str) -> None:
        """An agent was taken for the call, whom this leg of a queue rings."""
        for leg in self._legs.values():
            if leg.call_id == call_id:
                leg.offered = _without_half(member)

    def forget(self, call_id: str) -> None:
        """Drop every channel of a call that is over."""
        self._legs = {key: leg for key, leg in self._legs.items() if leg.call_id != call_id}

    def knows(self, channel: str) -> bool:
        """Whether this channel stands for a call that is followed."""
        return channel in self._legs

    def signals(self, event: AmiEvent, at: datetime) -> Signals:
        """Return what an event means, in order."""
        if isinstance(event, OriginateResponse):
            yield from self._originated(event, at)
            return
        leg = self._leg(event)
        handler = self._handlers.get(type(event))
        if leg is not None and handler is not None:
            leg.seen = True
            for signal in handler(event, leg, at):
                yield leg.call_id, signal

    def _leg(self, event: AmiEvent) -> Leg | None:
        leg = self._legs.get(event.get("Uniqueid"))
        if leg is None:  # dialled by no other channel: Originate's own leg
            leg = self._legs.get(event.get("DestUniqueid"))
        return leg

    def _originated(self, event: OriginateResponse, at: datetime) -> Signals:
        # By ActionID only: the Uniqueid of a failed one can be that of a living call.
        leg = self._legs.get(event.action_id)
        if leg is None or event.success or leg.seen:
            return  # where there was a channel, its Hangup knows the cause
        yield (
            leg.call_id,
            OriginateFailed(at=at, reason=f"originate_{event.reason}", dial_status=leg.dial_status),
        )

    def _connected(self, event: AmiEvent, _leg: Leg, at: datetime) -> Iterator[Fact]:
        seat = self._seat_of(event.get("Interface"))
        who = seat or Seat()
        alone = seat is not None and not seat.session_id
        yield AgentBridged(at=at, session_id=who.session_id, user=who.user, room=who.room, alone=alone)

    def _not_taken(self, event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
        rung = _without_half(event.get("DestChannel"))
        if rung and leg.offered and rung != leg.offered:
            return  # news of an earlier ring, which was answered busy; she was taken since
        seat = self._seat_of(event.get("Interface"))
        if seat is not None and seat.session_id:
            yield Unassign(at=at, session_id=seat.session_id)


def _number(event: AmiEvent, header: str) -> int:
    """A small number; 0 where there is none: what Asterisk writes must never stop its reader."""
    value = event.get(header)
    return int(value) if len(value) < 10 and value.isascii() and value.isdecimal() else 0


def _without_half(channel: str) -> str:
    """The name of a Local channel without its `;1` or `;2`."""
    name, half, _ = channel.rpartition(";")
    return name if half else channel


def _own_channel_is_the_customers(leg: Leg) -> bool:
    return leg.kind is CallKind.AUTO or leg.kind in QUEUEING


def _new_channel(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    customer = event.get("Uniqueid") if _own_channel_is_the_customers(leg) else ""
    yield ChannelUp(at=at, channel=customer)


def _new_state(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    # A manual call's own channel is the half of a Local channel that dials: up at once, or with her phone.
    state = _number(event, "ChannelState")
    if leg.rings_first and state == UP and event.get("Uniqueid") == leg.call_id:
        yield ExtensionAnswered(at=at)
    if leg.kind is not CallKind.AUTO:
        return
    if state == RINGING:
        yield Ringing(at=at, channel=event.get("Uniqueid"))
    elif state == UP:
        yield Answered(at=at, channel=event.get("Uniqueid"))


_DIALLING: Final = frozenset(
    {CallKind.MANUAL, CallKind.THREE_WAY, CallKind.DIALPLAN, CallKind.BLIND, CallKind.CLICK}
)
"""Kinds whose own channel runs the dialplan's Dial."""


def _dials_out(event: AmiEvent, leg: Leg) -> bool:
    """Whether this is the dialplan's Dial, not the Originate's own."""
    return bool(event.get("Uniqueid")) and leg.kind in _DIALLING


def _dial_begin(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    if _dials_out(event, leg):
        yield ChannelUp(at=at, channel=event.get("DestUniqueid"))


def _dial_state(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    if _dials_out(event, leg) and event.get("DialStatus") == "RINGING":
        yield Ringing(at=at, channel=event.get("DestUniqueid"))


def _dial_end(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    status = event.get("DialStatus")
    if _dials_out(event, leg):
        leg.dial_status = status
        if status == "ANSWER":
            customer = event.get("DestUniqueid")
            yield Answered(at=at, channel=customer)
            # The agent is in the room already, or it is her phone that dialled: they hear each other.
            yield AgentBridged(at=at)
    elif leg.kind is CallKind.AUTO or (leg.rings_first and status != "ANSWER"):
        leg.dial_status = status


def _hangup(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    yield HangupSeen(at=at, cause=_number(event, "Cause"), dial_status=leg.dial_status)


def _joined(_event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    if leg.kind is CallKind.AUTO:
        yield AgentBridged(at=at)


def _queued(event: AmiEvent, leg: Leg, at: datetime) -> Iterator[Fact]:
    if leg.kind in QUEUEING:
        yield Queued(at=at, queue=event.get("Queue"), channel=event.get("Uniqueid"))
