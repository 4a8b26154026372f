"""The state machine of a call: every move that there is, in one table.

`step` is pure: no I/O, no clock, no randomness. `TABLE` says which signal does what in which state, and
where it can lead. What the table does not hold is decided by one rule: a command is refused, a fact is a
late or duplicate one and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar

from bridge.calls import clicks, ending, news, progress, signals
from bridge.calls.effects import AwaitAgent, AwaitTruth, HangupChannel, SendOriginate, TellAgent
from bridge.calls.ending import End, Step, changed, close, hangup_target
from bridge.calls.errors import Reason, Refused
from bridge.calls.model import FROM_ROOM, LIVE, PASSED_ON, REFUSED, Call, CallState
from bridge.calls.notices import OfferFailed
from bridge.calls.signals import Signal

__all__ = ["TABLE", "Rule", "Step", "begin", "step"]

S = TypeVar("S", bound=Signal)
Handler: TypeAlias = Callable[[Call, Any], Step]

PLANNED, SENT, UNKNOWN, DIALING, RINGING, QUEUED, ANSWERED, BRIDGED, ENDED, DISPOSED = CallState

_UNSEEN_ENDS = frozenset({"failed_unknown", "ended_while_away", "asterisk_restarted", "cancelled", REFUSED})
"""Ends that Asterisk has not told us: a channel that shows up after one is really there."""

_WHY_NOT = {ENDED: Reason.OVER, DISPOSED: Reason.DISPOSED}


class Rule(NamedTuple):
    """What a signal does in a state, and the states in which the call can be afterwards."""

    act: Handler
    to: tuple[CallState, ...]


def begin(call: Call) -> Step:
    """The first step of a call that has just been made: its intent is published."""
    return Step(call, (news.reached(call, call.asked_at),))


def step(call: Call, signal: Signal) -> Step:
    """What becomes of `call` when `signal` happens, and what is to be done about it.

    The very same call comes back where nothing changes (no write is needed then).

    Raises:
        Refused: `signal` is a command that makes no sense in this state.
    """
    rule = TABLE.get(type(signal), {}).get(call.state)
    if rule is not None:
        return rule.act(call, signal)
    if isinstance(signal, signals.Command):
        raise _refusal(call, signal, _WHY_NOT.get(call.state, Reason.ALREADY_SENT))
    return Step(call)


def _refusal(call: Call, command: signals.Command, reason: Reason) -> Refused:
    return Refused(reason, type(command).__name__, call.state)


# -- commands


def _send(call: Call, signal: signals.Send) -> Step:
    return Step(changed(call, state=SENT, sent_at=signal.at), (SendOriginate(),))


def _forbid(call: Call, signal: signals.Forbid) -> Step:
    over = close(call, End(at=signal.at, reason=REFUSED, network_status=signal.network_status, final=True))
    return Step(over.call, (news.refused(call, signal), *over.effects))


def _assign(call: Call, signal: signals.Assign) -> Step:
    if call.hangup_asked_at:
        raise _refusal(call, signal, Reason.OVER)
    if call.session_id not in ("", signal.session_id):
        raise _refusal(call, signal, Reason.TAKEN)
    return Step(progress.with_agent(call, signal), (AwaitAgent(session_id=signal.session_id),))


def _bridged_already(call: Call, signal: signals.Assign) -> Step:
    if call.session_id == signal.session_id:
        return Step(call)
    raise _refusal(call, signal, Reason.TAKEN)


def _cancel(call: Call, signal: signals.HangupAsked) -> Step:
    return close(call, End(at=signal.at, reason="cancelled", final=True))


def _hang_up(call: Call, signal: signals.HangupAsked) -> Step:
    return progress.wish_to_end(call, signal.at)


def _note_status(call: Call, signal: signals.AgentStatus) -> Step:
    if call.pending_status == signal.status:
        return Step(call)
    return Step(changed(call, pending_status=signal.status))


def _switch_lead(call: Call, signal: signals.SwitchLead) -> Step:
    if call.lead_id == signal.lead_id:
        return Step(call)
    moved = changed(call, lead_id=signal.lead_id)
    return Step(moved, (news.lead_switched(moved, signal.at, call.lead_id),))


def _keep_messages(call: Call, signal: signals.KeepMessages) -> Step:
    return Step(call) if call.messages == signal.sounds else Step(changed(call, messages=signal.sounds))


# -- the link


def _lose(call: Call, signal: signals.LinkLost) -> Step:
    unknown = changed(call, state=UNKNOWN)
    return Step(unknown, (news.reached(unknown, signal.at), AwaitTruth()))


def _give_up(call: Call, signal: signals.GiveUp) -> Step:
    end = End(at=signal.at, reason="failed_unknown", network_status=signal.network_status, final=True)
    return close(call, end)


def _present(call: Call, signal: signals.SnapshotPresent) -> Step:
    if signal.extension_up and call.extension_answered_at is None:
        up = progress.extension_up(call, signal, "resync")
        rest = _present(up.call, signal)
        return Step(rest.call, (*up.effects, *rest.effects))
    if signal.seen is BRIDGED and call.state is not BRIDGED:
        return progress.bridge(call, signal, "resync")
    reached = progress.reach(call, signal.seen, signal, "resync")
    if reached.call.state is not call.state:
        return Step(reached.call, (*reached.effects, *_agent_awaited(reached.call)))
    return Step(reached.call, (*progress.wished_hangup(reached.call), *_agent_awaited(reached.call)))


def _agent_awaited(call: Call) -> tuple[AwaitAgent, ...]:
    """A call that was just being given to an agent: that it failed may have been missed."""
    offered = call.session_id and call.kind not in FROM_ROOM and call.state is not BRIDGED
    return (AwaitAgent(session_id=call.session_id),) if offered else ()


def _absent(call: Call, signal: signals.SnapshotAbsent) -> Step:
    reason = "asterisk_restarted" if signal.asterisk_restarted else "ended_while_away"
    return close(
        call, End(at=signal.at, reason=reason, network_status=signal.network_status, told_by="resync")
    )


def _absent_in_flight(call: Call, signal: signals.SnapshotAbsent) -> Step:
    """Asterisk may still be about to make the channel, unless it has been started anew."""
    return _absent(call, signal) if signal.asterisk_restarted else Step(call)


# -- the agent comes and goes


def _unassign(call: Call, signal: signals.Unassign) -> Step:
    if call.kind in FROM_ROOM or not _is_with(call, signal.session_id):
        return Step(call)
    failed = OfferFailed(at=signal.at, call_id=call.id)
    return Step(progress.without_agent(call), (TellAgent(session_id=signal.session_id, notice=failed),))


def _unrung(call: Call) -> tuple[HangupChannel, ...]:
    """The leg of a queue that rings the phone of an agent on hook, who is to have the call no more."""
    return (HangupChannel(channel=call.room_channel),) if call.extension and call.room_channel else ()


def _is_with(call: Call, session_id: str) -> bool:
    return bool(session_id) and call.session_id == session_id


def _agent_gone(call: Call, signal: signals.AgentGone) -> Step:
    if not _is_with(call, signal.session_id):
        return Step(call)
    if call.kind not in FROM_ROOM and call.state is not BRIDGED:
        return Step(progress.without_agent(call), _unrung(call))
    alone = changed(call, session_id="")
    if call.state is PLANNED:
        return close(alone, End(at=signal.at, reason="cancelled", final=True))
    return progress.wish_to_end(alone, signal.at)


def _agent_hung_up(call: Call, signal: signals.AgentHungUp) -> Step:
    return progress.wish_to_end(call, signal.at) if _is_with(call, signal.session_id) else Step(call)


# -- the end


def _originate_failed(call: Call, signal: signals.OriginateFailed) -> Step:
    return _end_as(clicks.failure(call, signal) or signal.reason, call, signal)


def _end(call: Call, signal: signals.Ending) -> Step:
    return _end_as(clicks.failure(call, signal) or "hangup", call, signal)


def _end_as(reason: str, call: Call, signal: signals.Ending) -> Step:
    end = End(
        at=signal.at,
        reason=reason,
        network_status=signal.network_status,
        hangup_cause=signal.cause,
        dial_status=signal.dial_status,
    )
    return close(call, end)


def _revenant(call: Call, signal: signals.Sight) -> Step:
    """A channel of a call that has been closed: nobody waits for it any more, so it must not ring on."""
    target = signal.channel or hangup_target(call)
    if call.end_reason == PASSED_ON:  # it is another call's by now
        return Step(call)
    seen = isinstance(signal, signals.SnapshotPresent) or call.end_reason in _UNSEEN_ENDS
    return Step(call, (HangupChannel(channel=target),) if seen and target else ())


# -- parked, passed on


def _park(call: Call, signal: signals.Parked) -> Step:
    return _heard(call, signal.at, call.parked_at or signal.at)


def _unpark(call: Call, signal: signals.Unparked) -> Step:
    return _heard(call, signal.at, None)


def _heard(call: Call, at: datetime, parked_at: datetime | None) -> Step:
    if call.parked_at == parked_at:
        return Step(call)
    after = changed(call, parked_at=parked_at)
    return Step(after, (news.parked(after, at),))


def _screen(call: Call, signal: signals.Screened) -> Step:
    if call.answered_by is signal.answered_by:
        return Step(call)
    after = changed(call, answered_by=signal.answered_by)
    return Step(after, (news.screened(after, signal.at),))


def _pass_on(call: Call, signal: signals.PassedOn) -> Step:
    told = news.passed_on(call, signal.at, signal.to)
    over = close(call, End(at=signal.at, reason=PASSED_ON))
    return Step(over.call, (told, *over.effects))


def _passed_on_already(call: Call, signal: signals.PassedOn) -> Step:
    """Its own channel was gone before we were told why."""
    if call.end_reason == PASSED_ON:
        return Step(call)
    return Step(changed(call, end_reason=PASSED_ON), (news.passed_on(call, signal.at, signal.to),))


def _change_lead(call: Call, signal: signals.LeadChanged) -> Step:
    return Step(call) if call.lead_id == signal.lead_id else Step(changed(call, lead_id=signal.lead_id))


# -- the table

_IN_FLIGHT = (SENT, UNKNOWN)
_UP = (DIALING, RINGING, QUEUED, ANSWERED, BRIDGED)
_ENDS = (ENDED, DISPOSED)
_BEFORE_BRIDGE = tuple(state for state in CallState if state in LIVE and state is not BRIDGED)
_LIVE = (*_BEFORE_BRIDGE, BRIDGED)
_STAY: tuple[CallState, ...] = ()


def _on(
    act: Callable[[Call, S], Step], states: tuple[CallState, ...], to: tuple[CallState, ...] = _STAY
) -> dict[CallState, Rule]:
    """The same rule in several states; an empty `to` means that the state stays what it is."""
    return {state: Rule(act, to or (state,)) for state in states}


def _forward(act: Handler, target: CallState) -> dict[CallState, Rule]:
    """A progress report: forward to `target` from before, news about the channel from there on."""
    return {
        state: Rule(act, (target if progress.is_ahead(target, state) else state,)) for state in _LIVE
    } | _on(_revenant, _ENDS)


def _snapshot_targets(state: CallState) -> tuple[CallState, ...]:
    return tuple(seen for seen in _UP if seen is state or progress.is_ahead(seen, state))


def _bridge_targets(state: CallState) -> tuple[CallState, ...]:
    """With the agent, or (nobody is in her room) answered and about to end."""
    return (BRIDGED, ANSWERED if progress.is_ahead(ANSWERED, state) else state)


TABLE: Mapping[type[Signal], Mapping[CallState, Rule]] = {
    signals.Send: _on(_send, (PLANNED,), (SENT,)),
    signals.Forbid: _on(_forbid, (PLANNED,), (DISPOSED,)),
    signals.Assign: _on(_assign, _BEFORE_BRIDGE) | _on(_bridged_already, (BRIDGED,)),
    signals.AgentStatus: _on(_note_status, _LIVE) | _on(ending.word, (ENDED,), (DISPOSED,)),
    signals.HangupAsked: _on(_cancel, (PLANNED,), (DISPOSED,)) | _on(_hang_up, _LIVE[1:]),
    signals.SwitchLead: _on(_switch_lead, _LIVE),
    signals.KeepMessages: _on(_keep_messages, _LIVE),
    signals.LinkLost: _on(_lose, (SENT,), (UNKNOWN,)),
    signals.GiveUp: _on(_give_up, (UNKNOWN,), (DISPOSED,)),
    signals.WrapupOver: _on(ending.time_up, (ENDED,), (DISPOSED,)),
    signals.Screened: _on(_screen, _UP),
    signals.Parked: _on(_park, _UP),
    signals.Unparked: _on(_unpark, _UP),
    signals.PassedOn: _on(_pass_on, _LIVE, _ENDS) | _on(_passed_on_already, (ENDED, DISPOSED)),
    signals.LeadChanged: _on(_change_lead, (*_LIVE, ENDED)),
    signals.Unassign: _on(_unassign, _BEFORE_BRIDGE),
    signals.AgentGone: _on(_agent_gone, (PLANNED,), (PLANNED, DISPOSED))
    | _on(_agent_gone, _LIVE[1:])
    | _on(ending.agent_gone, (ENDED,), (ENDED, DISPOSED)),
    signals.AgentHungUp: _on(_agent_hung_up, _LIVE[1:]),
    signals.OriginateFailed: _on(_originate_failed, (*_IN_FLIGHT, DIALING, RINGING), _ENDS),
    signals.ChannelUp: _forward(progress.advance(DIALING), DIALING),
    signals.ExtensionAnswered: _forward(progress.extension_up, DIALING),
    signals.Ringing: _forward(progress.advance(RINGING), RINGING),
    signals.Queued: _forward(progress.queue, QUEUED),
    signals.Answered: _forward(progress.advance(ANSWERED), ANSWERED),
    signals.AgentBridged: {state: Rule(progress.bridge, _bridge_targets(state)) for state in _BEFORE_BRIDGE}
    | _on(_revenant, _ENDS),
    signals.Report: _on(_end, _LIVE, _ENDS) | _on(ending.late, (ENDED,), _ENDS),
    signals.HangupSeen: _on(_end, _LIVE, _ENDS) | _on(ending.late, (ENDED,), _ENDS),
    signals.SnapshotPresent: {state: Rule(_present, _snapshot_targets(state)) for state in _LIVE}
    | _on(_revenant, _ENDS),
    signals.SnapshotAbsent: _on(_absent, _UP, _ENDS)
    | {state: Rule(_absent_in_flight, (state, *_ENDS)) for state in _IN_FLIGHT},
}
"""What each signal does in each state. `OriginateAccepted` does nothing anywhere: it says nothing."""
