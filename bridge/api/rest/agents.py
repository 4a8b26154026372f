"""`/v1/agents`: who is logged in, and what an agent is told to do."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.agents.model import AgentSession
from bridge.api.guard import authorize_agent
from bridge.api.own import check_seat
from bridge.api.rest.command import Asked, command, session_of
from bridge.api.rest.fields import Limit, UserPath
from bridge.api.rest.models import AgentView, LoginBody, PauseBody
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, page
from bridge.errors import InvalidInput, NotLoggedIn
from bridge.services import Services


class AgentController(Controller):
    """Agents and their sessions."""

    path = "/agents"
    tags = ("agents",)

    @get("/", opt={"right": "agents.list"}, summary="Agents who are logged in")
    async def list_agents(
        self,
        request: Asked,
        services: NamedDependency[Services],
        campaign: Annotated[str | None, QueryParameter(max_length=40)] = None,
        cursor: Cursor = "",
        limit: Limit = 500,
    ) -> list[AgentView]:
        """Every session that is not logged out, by user; only those that the caller's group sees."""
        sessions = [
            session
            for session in await services.agents.sessions()
            if session.user > cursor and campaign in (None, session.campaign)
        ]
        seen: list[AgentSession] = []
        for session in sessions:
            if len(seen) <= limit and await sees(services, request.user, session):
                seen.append(session)
        return page(request, services, seen, limit=limit, key=lambda session: session.user, view=AgentView)

    @get("/{user:str}", opt={"right": "agents.get"}, summary="One agent")
    async def get_agent(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> AgentView:
        """The session of one agent; 409 `agent-not-logged-in` if she has none."""
        session = await session_of(request, services, user)
        if session is None:
            raise NotLoggedIn(agent=user)
        return AgentView.of(session)

    @post("/{user:str}/login", opt={"right": "agents.login"}, status_code=202, summary="Log an agent in")
    async def login(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[LoginBody],
        idempotency_key: Key = None,
    ) -> AgentView:
        """Ring her phone. She is `connecting` until she answers, then `paused` in her room.

        With `on_hook` nothing rings, and she is `paused` at once: her phone is rung for each call.
        """
        agent = await authorize_agent(services, request.user, "agents.login", user)
        services.access.authorize(request.user, "agents.login", agent=agent, campaign=data.campaign)
        phone = data.phone or agent.phone
        if not phone:
            raise InvalidInput("she has no phone of her own: say which", field="phone")
        check_seat(request.user, phone, data.campaign)

        async def act() -> AgentView:
            session = await services.agents.login(
                user, phone, data.campaign, on_hook=data.on_hook, asked_by=request.user.user
            )
            return AgentView.of(session)

        return await once(request, services, idempotency_key, act)

    @post("/{user:str}/logout", opt={"right": "agents.logout"}, status_code=200, summary="Log an agent out")
    async def logout(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> AgentView:
        """End her session; after the call, if she has one (`after_call` says so)."""

        async def act() -> AgentView:
            return AgentView.of(await services.agents.logout(user, asked_by=request.user.user))

        return await command(request, services, idempotency_key, act)

    @post("/{user:str}/pause", opt={"right": "agents.pause"}, status_code=200, summary="Pause an agent")
    async def pause(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PauseBody | None] = None,
        idempotency_key: Key = None,
    ) -> AgentView:
        """Pause her, in her queues too; after the call, if she has one."""
        reason = (data.reason if data else None) or ""

        async def act() -> AgentView:
            return AgentView.of(await services.agents.pause(user, reason, asked_by=request.user.user))

        return await command(request, services, idempotency_key, act)

    @post(
        "/{user:str}/resume", opt={"right": "agents.resume"}, status_code=200, summary="Make an agent ready"
    )
    async def resume(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> AgentView:
        """End her pause; 409 `agent-not-paused` while she waits for a call or has one."""

        async def act() -> AgentView:
            return AgentView.of(await services.agents.resume(user, asked_by=request.user.user))

        return await command(request, services, idempotency_key, act)


async def sees(services: Services, principal: Principal, session: AgentSession) -> bool:
    """Whether the limits of the principal and of its group let it see this session."""
    scope = principal.scope
    if scope is None or session.campaign not in scope.campaigns:
        return False
    if session.user not in principal.limits.agents:
        return False
    if isinstance(scope.groups, All):
        return True
    agent = await services.access.principal(session.user)
    return agent is not None and agent.group in scope.groups
