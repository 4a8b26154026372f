"""Agents' sessions for the tests of their state machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.agents.model import AgentSession, AgentState

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)

WITH_CALL = (AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL, AgentState.WRAPUP)


def a_session(state: AgentState, **changes: Any) -> AgentSession:
    """A session as it is in `state` when nothing was missed on the way."""
    plain: dict[str, Any] = {
        "id": "session-1",
        "user": "anna",
        "phone": "1000",
        "campaign": "TEST",
        "asterisk": "main",
        "room": "8600051",
        "state": state,
        "state_since": NOW,
        "queues": ("sales",),
    }
    if state is not AgentState.CONNECTING:
        plain["logged_in_at"] = NOW
    if state in (AgentState.READY, AgentState.OFFERED):
        plain["ready_since"] = NOW
    if state in WITH_CALL:
        plain |= {"call_id": "call-1", "lead_id": 42}
    if state is AgentState.DIALING:
        plain["after_call"] = AgentState.PAUSED
    if state is AgentState.LOGGED_OUT:
        plain |= {"logged_out_at": NOW, "logout_reason": "asked"}
    return AgentSession(**plain | changes)
