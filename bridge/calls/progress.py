"""How a live call gets on: news only ever moves it forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import msgspec

from bridge.calls import news
from bridge.calls.clicks import awaits_extension
from bridge.calls.effects import Effect, EndRivals, HangupChannel, PassParent, TellAgent
from bridge.calls.ending import Step, changed, hangup_target
from bridge.calls.model import Call, CallKind, CallState
from bridge.calls.notices import Bridged
from bridge.calls.signals import AgentBridged, Assign, Queued, Sight, SnapshotPresent
from bridge.events.catalogue import Cause

NamesAgent: TypeAlias = Assign | AgentBridged | SnapshotPresent

_ORDER = {
    CallState.PLANNED: 0,
    CallState.SENT: 1,
    CallState.UNKNOWN: 1,
    CallState.DIALING: 2,
    CallState.RINGING: 3,
    CallState.ANSWERED: 4,
    CallState.QUEUED: 5,
    CallState.BRIDGED: 6,
}


def is_ahead(target: CallState, of: CallState) -> bool:
    """Whether a live call in the state `of` has `target` still before it."""
    return _ORDER[target] > _ORDER[of]


def reach(call: Call, target: CallState, sight: Sight, cause: Cause = "") -> Step:
    """Move forward to `target`; stay, but learn the channel, where the call is as far on already."""
    known = _learn(call, sight)
    if not is_ahead(target, call.state):
        return Step(known)
    moved = changed(_stamped(known, target, sight.at), state=target)
    return Step(moved, (news.reached(moved, sight.at, cause), *_family(call, moved), *wished_hangup(moved)))


def _family(before: Call, moved: Call) -> tuple[Effect, ...]:
    """What other calls have to learn: that their customer has gone on, or that one of them has answered."""
    began = before.continues and before.state in (CallState.SENT, CallState.UNKNOWN)
    answered = before.volley and is_ahead(CallState.ANSWERED, before.state)
    first = answered and not is_ahead(CallState.ANSWERED, moved.state)
    return (*((PassParent(),) if began else ()), *((EndRivals(),) if first else ()))


def advance(target: CallState) -> Callable[[Call, Sight], Step]:
    """`reach` with its target set."""
    return lambda call, sight: reach(call, target, sight)


def extension_up(call: Call, sight: Sight, cause: Cause = "") -> Step:
    """The phone that is rung first has answered: told once, and before all news of the customer."""
    reached = reach(call, CallState.DIALING, sight, cause)
    if not awaits_extension(call):
        return reached
    up = changed(reached.call, extension_answered_at=sight.at)
    return Step(up, (news.extension_answered(up, sight.at, cause), *reached.effects))


def queue(call: Call, signal: Queued) -> Step:
    """Wait in a queue, or in another one than before."""
    if call.queue == signal.queue or call.state is CallState.BRIDGED:
        return reach(call, CallState.QUEUED, signal)
    return reach(changed(call, queue=signal.queue), CallState.QUEUED, signal)


def bridge(call: Call, signal: AgentBridged | SnapshotPresent, cause: Cause = "") -> Step:
    """Agent and customer hear each other: the call was answered, whether or not we saw it, and she knows."""
    known = with_agent(call, signal) if signal.session_id else call
    if _is_deserted(known, signal):
        return _leave_nobody_alone(known, signal, cause)
    reached = reach(_stamped(known, CallState.ANSWERED, signal.at), CallState.BRIDGED, signal, cause)
    if not known.session_id:
        return reached
    notice = Bridged(at=signal.at, call_id=call.id, cause=cause)
    return Step(reached.call, (*reached.effects, TellAgent(session_id=known.session_id, notice=notice)))


def _is_deserted(call: Call, signal: AgentBridged | SnapshotPresent) -> bool:
    """Whether the customer has come into a room of ours in which no agent is any more."""
    alone = isinstance(signal, AgentBridged) and signal.alone
    return not call.session_id and (alone or call.kind is CallKind.AUTO)


def _leave_nobody_alone(call: Call, signal: AgentBridged | SnapshotPresent, cause: Cause) -> Step:
    """End it: answered, and never given to an agent."""
    answered = reach(call, CallState.ANSWERED, signal, cause)
    wished = wish_to_end(answered.call, signal.at)
    return Step(wished.call, (*answered.effects, *wished.effects))


def with_agent(call: Call, signal: NamesAgent) -> Call:
    """The call in the hands of the agent whom `signal` names."""
    if call.session_id == signal.session_id:
        return call
    half = call.room_channel if call.consults else signal.room_channel or call.room_channel
    return changed(
        call,
        session_id=signal.session_id,
        user=signal.user,
        room=signal.room,
        room_channel=half,
        extension=signal.extension if isinstance(signal, Assign) else "",
    )


def without_agent(call: Call) -> Call:
    """The call waiting for an agent again."""
    half = call.room_channel if call.consults else ""
    return changed(call, session_id="", user="", room="", room_channel=half, extension="")


def wish_to_end(call: Call, at: datetime) -> Step:
    """Hang it up, and remember that: a channel that shows up later goes the same way."""
    wished = call if call.hangup_asked_at else changed(call, hangup_asked_at=at)
    return Step(wished, wished_hangup(wished))


def wished_hangup(call: Call) -> tuple[HangupChannel, ...]:
    """Once more, where the call should have ended but shows signs of life."""
    target = hangup_target(call)
    return (HangupChannel(channel=target),) if call.hangup_asked_at and target else ()


def _learn(call: Call, sight: Sight) -> Call:
    return changed(call, channel=sight.channel) if sight.channel and not call.channel else call


def _stamped(call: Call, target: CallState, at: datetime) -> Call:
    field = f"{target}_at"
    if target is CallState.QUEUED or getattr(call, field) is not None:
        return call
    return msgspec.structs.replace(call, **{field: at})
