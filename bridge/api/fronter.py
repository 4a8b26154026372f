"""The agent who has passed a customer on to another one, and still talks to both."""

from __future__ import annotations

from bridge.agents.model import AgentSession, AgentState
from bridge.services import Services


async def fronter_of(services: Services, user: str, lead_id: int) -> AgentSession | None:
    """The other agent in a call with the same lead, if there is one.

    Args:
        services: where sessions are.
        user: the agent who is not meant.
        lead_id: the lead that both talk to.
    """
    for other in await services.agents.sessions():
        if other.state is AgentState.INCALL and other.lead_id == lead_id and other.user != user:
            return other
    return None
