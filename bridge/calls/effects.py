"""What is to be done after a step: data, carried out by the service in the order given."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec

from bridge.calls.notices import Notice
from bridge.events.catalogue import Event


class Emit(msgspec.Struct, frozen=True, kw_only=True):
    """A domain event for the event log, in the transaction of the step."""

    at: datetime
    event: Event


class SendOriginate(msgspec.Struct, frozen=True, kw_only=True):
    """Send this call's Originate, once, after the commit."""


class HangupChannel(msgspec.Struct, frozen=True, kw_only=True):
    """Hang up the channel with this unique id; that it is gone already is no error."""

    channel: str


class TellAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Step the agent's session with this notice, in the same transaction."""

    session_id: str
    notice: Notice


class PassParent(msgspec.Struct, frozen=True, kw_only=True):
    """The call that this one continues is its agent's no longer: tell it so, in the same transaction."""


class EndLegs(msgspec.Struct, frozen=True, kw_only=True):
    """End the third parties who were called for this call and are still in the agent's room."""


class EndRivals(msgspec.Struct, frozen=True, kw_only=True):
    """End the other calls of this call's volley."""


class AwaitAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Signal `Unassign` if the call is not with this agent within the service's deadline for it."""

    session_id: str


class StartWrapup(msgspec.Struct, frozen=True, kw_only=True):
    """Signal `WrapupOver` after so many seconds."""

    seconds: int


class AwaitReport(msgspec.Struct, frozen=True, kw_only=True):
    """Signal `WrapupOver` if no report of the end comes within the service's deadline for it."""


class AwaitTruth(msgspec.Struct, frozen=True, kw_only=True):
    """The call is unknown: look for its channel, and signal `GiveUp` at the service's deadline."""


Effect: TypeAlias = (
    Emit
    | SendOriginate
    | HangupChannel
    | TellAgent
    | PassParent
    | EndLegs
    | EndRivals
    | AwaitAgent
    | StartWrapup
    | AwaitReport
    | AwaitTruth
)
