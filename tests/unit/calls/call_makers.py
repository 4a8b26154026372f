"""Calls for the tests of their state machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.calls.model import Call, CallKind, CallState, StatusSource

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


def a_call(state: CallState, **changes: Any) -> Call:
    """A call as it is in `state` when nothing was missed on the way."""
    plain: dict[str, Any] = {
        "id": "call-1",
        "legacy_id": "M1124120000000000042",
        "legacy_uniqueid": "1795521600.000000001",
        "kind": CallKind.MANUAL,
        "state": state,
        "asterisk": "main",
        "campaign": "TEST",
        "number": "7275550100",
        "user": "anna",
        "session_id": "s1",
        "room": "8600051",
        "asked_at": NOW,
        "wrapup_seconds": 30,
        "default_status": "NP",
    }
    order = [CallState.DIALING, CallState.RINGING, CallState.ANSWERED, CallState.BRIDGED]
    passed = order[: order.index(state) + 1] if state in order else []
    if state in (CallState.ENDED, CallState.DISPOSED):
        passed, plain["ended_at"], plain["end_reason"] = order, NOW, "hangup"
    if state is CallState.DISPOSED:
        plain |= {"disposed_at": NOW, "status": "SALE", "status_source": StatusSource.AGENT}
    plain |= {f"{one}_at": NOW for one in passed}
    return Call(**plain | changes)
