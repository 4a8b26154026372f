"""`/v1/console`: the page on which an agent works, and `/v1/agents/{user}/console`: who ends it for her."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.console import LINK_LASTS, LONGEST_LINK
from bridge.access.console_model import ConsoleLogin, ConsoleSession
from bridge.access.model import Principal, Reason
from bridge.api.console import (
    ConsoleLoginBad,
    ConsoleLoginInactive,
    ConsoleLoginLocked,
    drop_cookie,
    set_cookie,
    token_of,
)
from bridge.api.giving import check_above, check_lets_in
from bridge.api.guard import CONSOLE, CONSOLE_LOGIN, authorize_agent
from bridge.api.recording_links import base_of
from bridge.api.rest.command import Asked, session_of
from bridge.api.rest.fields import UserPath
from bridge.api.rest.models import AgentView, Body
from bridge.api.usable import campaigns_of
from bridge.audit.entry import here
from bridge.campaigns.model import Phone
from bridge.errors import InvalidInput
from bridge.services import Services

InConsole = Request[Principal, ConsoleSession, Any]
"""A request of an agent's page."""
Anybody = Request[Any, Any, Any]


class ConsoleLoginBody(Body, frozen=True, kw_only=True):
    """Who she is: user and password, or the token of a link."""

    user: Annotated[str, Meta(max_length=100, examples=["1000"])] | None = None
    password: Annotated[str, Meta(max_length=1000, examples=["correct horse"])] | None = None
    link: Annotated[str, Meta(max_length=200)] | None = None
    """What the link has behind `#link=`; it logs in once."""


class LinkBody(Body, frozen=True, kw_only=True):
    """For how long a link is to be good."""

    minutes: Annotated[int, Meta(ge=1, le=int(LONGEST_LINK.total_seconds()) // 60)] = (
        int(LINK_LASTS.total_seconds()) // 60
    )


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A link that logs an agent in to her page, once."""

    url: str
    """It cannot be read again."""
    ends_at: datetime


class ConsoleCampaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that she may work for."""

    id: str
    name: str


class ConsoleView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent's page begins with."""

    user: str
    name: str
    until: datetime
    """When she has to log in to the page again."""
    campaigns: tuple[ConsoleCampaign, ...]
    phones: tuple[str, ...]
    """Those that she may log in with: her own; none without one."""
    session: AgentView | None
    """None: she is not logged in as an agent."""
    webphone: bool
    """Whether the page is her phone."""


CONSOLE_BODIES = (ConsoleLoginBody, LinkBody)
_REFUSALS = {Reason.LOCK: ConsoleLoginLocked, Reason.INACTIVE: ConsoleLoginInactive}


class ConsoleController(Controller):
    """An agent's page."""

    path = "/console"
    tags = ("console",)

    @post(
        "/login",
        opt={"right": CONSOLE_LOGIN, "action": "console.login"},
        status_code=200,
        summary="Log in to the agent's page",
    )
    async def log_in(
        self, request: Anybody, services: NamedDependency[Services], data: JSONBody[ConsoleLoginBody]
    ) -> Response[ConsoleView]:
        """The answer sets the cookie; 401 `login-bad` whatever is wrong, `login-lock` after many tries."""
        console, address = services.access.console, request.client.host if request.client else ""
        if data.link is not None:
            if data.user is not None or data.password is not None:
                raise InvalidInput("give either user and password or link", field="link")
            return await _begin(request, services, await console.log_in_by_link(data.link, address))
        if data.user is None or data.password is None:
            missing = "user" if data.user is None else "password"
            raise InvalidInput("give user and password, or link", field=missing)
        here().claim(data.user)
        return await _begin(request, services, await console.log_in(data.user, data.password, address))

    @get("/", opt={"right": CONSOLE, "action": "console.get"}, summary="Who is logged in to this page")
    async def get_console(self, request: InConsole, services: NamedDependency[Services]) -> ConsoleView:
        """The agent, and her session if she has one; 401 `login-none` without a login."""
        return await _view(services, request.user, request.auth)

    @delete("/", opt={"right": CONSOLE, "action": "console.logout"}, summary="Log out of this page")
    async def log_out(self, request: InConsole, services: NamedDependency[Services]) -> Response[None]:
        """Of this page alone; as an agent she stays logged in."""
        await services.access.console.end(token_of(request))
        return Response(None, status_code=204, headers=drop_cookie(request))


class AgentConsoleController(Controller):
    """An agent's page, for those who look after agents."""

    path = "/agents/{user:str}/console"
    tags = ("console",)

    @delete("/", opt={"right": "agents.console"}, summary="Log an agent out of her pages")
    async def end(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> None:
        """At once, what is open of them included; as an agent she stays logged in."""
        await session_of(request, services, user)
        await services.access.console.end_all(user)

    @post("/link", opt={"right": "agents.console"}, status_code=201, summary="A link into an agent's page")
    async def link(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[LinkBody | None] = None,
    ) -> LinkView:
        """Whoever opens it first is logged in as she; a new one ends the one before."""
        await session_of(request, services, user)
        agent = await authorize_agent(services, request.user, "agents.console", user)
        check_above(services, request.user, agent)
        check_lets_in(request.user)
        lasts = timedelta(minutes=(data or LinkBody()).minutes)
        made = await services.access.console.make_link(user, lasts)
        return LinkView(url=made.at(base_of(request, services)), ends_at=made.ends_at)


async def _begin(request: Anybody, services: Services, done: ConsoleLogin) -> Response[ConsoleView]:
    """The page of who has logged in; the session that this browser had before ends."""
    if done.session is None or done.agent is None:
        here().refuse(f"login-{done.reason.value.lower()}")
        raise _REFUSALS.get(done.reason, ConsoleLoginBad)
    here().known(done.agent.user, done.session.id)
    await services.access.console.end(token_of(request))
    view = await _view(services, done.agent, done.session)
    headers = set_cookie(request, done.token, done.session.ends_at, datetime.now(UTC))
    return Response(view, headers=headers)


async def _view(services: Services, agent: Principal, on: ConsoleSession) -> ConsoleView:
    session = await services.agents.session(agent.user)
    phone = await services.site.get(Phone, agent.phone) if agent.phone else None
    return ConsoleView(
        user=agent.user,
        name=agent.name,
        until=on.ends_at,
        campaigns=tuple(
            ConsoleCampaign(id=one.id, name=one.name or one.id)
            for one in await campaigns_of(services, agent, agent)
        ),
        phones=(agent.phone,) if agent.phone else (),
        session=None if session is None else AgentView.of(session),
        webphone=phone is not None and phone.browser,
    )
