"""Agents on hook: no room is held for them, their phone is rung for each call and hung up after it. Pure."""

from __future__ import annotations

from typing import Final

from bridge.agents import moves, news
from bridge.agents.effects import Effect, HangupPhone, QueueJoin, SetDeviceState, TellCall
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.moves import Step
from bridge.agents.signals import CallOver, OfferFailed, PhoneFact, PhoneUp, SnapshotPresent
from bridge.calls.signals import AgentHungUp
from bridge.events.catalogue import Cause

RING_NO_ANSWER: Final = "NOANS"
"""Pause code of who did not take a caller: the next ones shall not ring in vain."""

_IN_CALL: Final = (AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL)


def begin(session: AgentSession) -> Step:
    """She is logged in at once, paused, and nothing rings."""
    joined = (QueueJoin(queues=session.queues, reason=session.pause_reason),) if session.queues else ()
    device = SetDeviceState(state=moves.DEVICE[session.state])
    return Step(session, (news.logged_in(session, session.state_since), *joined, device))


def phone_up(session: AgentSession, signal: PhoneUp | SnapshotPresent) -> Step:
    """Her phone has come into her room: for the call in hand, or too late."""
    if not signal.channel or signal.channel == session.channel:
        return Step(session)
    if session.state not in _IN_CALL:
        return Step(session, (HangupPhone(channel=signal.channel),))
    cause: Cause = "resync" if isinstance(signal, SnapshotPresent) else ""
    up = moves.changed(session, channel=signal.channel)
    return Step(up, (news.phone(up, signal.at, "seated", cause), HangupPhone(channel=session.channel)))


def phone_gone(session: AgentSession, signal: PhoneFact) -> Step:
    """She has put it down: that ends the call that it was rung for, not her shift."""
    if signal.channel != session.channel:
        return Step(session)
    told: tuple[Effect, ...] = ()
    if session.call_id and session.state in _IN_CALL:
        left = AgentHungUp(at=signal.at, session_id=session.id)
        told = (TellCall(call_id=session.call_id, signal=left),)
    return Step(moves.changed(session, channel=""), told)


def not_taken(session: AgentSession, signal: OfferFailed | CallOver) -> Step:
    """She waited for calls and did not answer for this one: she is asked for no more of them.

    A caller is another agent's now; of a lead nobody was called.
    """
    if session.after_call is not AgentState.READY:
        return moves.land(session, signal.at, signal.cause)
    failed = news.phone(session, signal.at, "failed")
    plans = {"call_id": None, "lead_id": None, "pause_reason": RING_NO_ANSWER}
    paused = moves.enter(session, signal.at, AgentState.PAUSED, signal.cause, **plans)
    return Step(paused.session, (failed, *paused.effects))


def settled(before: AgentSession, step: Step) -> Step:
    """A step of hers, with what it means for her phone: rung with a call, hung up after it."""
    after, effects = step.session, [one for one in step.effects if _is_due(one)]
    if after.is_ringing and before.state not in _IN_CALL:
        effects.append(news.phone(after, after.state_since, "ringing"))
    if after.channel and after.state not in _IN_CALL:
        effects = [one for one in effects if one != HangupPhone(channel=after.channel)]
        effects.append(HangupPhone(channel=after.channel))
        after = moves.changed(after, channel="")
    return Step(after, tuple(effects))


def _is_due(effect: Effect) -> bool:
    """Whether there is something to do: no phone is up that could be hung up, as often as not."""
    return not isinstance(effect, HangupPhone) or bool(effect.channel)
