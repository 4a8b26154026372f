"""`/v1/agents/{user}/fronter/…`: what an agent has the one do who passed the customer on to her."""

from __future__ import annotations

from litestar import Controller, delete, post
from litestar.di import NamedDependency

from bridge.agents.model import AgentSession, AgentState
from bridge.api.fronter import fronter_of
from bridge.api.rest.command import Asked, seated, session_of
from bridge.api.rest.fields import UserPath
from bridge.api.rest.models import CallView
from bridge.api.rest.once import Key, once
from bridge.api.rest.parties import leave_others
from bridge.errors import NoCall, NoFronter
from bridge.services import Services


class FronterController(Controller):
    """The other agent who talks with the same lead."""

    path = "/agents/{user:str}/fronter"
    tags = ("parties",)

    @post("/leave", opt={"right": "agents.fronter_leave"}, status_code=202, summary="Have the fronter leave")
    async def leave(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> CallView:
        """The customer stays with the agent of the path; 409 `no-fronter` if nobody else has the lead."""
        other = await _fronter(request, services, user)

        async def act() -> CallView:
            return await leave_others(services, other.user)

        return await once(request, services, idempotency_key, act, repeatable=False)

    @delete("/playback", opt={"right": "agents.fronter_playback"}, summary="Stop the fronter's sound")
    async def stop_playback(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> None:
        """End what is played in her room; 409 `no-sound` if nothing is, `no-fronter` without her."""
        other = await _fronter(request, services, user)

        async def act() -> None:
            await services.playback.control(other.user, "stop")

        return await once(request, services, idempotency_key, act)


async def _fronter(request: Asked, services: Services, user: str) -> AgentSession:
    """The other agent, whom the caller may command too; an agent does it to whoever is in her own call."""
    agent = await seated(request, services, user)
    if agent.state is not AgentState.INCALL or agent.lead_id is None:
        raise NoCall(agent=user)
    other = await fronter_of(services, user, agent.lead_id)
    if other is None:
        raise NoFronter(agent=user)
    if not request.user.console:
        await session_of(request, services, other.user)
    return other
