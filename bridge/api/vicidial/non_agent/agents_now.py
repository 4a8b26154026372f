"""Agents who are logged in, in the words of the line format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bridge.agents.model import AgentSession, AgentState
from bridge.api import agents_now
from bridge.api.agents_now import Seen
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.status import status_word
from bridge.calls.model import Call

_IN_CALL: Final = "INCALL"


def status_of(one: Seen) -> str:
    """The word of the reports; one who dials is in a call there."""
    session = one.agent.session
    if session.is_ringing:
        return "READY"
    return _IN_CALL if session.state is AgentState.DIALING else status_word(session)


def lead_of(one: Seen) -> str:
    """The lead on her screen; 0 is none."""
    return str(one.agent.lead_id or 0)


async def seen(call: NonAgentCall, sessions: Iterable[AgentSession], calls: list[Call]) -> list[Seen]:
    """Those of these agents whom the caller sees; `calls` are all that are not disposed."""
    return await agents_now.seen(call.services, call.principal, call.now, sessions, calls)


async def all_seen(call: NonAgentCall) -> tuple[list[Seen], list[Call]]:
    """All agents whom the caller sees, by user, and the calls of its campaigns that are not disposed."""
    return await agents_now.all_seen(call.services, call.principal, call.now)


def names(text: str) -> list[str]:
    """Names that bars divide, each once."""
    return list(dict.fromkeys(name for name in text.split("|") if name))
