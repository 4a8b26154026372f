"""What is to be done after a step of a session: data, carried out by the service in the order given."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from bridge.calls.signals import Signal as CallSignal
from bridge.events.catalogue import Event

DeviceState = Literal["NOT_INUSE", "RINGING", "INUSE", "UNAVAILABLE"]
"""Asterisk's words for a device; `app_queue` offers a call only to NOT_INUSE."""


class Emit(msgspec.Struct, frozen=True, kw_only=True):
    """A domain event for the event log, in the transaction of the step."""

    at: datetime
    event: Event


class HangupPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Hang up her phone's channel (its unique id); that it is gone already is no error."""

    channel: str


class QueueJoin(msgspec.Struct, frozen=True, kw_only=True):
    """Make her room a member of her queues, paused with this reason."""

    queues: tuple[str, ...]
    reason: str


class QueuePause(msgspec.Struct, frozen=True, kw_only=True):
    """Pause or unpause her in her queues."""

    queues: tuple[str, ...]
    paused: bool
    reason: str


class QueueLeave(msgspec.Struct, frozen=True, kw_only=True):
    """Take her room out of her queues."""

    queues: tuple[str, ...]


class SetDeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """Set `Custom:<user>`."""

    state: DeviceState


class TellCall(msgspec.Struct, frozen=True, kw_only=True):
    """Step this call with this signal, in the same transaction."""

    call_id: str
    signal: CallSignal


class GiveLeadBack(msgspec.Struct, frozen=True, kw_only=True):
    """Give back the lead that was taken for her, in the same transaction."""

    lead_id: int
    status: str
    """What it had before."""
    passed_over: bool
    """She has looked at it and does not want it: nobody is given it until its list is reset."""


class DropWaitingDials(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing waits to be dialled for her any more, in the same transaction."""


AsteriskEffect: TypeAlias = HangupPhone | QueueJoin | QueuePause | QueueLeave | SetDeviceState
"""What is done in Asterisk after the commit."""

Effect: TypeAlias = Emit | TellCall | GiveLeadBack | DropWaitingDials | AsteriskEffect
