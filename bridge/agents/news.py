"""The domain events of a session, made from what it is at that moment."""

from __future__ import annotations

from datetime import datetime

from bridge.agents.effects import Emit
from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.events import catalogue
from bridge.events.agent_events import PhoneStage, PlaybackStage
from bridge.events.catalogue import AgentEvent, Cause, PreviewEnd

_REACHED: dict[AgentState, type[AgentEvent]] = {
    AgentState.CONNECTING: catalogue.AgentLoggingIn,
    AgentState.PAUSED: catalogue.AgentPaused,
    AgentState.READY: catalogue.AgentReady,
    AgentState.OFFERED: catalogue.AgentOffered,
    AgentState.DIALING: catalogue.AgentDialing,
    AgentState.INCALL: catalogue.AgentInCall,
    AgentState.WRAPUP: catalogue.AgentWrapup,
}


def reached(session: AgentSession, at: datetime, cause: Cause = "") -> Emit:
    """She has come into the state that she is in now."""
    return Emit(at=at, event=_event(_REACHED[session.state], session, cause))


def logged_in(session: AgentSession, at: datetime, cause: Cause = "") -> Emit:
    """She sits in her room."""
    return Emit(at=at, event=_event(catalogue.AgentLoggedIn, session, cause))


def login_failed(session: AgentSession, at: datetime) -> Emit:
    """Her phone could not be seated."""
    event = _event(catalogue.AgentLoginFailed, session, "", reason=session.logout_reason)
    return Emit(at=at, event=event)


def logged_out(session: AgentSession, at: datetime, cause: Cause = "") -> Emit:
    """The session is over."""
    event = _event(catalogue.AgentLoggedOut, session, cause, reason=session.logout_reason)
    return Emit(at=at, event=event)


def queues(session: AgentSession, at: datetime) -> Emit:
    """She serves other in-groups, or takes the dialler's calls otherwise than before."""
    event = _event(catalogue.AgentQueues, session, "", queues=session.queues, blended=session.blended)
    return Emit(at=at, event=event)


def playback(session: AgentSession, at: datetime, stage: PlaybackStage, sound: str = "") -> Emit:
    """Something is played into her room, or no longer."""
    event = _event(catalogue.AgentPlayback, session, "", stage=stage, sound=sound)
    return Emit(at=at, event=event)


def phone(session: AgentSession, at: datetime, stage: PhoneStage, cause: Cause = "") -> Emit:
    """Her phone is rung again."""
    return Emit(at=at, event=_event(catalogue.AgentPhone, session, cause, stage=stage))


def queue_missing(session: AgentSession, queue: str) -> AgentEvent:
    """Asterisk does not have this queue."""
    return _event(catalogue.AgentQueueMissing, session, "", queue=queue)


def previewing(session: AgentSession, preview: Preview, at: datetime) -> Emit:
    """She looks at this before it is dialled."""
    return Emit(at=at, event=_event(catalogue.AgentPreviewing, session, "", **_shown(preview)))


def preview_dropped(session: AgentSession, preview: Preview, at: datetime, reason: PreviewEnd) -> Emit:
    """She looks at it no more."""
    event = _event(catalogue.AgentPreviewDropped, session, "", reason=reason, **_shown(preview))
    return Emit(at=at, event=event)


def _shown(preview: Preview) -> dict[str, object]:
    return {
        "number": preview.number,
        "phone_code": preview.phone_code,
        "preview_lead_id": preview.lead_id,
    }


def dial_queued(session: AgentSession, number: str) -> AgentEvent:
    """A call waits until she is free."""
    return _event(catalogue.AgentDialQueued, session, "", number=number)


def dial_dropped(session: AgentSession, number: str, reason: str) -> AgentEvent:
    """A call that waited is not made."""
    return _event(catalogue.AgentDialDropped, session, "", number=number, reason=reason)


def focused(session: AgentSession) -> catalogue.ScreenFocused:
    """Her screen is to come to the front."""
    return catalogue.ScreenFocused(user=session.user, session_id=session.id, campaign=session.campaign)


def lead_switched(session: AgentSession, at: datetime, before: int | None) -> Emit:
    """Another lead is the one of her call."""
    return Emit(at=at, event=_event(catalogue.ScreenLeadSwitched, session, "", before=before))


def _event(kind: type[AgentEvent], session: AgentSession, cause: Cause, **more: object) -> AgentEvent:
    return kind(
        user=session.user,
        session_id=session.id,
        campaign=session.campaign,
        phone=session.phone,
        state=session.state,
        pause_reason=session.pause_reason,
        call_id=session.call_id,
        lead_id=session.lead_id,
        cause=cause,
        **more,
    )
