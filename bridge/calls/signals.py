"""What can happen to a call: commands, which may be refused, and facts, which may not.

Facts come from Asterisk, late, twice or never; each has a defined meaning in every state.
A signal carries its time (`at`, aware, UTC): the machine itself has no clock.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.calls.model import AnsweredBy, CallState


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """Anything that can happen to a call."""

    at: datetime


class Command(Signal, frozen=True, kw_only=True):
    """Somebody wants something of the call; refused where it makes no sense."""


class Fact(Signal, frozen=True, kw_only=True):
    """Something has happened, whatever we think of it."""


class Sight(Fact, frozen=True, kw_only=True):
    """Asterisk shows the call alive."""

    channel: str = ""
    """The customer's channel, where this tells it."""


# -- commands


class Send(Command, frozen=True, kw_only=True):
    """Send the Originate: taken once in a call's life."""


class Forbid(Command, frozen=True, kw_only=True):
    """The gate refuses a call that has not been sent yet."""

    rule: str
    why: str = ""
    source: str = ""
    network_status: str = ""
    """The status that says so, e.g. `DNCL`."""


class Assign(Command, frozen=True, kw_only=True):
    """This agent is to have the call."""

    session_id: str
    user: str
    room: str
    room_channel: str = ""
    """What will sit in her room for the call, where it is known already."""
    extension: str = ""
    """Login of her phone, where it is rung for the call."""


class AgentStatus(Command, frozen=True, kw_only=True):
    """The agent's word: the disposition, before or after the end."""

    status: str


class SwitchLead(Command, frozen=True, kw_only=True):
    """Another lead is the one of this call."""

    lead_id: int


class KeepMessages(Command, frozen=True, kw_only=True):
    """Leave these sounds on an answering machine, if the agent says so."""

    sounds: tuple[str, ...]


class HangupAsked(Command, frozen=True, kw_only=True):
    """Somebody wants the call to end."""


# -- facts of our side


class LinkLost(Fact, frozen=True, kw_only=True):
    """The AMI link was lost (or the bridge restarted): a call in flight is unknown."""


class GiveUp(Fact, frozen=True, kw_only=True):
    """The call has been unknown for too long."""

    network_status: str = ""


class WrapupOver(Fact, frozen=True, kw_only=True):
    """Nobody has disposed the ended call in time."""

    default_status: str = ""
    """Instead of the call's own default, where given."""


class Screened(Fact, frozen=True, kw_only=True):
    """The detection of answering machines has come to its end."""

    answered_by: AnsweredBy


class Parked(Fact, frozen=True, kw_only=True):
    """The customer hears hold music instead of the room."""


class Unparked(Fact, frozen=True, kw_only=True):
    """The customer is back in the room."""


class PassedOn(Fact, frozen=True, kw_only=True):
    """The customer goes on without the agent, as another call."""

    to: str
    """Id of that call."""


class LeadChanged(Fact, frozen=True, kw_only=True):
    """The call is about another lead."""

    lead_id: int


class Unassign(Fact, frozen=True, kw_only=True):
    """The agent to whom the call was being given did not get it; it waits for another."""

    session_id: str


class AgentGone(Fact, frozen=True, kw_only=True):
    """The agent's session has ended under the call."""

    session_id: str


class AgentHungUp(Fact, frozen=True, kw_only=True):
    """The agent, whose phone is rung for each call, has put it down: her session goes on without it."""

    session_id: str


# -- facts of Asterisk


class OriginateAccepted(Fact, frozen=True, kw_only=True):
    """Asterisk has queued the Originate; that says nothing about the call."""


class ChannelUp(Sight, frozen=True, kw_only=True):
    """The call has a channel (Newchannel)."""


class ExtensionAnswered(Sight, frozen=True, kw_only=True):
    """The extension that is rung first has answered; the customer is called now."""


class Ringing(Sight, frozen=True, kw_only=True):
    """The far end rings."""


class Queued(Sight, frozen=True, kw_only=True):
    """The customer waits in a queue."""

    queue: str


class Answered(Sight, frozen=True, kw_only=True):
    """The far end has answered."""


class AgentBridged(Sight, frozen=True, kw_only=True):
    """Agent and customer hear each other; names the agent where the call may not know her yet."""

    room_channel: str = ""
    alone: bool = False
    """The customer is in a room of ours whose agent has gone."""
    session_id: str = ""
    user: str = ""
    room: str = ""


class Ending(Fact, frozen=True, kw_only=True):
    """The call is over; what is not known yet is left empty and may come later."""

    cause: int | None = None
    """Q.850 cause."""
    dial_status: str = ""
    network_status: str = ""
    """What this result means as a status (worked out by the caller); empty: a report is still to come."""


class Report(Ending, frozen=True, kw_only=True):
    """The dialplan's own account of the end (`call_end`)."""


class HangupSeen(Ending, frozen=True, kw_only=True):
    """The call's channel is gone (Hangup)."""


class OriginateFailed(Ending, frozen=True, kw_only=True):
    """The Originate was refused, or failed before anybody answered."""

    reason: str = "failed"
    """Becomes the call's `end_reason`."""


class SnapshotPresent(Sight, frozen=True, kw_only=True):
    """A snapshot shows the call's channel, as far on as `seen`."""

    seen: CallState = CallState.DIALING
    """DIALING, RINGING, QUEUED, ANSWERED or BRIDGED."""
    extension_up: bool = False
    """The extension that was rung first has answered."""
    session_id: str = ""
    user: str = ""
    room: str = ""
    room_channel: str = ""


class SnapshotAbsent(Fact, frozen=True, kw_only=True):
    """A snapshot does not show the call."""

    asterisk_restarted: bool = False
    """Asterisk has started anew since: nothing of before can still be in flight."""
    network_status: str = ""
