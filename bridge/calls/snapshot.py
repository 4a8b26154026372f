"""What a list of Asterisk's channels says about calls. Pure: rows in, signals out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from bridge.ami.events import CoreShowChannel
from bridge.calls.clicks import rings_first
from bridge.calls.ending import hangup_target
from bridge.calls.model import QUEUEING, Call, CallKind, CallState
from bridge.calls.signals import SnapshotAbsent, SnapshotPresent
from bridge.calls.translate import RINGING, UP
from bridge.ids import is_uuid7

GOING_ON: Final = "bridge-pass"
"""Context of the dialplan in which a customer goes on without the agent."""
AGENT_CONTEXT: Final = "bridge-agent"
"""Where agents' phones are in the dialplan; the extension is the room."""
ROOM_CONTEXT: Final = "bridge-room"
"""Where those are whom they hear there; the extension is the room."""

CLOCK_STEP: Final = timedelta(minutes=1)
"""No list of channels takes so long: what seems to have begun so much later than it was asked for did not."""


class Snapshot:
    """Asterisk's channels at one moment."""

    def __init__(self, rows: Iterable[CoreShowChannel], *, taken: datetime, restarted: bool) -> None:
        """Take what Asterisk listed.

        Args:
            rows: those of `CoreShowChannels`.
            taken: when it was asked for them.
            restarted: Asterisk is not the one we knew.
        """
        self._by_id: Mapping[str, CoreShowChannel] = {row.uniqueid: row for row in rows if row.uniqueid}
        self.restarted = restarted
        self._taken = taken
        self.ours = frozenset(name for name in self._by_id if is_uuid7(name))
        """Unique ids that we have given: of calls and of agents' phones."""

    def has(self, uniqueid: str) -> bool:
        """Whether a channel with this unique id is up."""
        return uniqueid in self._by_id

    def beginning(self, prefix: str) -> frozenset[str]:
        """The unique ids that begin with this."""
        return frozenset(name for name in self._by_id if name.startswith(prefix))

    def seated(self, uniqueid: str) -> bool:
        """Whether this channel sits in a room; one that is there but still rings does not."""
        row = self._by_id.get(uniqueid)
        return row is not None and (bool(row.bridge_id) or row.application == "ConfBridge")

    def room_of_phone(self, uniqueid: str) -> str:
        """The room in which this channel sits as an agent's phone; empty if it does not."""
        row = self._by_id.get(uniqueid)
        return row.exten if row is not None and row.context == AGENT_CONTEXT else ""

    def phones_in(self, room: str) -> frozenset[str]:
        """The channels of phones that are in this room, or about to come in."""
        return frozenset(
            name for name, row in self._by_id.items() if row.exten == room and row.context == AGENT_CONTEXT
        )

    @property
    def phones(self) -> frozenset[str]:
        """The channels that sit in rooms as agents' phones."""
        return frozenset(
            name
            for name, row in self._by_id.items()
            if row.context == AGENT_CONTEXT and row.application == "ConfBridge"
        )

    def is_used(self, room: str) -> bool:
        """Whether somebody whom an agent is to hear sits in this room."""
        rows = self._by_id.values()
        return any(row.exten == room and row.context == ROOM_CONTEXT and row.bridge_id for row in rows)

    def could_show(self, begun: datetime) -> bool:
        """Whether what began then has to be in it; of what began later, the events to come will tell.

        A beginning that lies well ahead is of before the clock was set back.
        """
        return begun < self._taken or begun - self._taken > CLOCK_STEP

    def of_call(self, call: Call, at: datetime) -> SnapshotPresent | SnapshotAbsent:
        """What the snapshot says of a call."""
        own = self._by_id.get(hangup_target(call)) or self._by_id.get(call.channel)
        if own is None or not _has_gone_on(call, own):
            return SnapshotAbsent(at=at, asterisk_restarted=self.restarted)
        up = rings_first(call) and own.channel_state == UP
        customer = self._customer(call, own)
        return SnapshotPresent(at=at, seen=_seen(call.kind, own), channel=customer, extension_up=up)

    def _customer(self, call: Call, own: CoreShowChannel) -> str:
        if call.kind is CallKind.AUTO or call.kind in QUEUEING or call.continues:
            return own.uniqueid
        others = (row.uniqueid for row in self._by_id.values() if row.bridge_id == own.bridge_id)
        return next((other for other in others if own.bridge_id and other != own.uniqueid), "")


def seen_first(call: Call) -> datetime | None:
    """When the call first showed that it has a channel; `None` if it has not yet."""
    signs = (call.dialing_at, call.ringing_at, call.answered_at, call.bridged_at)
    return min(filter(None, signs), default=None)


def _has_gone_on(call: Call, own: CoreShowChannel) -> bool:
    """Whether a channel that was to be passed on as this call really was: else it is its parent's still."""
    in_flight = call.state in {CallState.SENT, CallState.UNKNOWN}
    return not (call.continues and in_flight) or own.context == GOING_ON


def _seen(kind: CallKind, own: CoreShowChannel) -> CallState:
    if own.bridge_id:
        return CallState.BRIDGED
    if kind in QUEUEING:
        return CallState.QUEUED
    if kind is CallKind.LEFT:
        return CallState.ANSWERED
    if kind is CallKind.AUTO:
        return {UP: CallState.ANSWERED, RINGING: CallState.RINGING}.get(own.channel_state, CallState.DIALING)
    return CallState.DIALING
