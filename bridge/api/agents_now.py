"""Which of the agents who are logged in a caller sees, and what they are doing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from bridge.access.model import Principal
from bridge.agents.model import AgentSession, AgentState
from bridge.calls.model import Call
from bridge.reports.agents import AgentNow, now
from bridge.services import Services


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """An agent whom the caller sees."""

    agent: AgentNow
    who: Principal

    @property
    def call_id(self) -> str:
        """Of her call, as lines tell it; a call that only rings her phone is not hers yet."""
        call = self.agent.call
        return "" if call is None or self.agent.session.is_ringing else call.legacy_id


async def seen(
    services: Services,
    principal: Principal,
    at: datetime,
    sessions: Iterable[AgentSession],
    calls: Sequence[Call],
) -> list[Seen]:
    """Those of these agents whom the caller sees.

    Args:
        services: what knows them.
        principal: the caller.
        at: now, in the site's zone: calls are counted from its midnight on.
        sessions: of the agents.
        calls: all that are not disposed.
    """
    known = []
    for session in sessions:
        who = await services.access.principal(session.user)
        if who is not None and _sees(principal, session, who):
            known.append((session, who))
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    today = await services.reports.calls_since([session.user for session, _ in known], midnight)
    agents = now((session for session, _ in known), calls, today)
    return [Seen(agent=agent, who=who) for agent, (_, who) in zip(agents, known, strict=True)]


async def all_seen(services: Services, principal: Principal, at: datetime) -> tuple[list[Seen], list[Call]]:
    """All agents whom the caller sees, by user, and the calls of its campaigns that are not disposed."""
    calls = await services.reports.open_calls()
    agents = await seen(services, principal, at, await services.agents.sessions(), calls)
    scope = principal.scope
    return agents, [one for one in calls if scope is not None and one.campaign in scope.campaigns]


def _sees(principal: Principal, session: AgentSession, who: Principal) -> bool:
    """Whether the limits of the caller and of its group let it see her; one whose phone rings is not in."""
    scope = principal.scope
    if session.state is AgentState.CONNECTING or session.user not in principal.limits.agents:
        return False
    return scope is not None and session.campaign in scope.campaigns and who.group in scope.groups
