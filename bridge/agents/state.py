"""The state machine of an agent's session: every move that there is, in one table.

`step` is pure: no I/O, no clock, no randomness. `TABLE` says which signal does what in which state, and
where it can lead. What the table does not hold is decided by one rule: a command is refused, a fact is a
late or duplicate one and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar

from bridge.agents import moves, news, on_hook, signals
from bridge.agents.effects import Effect, HangupPhone, QueueJoin, QueueLeave, SetDeviceState
from bridge.agents.errors import Reason, Refused
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.moves import Step
from bridge.agents.signals import Signal
from bridge.events.catalogue import Cause

__all__ = ["TABLE", "Rule", "Step", "begin", "step"]

S = TypeVar("S", bound=Signal)
Handler: TypeAlias = "Callable[[AgentSession, Any], Step]"

CONNECTING, PAUSED, READY, OFFERED, DIALING, INCALL, WRAPUP, LOGGED_OUT = AgentState

_WITH_CALL = (OFFERED, DIALING, INCALL)
_BUSY = (*_WITH_CALL, WRAPUP)
_SEATED = (PAUSED, READY, *_BUSY)
_IN = (CONNECTING, *_SEATED)


class Rule(NamedTuple):
    """What a signal does in a state, and the states in which the session can be afterwards."""

    act: Handler
    to: tuple[AgentState, ...]


def begin(session: AgentSession) -> Step:
    """The first step of a session that has just been made: her phone is about to be rung, or on hook."""
    if session.on_hook:
        return on_hook.begin(session)
    return Step(session, (news.reached(session, session.state_since),))


def step(session: AgentSession, signal: Signal) -> Step:
    """What becomes of `session` when `signal` happens, and what is to be done about it.

    The very same session comes back where nothing changes (no write is needed then).

    Raises:
        Refused: `signal` is a command that makes no sense in this state.
    """
    rule = TABLE.get(type(signal), {}).get(session.state)
    if rule is not None:
        done = rule.act(session, signal)
        return on_hook.settled(session, done) if session.on_hook else done
    if isinstance(signal, signals.Command):
        raise _refusal(session, signal)
    return Step(session)


def _refusal(session: AgentSession, command: signals.Command) -> Refused:
    always = {LOGGED_OUT: Reason.LOGGED_OUT, CONNECTING: Reason.NOT_SEATED}
    usual = Reason.BUSY if isinstance(command, signals.Offer) else Reason.NOT_PAUSED
    return Refused(always.get(session.state, usual), type(command).__name__, session.state)


# -- the phone


def _seat(session: AgentSession, signal: signals.PhoneUp | signals.SnapshotPresent) -> Step:
    cause: Cause = "resync" if isinstance(signal, signals.SnapshotPresent) else ""
    seated = moves.changed(session, state=PAUSED, state_since=signal.at, logged_in_at=signal.at)
    joined = (QueueJoin(queues=seated.queues, reason=seated.pause_reason),) if seated.queues else ()
    device = SetDeviceState(state=moves.DEVICE[PAUSED])
    return Step(seated, (news.logged_in(seated, signal.at, cause), *joined, device))


def _fail(session: AgentSession, signal: signals.PhoneFailed | signals.PhoneLost) -> Step:
    return _failed(session, signal.at, signal.reason)


def _failed(session: AgentSession, at: datetime, reason: str) -> Step:
    over = moves.changed(session, state=LOGGED_OUT, state_since=at, logged_out_at=at, logout_reason=reason)
    return Step(over, (news.login_failed(over, at),))


def _lose(session: AgentSession, signal: signals.PhoneLost) -> Step:
    if session.on_hook:
        return on_hook.phone_gone(session, signal)
    if _channel(session, signal) != session.phone_channel:
        return _not_again(session, signal)
    return moves.leave(session, signal.at, signal.reason)


def _channel(session: AgentSession, signal: signals.PhoneFact) -> str:
    return signal.channel or session.phone_channel


def _unwanted_phone(session: AgentSession, signal: signals.PhoneUp | signals.SnapshotPresent) -> Step:
    """A phone is up that is not wanted, or no longer: nobody else would ever hang it up."""
    return Step(session, (HangupPhone(channel=_channel(session, signal)),))


def _ring_again(session: AgentSession, signal: signals.RingAgain) -> Step:
    rung = moves.changed(session, next_channel=signal.channel)
    return Step(rung, (news.phone(rung, signal.at, "ringing"),))


def _up_again(session: AgentSession, signal: signals.PhoneUp | signals.SnapshotPresent) -> Step:
    """It takes the place of the one she has, which is hung up: the end of that one means nothing then."""
    if session.on_hook:
        return on_hook.phone_up(session, signal)
    channel = _channel(session, signal)
    if channel == session.phone_channel:
        return Step(session)
    if channel != session.next_channel:
        return _unwanted_phone(session, signal)
    cause: Cause = "resync" if isinstance(signal, signals.SnapshotPresent) else ""
    moved = moves.changed(session, channel=channel, next_channel="")
    return Step(
        moved, (news.phone(moved, signal.at, "seated", cause), HangupPhone(channel=session.phone_channel))
    )


def _not_again(session: AgentSession, signal: signals.PhoneFact) -> Step:
    if not session.next_channel or signal.channel != session.next_channel:
        return Step(session)
    failed = moves.changed(session, next_channel="")
    return Step(failed, (news.phone(failed, signal.at, "failed"),))


def _reassert(session: AgentSession, signal: signals.SnapshotPresent) -> Step:
    if _channel(session, signal) != session.phone_channel:
        return _up_again(session, signal)
    device = SetDeviceState(state=moves.DEVICE[session.state])
    return Step(session, (*moves.queue_pause(session), device))


def _absent(session: AgentSession, signal: signals.SnapshotAbsent) -> Step:
    if session.on_hook:
        return on_hook.phone_gone(session, signal)
    if _channel(session, signal) != session.phone_channel:
        return _not_again(session, signal)
    reason = "asterisk_restarted" if signal.asterisk_restarted else "phone_lost"
    return moves.leave(session, signal.at, reason, "resync")


def _absent_while_ringing(session: AgentSession, signal: signals.SnapshotAbsent) -> Step:
    """Asterisk may still be about to ring it, unless it has been started anew."""
    if signal.asterisk_restarted:
        return _failed(session, signal.at, "asterisk_restarted")
    return Step(session)


# -- commands


def _pause(session: AgentSession, signal: signals.Pause) -> Step:
    return moves.enter(session, signal.at, PAUSED, pause_reason=signal.reason or session.pause_reason)


def _pause_again(session: AgentSession, signal: signals.Pause | signals.SetPauseReason) -> Step:
    reason = signal.reason or session.pause_reason
    if reason == session.pause_reason:
        return Step(session)
    renamed = moves.stay(session, pause_reason=reason, code_since=signal.at)
    return Step(renamed.session, (news.reached(renamed.session, signal.at), *renamed.effects))


def _name_pause(session: AgentSession, signal: signals.Pause | signals.SetPauseReason) -> Step:
    """Before she is seated, or in wrap-up: told when it shows."""
    return moves.stay(session, pause_reason=signal.reason or session.pause_reason)


def _pause_later(session: AgentSession, signal: signals.Pause) -> Step:
    reason = signal.reason or session.pause_reason
    return moves.stay(session, after_call=PAUSED, logout_reason="", pause_reason=reason)


def _resume(session: AgentSession, signal: signals.Resume) -> Step:
    return moves.enter(session, signal.at, READY)


def _resume_later(session: AgentSession, _: signals.Resume | signals.ReadyAfterCall) -> Step:
    return moves.stay(session, after_call=READY, logout_reason="")


def _log_out(session: AgentSession, signal: signals.Logout) -> Step:
    left = moves.leave(session, signal.at, signal.reason)
    return Step(left.session, (*left.effects, HangupPhone(channel=session.phone_channel)))


def _log_out_later(session: AgentSession, signal: signals.Logout) -> Step:
    if signal.now:
        return _log_out(session, signal)
    return moves.stay(session, after_call=LOGGED_OUT, logout_reason=signal.reason)


def _change_queues(session: AgentSession, signal: signals.ChangeQueues) -> Step:
    after = moves.changed(session, queues=signal.queues, blended=signal.blended)
    if after is session:
        return Step(session)
    left = tuple(queue for queue in session.queues if queue not in after.queues)
    joined = tuple(queue for queue in after.queues if queue not in session.queues)
    effects: list[Effect] = [news.queues(after, signal.at)]
    if left:
        effects.append(QueueLeave(queues=left))
    if joined:
        effects.append(QueueJoin(queues=joined, reason=after.pause_reason))
    return Step(after, tuple(effects))


def _play(session: AgentSession, signal: signals.PlaySound) -> Step:
    after = moves.changed(session, playback=signal.channel, playback_paused=False)
    return Step(after, (news.playback(after, signal.at, "playing", signal.sound),))


def _pause_playback(session: AgentSession, signal: signals.PlaybackPaused) -> Step:
    after = moves.changed(session, playback_paused=signal.paused)
    if after is session:
        return Step(session)
    return Step(after, (news.playback(after, signal.at, "paused" if signal.paused else "resumed"),))


def _stop_playback(session: AgentSession, signal: signals.PlaybackStopped) -> Step:
    if session.playback != signal.channel:
        return Step(session)
    after = moves.changed(session, playback="", playback_paused=False)
    return Step(after, (news.playback(after, signal.at, "stopped"),))


def _dial(session: AgentSession, signal: signals.Dial) -> Step:
    if session.state is READY and not signal.from_ready:
        raise _refusal(session, signal)
    return moves.enter(
        session,
        signal.at,
        DIALING,
        call_id=signal.call_id,
        lead_id=signal.lead_id,
        after_call=session.state,
    )


def _show_preview(session: AgentSession, signal: signals.ShowPreview) -> Step:
    shown = moves.changed(session, preview=signal.preview)
    if shown is session:
        return Step(session)
    gone = moves.unpreviewed(session, shown, signal.at, "replaced")
    return Step(shown, (*gone, news.previewing(shown, signal.preview, signal.at)))


def _drop_preview(session: AgentSession, signal: signals.DropPreview) -> Step:
    bare = moves.changed(session, preview=None)
    return Step(bare, moves.unpreviewed(session, bare, signal.at, signal.reason))


def _switch_lead(session: AgentSession, signal: signals.SwitchLead) -> Step:
    moved = moves.changed(session, lead_id=signal.lead_id)
    if moved is session:
        return Step(session)
    return Step(moved, (news.lead_switched(moved, signal.at, session.lead_id),))


def _offer(session: AgentSession, signal: signals.Offer) -> Step:
    return moves.enter(session, signal.at, OFFERED, call_id=signal.call_id, lead_id=signal.lead_id)


# -- her calls


def _talk(session: AgentSession, signal: signals.Bridged) -> Step:
    if session.call_id != signal.call_id:
        return Step(session)
    return moves.enter(session, signal.at, INCALL, signal.cause)


def _talk_unasked(session: AgentSession, signal: signals.Bridged) -> Step:
    """She hears a customer whom we had given up on giving her: Asterisk is the truth."""
    return moves.enter(
        session, signal.at, INCALL, signal.cause, call_id=signal.call_id, after_call=session.state
    )


def _talk_to_nobody(session: AgentSession, signal: signals.Bridged) -> Step:
    return Step(session, (moves.gone(session, signal.call_id, signal.at),))


def _call_over(session: AgentSession, signal: signals.CallOver) -> Step:
    if session.call_id != signal.call_id:
        return Step(session)
    if signal.not_taken and session.is_ringing:
        return on_hook.not_taken(session, signal)
    if not signal.wrapup:
        return moves.land(session, signal.at, signal.cause)
    if session.state is WRAPUP:
        return Step(session)
    return moves.enter(session, signal.at, WRAPUP, signal.cause)


def _free(session: AgentSession, signal: signals.Disposed | signals.OfferFailed) -> Step:
    if session.call_id != signal.call_id:
        return Step(session)
    if session.is_ringing and isinstance(signal, signals.OfferFailed):
        return on_hook.not_taken(session, signal)
    return moves.land(session, signal.at, signal.cause)


# -- the table

_LANDS = (PAUSED, READY, LOGGED_OUT)
_STAY: tuple[AgentState, ...] = ()


def _on(
    act: Callable[[AgentSession, S], Step],
    states: tuple[AgentState, ...],
    to: tuple[AgentState, ...] = _STAY,
    *,
    or_stay: bool = False,
) -> dict[AgentState, Rule]:
    """The same rule in several states; an empty `to` means that the state stays what it is."""
    return {s: Rule(act, (s, *to) if or_stay or not to else to) for s in states}


TABLE: Mapping[type[Signal], Mapping[AgentState, Rule]] = {
    signals.PhoneUp: _on(_seat, (CONNECTING,), (PAUSED,))
    | _on(_up_again, _SEATED)
    | _on(_unwanted_phone, (LOGGED_OUT,)),
    signals.PhoneFailed: _on(_fail, (CONNECTING,), (LOGGED_OUT,)) | _on(_not_again, _SEATED),
    signals.PhoneLost: _on(_fail, (CONNECTING,), (LOGGED_OUT,))
    | _on(_lose, _SEATED, (LOGGED_OUT,), or_stay=True),
    signals.SnapshotPresent: _on(_seat, (CONNECTING,), (PAUSED,))
    | _on(_reassert, _SEATED)
    | _on(_unwanted_phone, (LOGGED_OUT,)),
    signals.SnapshotAbsent: _on(_absent_while_ringing, (CONNECTING,), (LOGGED_OUT,), or_stay=True)
    | _on(_absent, _SEATED, (LOGGED_OUT,), or_stay=True),
    signals.Pause: _on(_name_pause, (CONNECTING,))
    | _on(_pause_again, (PAUSED,))
    | _on(_pause, (READY,), (PAUSED,))
    | _on(_pause_later, _BUSY),
    signals.Resume: _on(_resume, (PAUSED,), (READY,)) | _on(_resume_later, (WRAPUP,)),
    signals.ReadyAfterCall: _on(_resume_later, _BUSY),
    signals.SetPauseReason: _on(_pause_again, (PAUSED,)) | _on(_name_pause, (WRAPUP,)),
    signals.Logout: _on(_log_out, (CONNECTING, PAUSED, READY), (LOGGED_OUT,))
    | _on(_log_out_later, _BUSY, (LOGGED_OUT,), or_stay=True),
    signals.ChangeQueues: _on(_change_queues, _SEATED),
    signals.RingAgain: _on(_ring_again, _SEATED),
    signals.PlaySound: _on(_play, _SEATED),
    signals.PlaybackPaused: _on(_pause_playback, _SEATED),
    signals.PlaybackStopped: _on(_stop_playback, _SEATED),
    signals.Dial: _on(_dial, (PAUSED, READY), (DIALING,)),
    signals.ShowPreview: _on(_show_preview, (PAUSED,)),
    signals.DropPreview: _on(_drop_preview, _SEATED),
    signals.Offer: _on(_offer, (READY,), (OFFERED,)),
    signals.SwitchLead: _on(_switch_lead, (OFFERED, INCALL)),
    signals.OfferFailed: _on(_free, (OFFERED,), _LANDS, or_stay=True),
    signals.Bridged: _on(_talk, (OFFERED, DIALING), (INCALL,), or_stay=True)
    | _on(_talk_unasked, (PAUSED, READY), (INCALL,))
    | _on(_talk_to_nobody, (LOGGED_OUT,)),
    signals.CallOver: _on(_call_over, _WITH_CALL, (WRAPUP, *_LANDS), or_stay=True)
    | _on(_call_over, (WRAPUP,), _LANDS, or_stay=True),
    signals.Disposed: _on(_free, _BUSY, _LANDS, or_stay=True),
}
"""What each signal does in each state."""
