"""Moving a session from state to state: what changes with it, is published, and is shown to Asterisk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from bridge.agents import news
from bridge.agents.effects import (
    DeviceState,
    DropWaitingDials,
    Effect,
    GiveLeadBack,
    HangupPhone,
    QueueLeave,
    QueuePause,
    SetDeviceState,
    TellCall,
)
from bridge.agents.model import AgentSession, AgentState
from bridge.calls.signals import AgentGone
from bridge.events.catalogue import Cause, PreviewEnd

CONNECTING, PAUSED, READY, OFFERED, DIALING, INCALL, WRAPUP, LOGGED_OUT = AgentState

DEVICE: Mapping[AgentState, DeviceState] = {
    CONNECTING: "UNAVAILABLE",
    PAUSED: "INUSE",
    READY: "NOT_INUSE",
    OFFERED: "RINGING",
    DIALING: "INUSE",
    INCALL: "INUSE",
    WRAPUP: "INUSE",
    LOGGED_OUT: "UNAVAILABLE",
}
"""`app_queue` offers calls to NOT_INUSE only, so every state but READY keeps it away.

PAUSED is INUSE as a call is (her phone is up, in her room): a manual call then changes no device, and
Asterisk, which is just about to dial, need not tell everybody of it."""


class Step(msgspec.Struct, frozen=True):
    """The session after a signal, and what is to be done about it, in this order."""

    session: AgentSession
    effects: tuple[Effect, ...] = ()


def changed(session: AgentSession, **changes: Any) -> AgentSession:
    """The session one version on, or the very same one where nothing is different."""
    if all(getattr(session, name) == value for name, value in changes.items()):
        return session
    return msgspec.structs.replace(session, version=session.version + 1, **changes)


def enter(session: AgentSession, at: datetime, state: AgentState, cause: Cause = "", **changes: Any) -> Step:
    """Come into `state`: publish it, and let Asterisk know."""
    waits = session.ready_since if state in (READY, OFFERED) else None
    since = waits or at if state is READY else waits
    if state is not PAUSED:
        changes["preview"] = None
    moved = changed(session, state=state, state_since=at, code_since=None, ready_since=since, **changes)
    looked_at = unpreviewed(session, moved, at, "dialled" if state is DIALING else "left")
    return Step(moved, (*looked_at, news.reached(moved, at, cause), *_visible(session, moved)))


def unpreviewed(
    before: AgentSession, after: AgentSession, at: datetime, reason: PreviewEnd
) -> tuple[Effect, ...]:
    """What she has looked at, and looks at no more, is told; a lead that was taken for it is given back."""
    preview = before.preview
    if preview is None or preview == after.preview:
        return ()
    told = news.preview_dropped(after, preview, at, reason)
    if preview.lead_id is None or not preview.lead_status or after.lead_id == preview.lead_id:
        return (told,)
    passed_over = reason in ("skipped", "finished")
    back = GiveLeadBack(lead_id=preview.lead_id, status=preview.lead_status, passed_over=passed_over)
    return (told, back)


def stay(session: AgentSession, **changes: Any) -> Step:
    """Keep the state, and change something in it; not published."""
    moved = changed(session, **changes)
    return Step(moved, _visible(session, moved))


def _visible(before: AgentSession, after: AgentSession) -> tuple[Effect, ...]:
    """What of the change Asterisk has to know."""
    effects: list[Effect] = []
    if queue_pause(before) != queue_pause(after):
        effects += queue_pause(after)
    if DEVICE[before.state] != DEVICE[after.state]:
        effects.append(SetDeviceState(state=DEVICE[after.state]))
    return tuple(effects)


def queue_pause(session: AgentSession) -> tuple[QueuePause, ...]:
    """Paused while she does not wait, and while she will not wait after the call in hand."""
    if not session.queues:
        return ()
    paused = session.state in (CONNECTING, PAUSED) or session.after_call is not READY
    reason = session.pause_reason if paused else ""
    return (QueuePause(queues=session.queues, paused=paused, reason=reason),)


def leave(session: AgentSession, at: datetime, reason: str, cause: Cause = "") -> Step:
    """End the session; a call that she has is told."""
    over = changed(
        session,
        state=LOGGED_OUT,
        state_since=at,
        code_since=None,
        ready_since=None,
        call_id=None,
        lead_id=None,
        preview=None,
        logged_out_at=at,
        logout_reason=reason,
    )
    looked_at = unpreviewed(session, over, at, "left")
    effects: list[Effect] = [*looked_at, news.logged_out(over, at, cause), DropWaitingDials()]
    if session.queues and session.state is not CONNECTING:
        effects.append(QueueLeave(queues=session.queues))
    if DEVICE[session.state] != DEVICE[LOGGED_OUT]:
        effects.append(SetDeviceState(state=DEVICE[LOGGED_OUT]))
    if session.next_channel:
        effects.append(HangupPhone(channel=session.next_channel))
    if session.call_id:
        effects.append(gone(session, session.call_id, at))
    return Step(over, tuple(effects))


def gone(session: AgentSession, call_id: str, at: datetime) -> TellCall:
    """Tell a call that she is not there."""
    return TellCall(call_id=call_id, signal=AgentGone(at=at, session_id=session.id))


def land(session: AgentSession, at: datetime, cause: Cause = "") -> Step:
    """Where she wanted to go after the call."""
    if session.after_call is LOGGED_OUT:
        left = leave(changed(session, call_id=None, lead_id=None), at, session.logout_reason, cause)
        return Step(left.session, (*left.effects, HangupPhone(channel=session.phone_channel)))
    return enter(session, at, session.after_call, cause, call_id=None, lead_id=None, after_call=READY)
