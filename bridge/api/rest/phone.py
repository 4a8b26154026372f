"""`/v1/agents/{user}/…`: an agent's own phone in the middle of her shift."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.agents.model import MonitorWay
from bridge.api.rest.command import Asked, seated
from bridge.api.rest.fields import Name, UserPath
from bridge.api.rest.models import AgentView, Body
from bridge.api.rest.once import Key, once
from bridge.services import Services


class WebphoneView(msgspec.Struct, frozen=True, kw_only=True):
    """Where an agent's phone in the browser is."""

    url: str
    """Empty if her phone is none of the browser's."""


class MonitorBody(Body, frozen=True, kw_only=True):
    """Who is to listen."""

    phone: Annotated[Name, Meta(examples=["2001"])]
    """Login of the manager's phone."""
    way: MonitorWay = MonitorWay.LISTEN
    """Whom she can be heard by: nobody (`listen`), the agent (`whisper`), everybody (`barge`)."""


class MonitorView(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that rings."""

    channel: str
    """Unique id of its channel in Asterisk."""


class PhoneController(Controller):
    """An agent's phone."""

    path = "/agents/{user:str}"
    tags = ("agents",)

    @post("/ring", opt={"right": "agents.ring"}, status_code=202, summary="Ring her phone again")
    async def ring(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> AgentView:
        """Into the session that she has: when it is answered, the phone that she had is hung up."""
        await seated(request, services, user)

        async def act() -> AgentView:
            return AgentView.of(await services.phones.call_again(user, asked_by=request.user.user))

        return await once(request, services, idempotency_key, act, repeatable=False)

    @post(
        "/monitor", opt={"right": "agents.monitor"}, status_code=202, summary="Listen to her, whisper, barge"
    )
    async def monitor(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[MonitorBody],
        idempotency_key: Key = None,
    ) -> MonitorView:
        """The phone is rung; who answers it is in her room until it hangs up or she is gone."""
        await seated(request, services, user)

        async def act() -> MonitorView:
            asked_by = request.user.user
            return MonitorView(
                channel=await services.monitoring.ring(user, data.phone, data.way, asked_by=asked_by)
            )

        return await once(request, services, idempotency_key, act, repeatable=False)

    @get("/webphone", opt={"right": "agents.webphone"}, summary="The page of her phone in the browser")
    async def webphone(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> WebphoneView:
        """As the phone has it in the site; her screen is not told."""
        await seated(request, services, user)
        return WebphoneView(url=await services.screens.webphone_url(user))

    @post("/webphone", opt={"right": "agents.webphone"}, status_code=200, summary="Open it on her screen")
    async def launch_webphone(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> WebphoneView:
        """Her screen is told to open the page, if there is one."""
        await seated(request, services, user)

        async def act() -> WebphoneView:
            return WebphoneView(url=await services.screens.launch_webphone(user))

        return await once(request, services, idempotency_key, act)
