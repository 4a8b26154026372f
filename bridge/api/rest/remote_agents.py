"""`/v1/remoteagents`: agents who are switched on and off from outside, and moved to another campaign."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.model import PrincipalKind, spec_of
from bridge.api import remote
from bridge.api.giving import check_above
from bridge.api.remote import Remote
from bridge.api.rest.command import Asked
from bridge.api.rest.fields import Limit, UserPath
from bridge.api.rest.models import AgentView, Body
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, full_page, page
from bridge.audit.entry import here
from bridge.campaigns.model import Campaign
from bridge.errors import InvalidInput, NoSuchAgent
from bridge.services import Services


class RemoteAgentView(msgspec.Struct, frozen=True, kw_only=True):
    """A remote agent as she is now."""

    user: str
    name: str
    group: str
    phone: str
    """Login of the phone that is rung for each call."""
    campaign: str
    """For which she is switched on."""
    active: bool
    """She is given calls, now or as soon as the one in hand is over."""
    on_call: bool
    """Her phone rings for a call, or she is in one."""
    session: AgentView | None
    """`null` while she is off. One who did not answer is `paused` with `NOANS`: neither on nor off."""

    @classmethod
    def of(cls, remote: Remote) -> RemoteAgentView:
        """The view of a remote agent."""
        agent, session = remote
        return cls(
            user=agent.user,
            name=agent.name,
            group=agent.group,
            phone=agent.phone,
            campaign=agent.remote,
            active=remote.active,
            on_call=remote.on_call,
            session=None if session is None else AgentView.of(session),
        )


class RemoteAgentBody(Body, frozen=True, kw_only=True):
    """What is to be different; what is left out stays."""

    active: bool | None = None
    """On: her phone is rung for calls. Off: no more of them, after the call in hand."""
    campaign: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,20}$(?!\n)", examples=["DEMO"])] | None = None


class RemoteAgentController(Controller):
    """Remote agents."""

    path = "/remoteagents"
    tags = ("remote agents",)

    @get("/", opt={"right": "agents.list"}, summary="Remote agents")
    async def list_remote(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[RemoteAgentView]:
        """By user, whether they are on or off; only those that the caller's group sees."""
        sessions = {one.user: one for one in await services.agents.sessions()}

        async def read(after: str) -> list[Remote]:
            kinds = [PrincipalKind.AGENT]
            found = await services.access.users(kinds, after=after, limit=limit, remote=True)
            return [Remote(agent, sessions.get(agent.user)) for agent in found]

        seen = await full_page(
            read, lambda one: remote.is_seen(request.user, one), lambda one: one.agent.user, cursor, limit
        )
        return page(
            request, services, seen, limit=limit, key=lambda one: one.agent.user, view=RemoteAgentView
        )

    @get("/{user:str}", opt={"right": "agents.get"}, summary="One remote agent")
    async def get_remote(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> RemoteAgentView:
        """404 if there is no such agent, or she is no remote one."""
        return RemoteAgentView.of(await _known(request, services, user))

    @patch("/{user:str}", opt={"right": "remoteagents.switch"}, summary="Switch a remote agent, or move her")
    async def change_remote(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[RemoteAgentBody],
        idempotency_key: Key = None,
    ) -> RemoteAgentView:
        """At once; who is so already stays so. 409 `remote-agent-has-a-call`: in a call she is not moved."""
        known = await _known(request, services, user)
        check_above(services, request.user, known.agent)
        campaign = await _campaign(request, services, known, data)

        async def act() -> RemoteAgentView:
            asked_by = request.user.user
            await remote.switch(services, known, active=data.active, campaign=campaign, asked_by=asked_by)
            if campaign != known.agent.remote:
                await services.access.alter(
                    user, lambda now: msgspec.structs.replace(spec_of(now), remote=campaign)
                )
            return RemoteAgentView.of(await _known(request, services, user))

        return await once(request, services, idempotency_key, act)


async def _known(request: Asked, services: Services, user: str) -> Remote:
    here().on_agent(user)
    found = await remote.find(services, request.user, user)
    if found is None:
        raise NoSuchAgent("there is no such remote agent", agent=user)
    return found


async def _campaign(request: Asked, services: Services, known: Remote, body: RemoteAgentBody) -> str:
    """For which campaign she is to work (`Forbidden`, `InvalidInput`)."""
    if body.active is None and body.campaign is None:
        raise InvalidInput("say what is to be different: active or campaign", field="active")
    campaign = body.campaign or known.agent.remote
    services.access.authorize(request.user, "remoteagents.switch", agent=known.agent, campaign=campaign)
    if await services.site.get(Campaign, campaign) is None:
        raise InvalidInput(f"there is no campaign {campaign}", field="campaign")
    return campaign
