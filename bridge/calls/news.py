"""The domain events of a call, made from what it is at that moment."""

from __future__ import annotations

from datetime import datetime

from bridge.calls.effects import Emit
from bridge.calls.model import Call, CallState, StatusSource
from bridge.calls.signals import Forbid
from bridge.events import catalogue
from bridge.events.catalogue import CallEvent, Cause

_REACHED: dict[CallState, type[CallEvent]] = {
    CallState.PLANNED: catalogue.CallPlanned,
    CallState.UNKNOWN: catalogue.CallUnknown,
    CallState.DIALING: catalogue.CallDialing,
    CallState.RINGING: catalogue.CallRinging,
    CallState.QUEUED: catalogue.CallQueued,
    CallState.ANSWERED: catalogue.CallAnswered,
    CallState.BRIDGED: catalogue.CallBridged,
}


def reached(call: Call, at: datetime, cause: Cause = "") -> Emit:
    """The call has come into the state that it is in now."""
    return Emit(at=at, event=_event(_REACHED[call.state], call, cause))


def extension_answered(call: Call, at: datetime, cause: Cause = "") -> Emit:
    """The extension that was rung first has answered."""
    event = _event(catalogue.CallExtensionAnswered, call, cause, extension=call.extension)
    return Emit(at=at, event=event)


def ended(call: Call, at: datetime, cause: Cause = "") -> Emit:
    """All channels are gone."""
    return Emit(
        at=at,
        event=_event(
            catalogue.CallEnded,
            call,
            cause,
            hangup_cause=call.hangup_cause,
            dial_status=call.dial_status,
            reason=call.end_reason,
        ),
    )


def screened(call: Call, at: datetime) -> Emit:
    """It is known whether a person has answered."""
    return Emit(at=at, event=_event(catalogue.CallScreened, call, "", answered_by=call.answered_by))


def opted_out(call: Call, at: datetime, key: str) -> Emit:
    """The customer forbids further calls."""
    return Emit(at=at, event=_event(catalogue.CallOptedOut, call, "", key=key))


def parked(call: Call, at: datetime) -> Emit:
    """It hears hold music now, or the room again."""
    kind = catalogue.CallUnparked if call.parked_at is None else catalogue.CallParked
    return Emit(at=at, event=_event(kind, call, ""))


def passed_on(call: Call, at: datetime, to: str) -> Emit:
    """It goes on as another call."""
    return Emit(at=at, event=_event(catalogue.CallPassedOn, call, "", to=to))


def disposed(call: Call, at: datetime, source: StatusSource) -> Emit:
    """The disposition is set."""
    return Emit(at=at, event=_event(catalogue.CallDisposed, call, "", status=call.status, source=source))


def corrected(call: Call, at: datetime, before: str) -> Emit:
    """Another disposition is on record."""
    event = _event(catalogue.CallStatusCorrected, call, "", before=before, status=call.status)
    return Emit(at=at, event=event)


def lead_switched(call: Call, at: datetime, before: int | None) -> Emit:
    """Another lead is the one of this call."""
    return Emit(at=at, event=_event(catalogue.CallLeadSwitched, call, "", before=before))


def refused(call: Call, signal: Forbid) -> Emit:
    """The gate has refused it."""
    event = catalogue.CallRefused(
        call_id=call.id,
        number=call.number,
        rule=signal.rule,
        why=signal.why,
        source=signal.source,
        campaign=call.campaign,
        user=call.user,
        lead_id=call.lead_id,
        asked_by=call.asked_by,
    )
    return Emit(at=signal.at, event=event)


def _event(kind: type[CallEvent], call: Call, cause: Cause, **more: object) -> CallEvent:
    return kind(
        call_id=call.id,
        legacy_id=call.legacy_id,
        kind=call.kind,
        state=call.state,
        number=call.number,
        campaign=call.campaign,
        asterisk=call.asterisk,
        queue=call.queue,
        user=call.user,
        session_id=call.session_id,
        lead_id=call.lead_id,
        parent=call.parent,
        cause=cause,
        **more,
    )
