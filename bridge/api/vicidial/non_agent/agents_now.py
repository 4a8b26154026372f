"""Which of the agents who are logged in a caller sees, and what they are doing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from bridge.access.model import Principal
from bridge.agents.model import AgentSession, AgentState
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.status import status_word
from bridge.calls.model import Call
from bridge.reports.agents import AgentNow, now

_IN_CALL: Final = "INCALL"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An agent whom the caller sees."""

    agent: AgentNow
    who: Principal

    @property
    def status(self) -> str:
        """The word of the reports; one who dials is in a call there."""
        session = self.agent.session
        if session.is_ringing:
            return "READY"
        return _IN_CALL if session.state is AgentState.DIALING else status_word(session)

    @property
    def call_id(self) -> str:
        """Of her call, as lines tell it; a call that only rings her phone is not hers yet."""
        call = self.agent.call
        return "" if call is None or self.agent.session.is_ringing else call.legacy_id

    @property
    def lead_id(self) -> str:
        """The lead on her screen; 0 is none."""
        return str(self.agent.lead_id or 0)


async def seen(call: NonAgentCall, sessions: Iterable[AgentSession], calls: list[Call]) -> list[Seen]:
    """Those of these agents whom the caller sees.

    Args:
        call: the request.
        sessions: of the agents.
        calls: all that are not disposed.
    """
    known = []
    for session in sessions:
        who = await call.services.access.principal(session.user)
        if who is not None and _sees(call, session, who):
            known.append((session, who))
    midnight = call.now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = await call.services.reports.calls_since([session.user for session, _ in known], midnight)
    agents = now((session for session, _ in known), calls, today)
    return [Seen(agent=agent, who=who) for agent, (_, who) in zip(agents, known, strict=True)]


def _sees(call: NonAgentCall, session: AgentSession, who: Principal) -> bool:
    """Whether the limits of the caller and of its group let it see her; one whose phone rings is not in."""
    limits = call.principal.limits
    if session.state is AgentState.CONNECTING or session.user not in limits.agents:
        return False
    return call.may_use_campaign(session.campaign) and call.sees(who)


async def all_seen(call: NonAgentCall) -> tuple[list[Seen], list[Call]]:
    """All agents whom the caller sees, by user, and the calls of its campaigns that are not disposed."""
    calls = list(await call.services.reports.open_calls())
    agents = await seen(call, await call.services.agents.sessions(), calls)
    return agents, [one for one in calls if call.may_use_campaign(one.campaign)]


def names(text: str) -> list[str]:
    """Names that bars divide, each once."""
    return list(dict.fromkeys(name for name in text.split("|") if name))
