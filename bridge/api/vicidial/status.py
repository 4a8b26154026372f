"""The words by which replies name an agent's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.agents.model import AgentSession, AgentState

_WORDS: Final[Mapping[AgentState, str]] = {
    AgentState.CONNECTING: "PAUSED",
    AgentState.PAUSED: "PAUSED",
    AgentState.READY: "READY",
    AgentState.OFFERED: "QUEUE",
    AgentState.DIALING: "MQUEUE",
    AgentState.INCALL: "INCALL",
    AgentState.WRAPUP: "PAUSED",
    AgentState.LOGGED_OUT: "PAUSED",
}


def status_word(session: AgentSession) -> str:
    """PAUSED, READY, QUEUE, MQUEUE, INCALL; CLOSER for one who waits for calls of her in-groups only.

    So it is while the phone of an agent on hook rings: RING is a word of the reports.
    """
    if session.state is AgentState.READY and not session.blended:
        return "CLOSER"
    return _WORDS[session.state]
