"""A command to an agent under `/v1`: who may give it, and that it is given once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from litestar import Request

from bridge.access.model import Principal
from bridge.agents.model import AgentSession, AgentState
from bridge.api.guard import authorize_session
from bridge.api.rest.once import once
from bridge.errors import NotLoggedIn
from bridge.services import Services

Asked = Request[Principal, Any, Any]
V = TypeVar("V")


async def session_of(request: Asked, services: Services, user: str) -> AgentSession | None:
    """The agent's session, if the caller has the route's right to it (`NoSuchAgent`, `Forbidden`)."""
    return await authorize_session(services, request.user, request.route_handler.opt["right"], user)


async def seated(request: Asked, services: Services, user: str) -> AgentSession:
    """The session of an agent who is in her room; as `session_of`, and `NotLoggedIn`."""
    session = await session_of(request, services, user)
    if session is None or session.state is AgentState.CONNECTING:  # her phone still rings
        raise NotLoggedIn(agent=user)
    return session


async def command(
    request: Asked,
    services: Services,
    key: str | None,
    act: Callable[[], Awaitable[V]],
    *,
    repeatable: bool = True,
) -> V:
    """Carry out a command to the path's agent, once for each key, if the caller has the route's right to it.

    Args:
        request: the request.
        services: what carries it out.
        key: its `Idempotency-Key`.
        act: carries it out; what it returns is the body of the answer.
        repeatable: whether it may be carried out again where a crash has cut it off.
    """
    await session_of(request, services, request.path_params["user"])
    return await once(request, services, key, act, repeatable=repeatable)
