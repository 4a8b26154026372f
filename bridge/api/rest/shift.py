"""`/v1/agents/{user}/…`: what an agent's shift and her call are told besides login and pause."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from bridge.agents.model import AgentSession
from bridge.api.own import check_queues, refuse_fields
from bridge.api.rest.callback_wishes import on_customers_clock, on_site_clock
from bridge.api.rest.command import Asked, command, seated
from bridge.api.rest.fields import Label, UserPath
from bridge.api.rest.lead_access import list_of
from bridge.api.rest.models import (
    AgentStatusBody,
    AgentView,
    Body,
    CallbackBody,
    CallView,
    PauseCodeBody,
    QueuesBody,
)
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import moment
from bridge.campaigns.model import Campaign, DialMethod
from bridge.errors import InvalidInput, InvalidState
from bridge.services import Callback, QueueChange, Services

_BY_HAND = (DialMethod.MANUAL, DialMethod.INBOUND_MAN)
"""Methods of campaigns without a dialler."""


class TeamBody(Body, frozen=True, kw_only=True):
    """To which team an agent belongs, as the caller's own system has it."""

    team: Annotated[Label, msgspec.Meta(min_length=1, examples=["Blue"])]


class ServedView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent serves."""

    queues: tuple[str, ...]
    waiting: int
    """Callers who wait for her."""


SHIFT_BODIES = (TeamBody,)


class ShiftController(Controller):
    """An agent's pause code, in-groups, call and disposition."""

    path = "/agents/{user:str}"
    tags = ("agents",)

    @put("/pause-code", opt={"right": "agents.pause_code"}, summary="Say why she pauses")
    async def pause_code(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PauseCodeBody],
        idempotency_key: Key = None,
    ) -> AgentView:
        """Give the pause that she is in another code, wrap-up included; 409 `agent-not-paused` otherwise."""

        async def act() -> AgentView:
            asked_by = request.user.user
            return AgentView.of(await services.agents.set_pause_code(user, data.code, asked_by=asked_by))

        return await command(request, services, idempotency_key, act)

    @put("/queues", opt={"right": "agents.queues"}, summary="Change which in-groups she serves")
    async def queues(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[QueuesBody],
        idempotency_key: Key = None,
    ) -> AgentView:
        """Serve these in-groups from now on, or these, too (`add`), or these no more (`remove`)."""
        session = await seated(request, services, user)
        refuse_fields(request.user, [("as_default", data.as_default)])
        await check_queues(services, request.user, session, data.queues)
        await _check_queues(services, session, data)
        change = QueueChange(
            how=data.how, queues=data.queues, blended=data.blended, as_default=data.as_default
        )

        async def act() -> AgentView:
            return AgentView.of(await services.in_groups.change(user, change, asked_by=request.user.user))

        return await once(request, services, idempotency_key, act)

    @get("/queues", opt={"right": "agents.waiting"}, summary="Which in-groups she serves, and who waits")
    async def served(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> ServedView:
        """How many callers wait for her: in these in-groups, or answered by her campaign's dialler."""
        session = await seated(request, services, user)
        return ServedView(queues=session.queues, waiting=await services.in_groups.waiting(session))

    @put("/team", opt={"right": "agents.team"}, status_code=204, summary="Say to which team she belongs")
    async def team(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[TeamBody],
        idempotency_key: Key = None,
    ) -> None:
        """Kept with the agent, logged in or not."""

        async def act() -> None:
            await services.access.set_team(user, data.team)

        return await command(request, services, idempotency_key, act)

    @put("/status", opt={"right": "agents.status"}, summary="Set the disposition of her call")
    async def status(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[AgentStatusBody],
        idempotency_key: Key = None,
    ) -> CallView:
        """Say how her call went, and when to call back; 409 `no-call` if she has none."""

        async def act() -> CallView:
            by = request.user.user
            callback = None if data.callback is None else await _callback(services, user, data.callback)
            call = await services.agents.set_status(user, data.status, callback=callback, asked_by=by)
            return CallView.of(call)

        return await command(request, services, idempotency_key, act)

    @post("/hangup", opt={"right": "agents.hangup"}, status_code=200, summary="Hang up her call")
    async def hangup(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> CallView:
        """Hang up the customer whom she speaks to; 409 `no-call` if there is none."""

        async def act() -> CallView:
            return CallView.of(await services.agents.hangup(user, asked_by=request.user.user))

        return await command(request, services, idempotency_key, act)


async def _check_queues(services: Services, session: AgentSession, asked: QueuesBody) -> None:
    """The campaign takes inbound calls, and has a dialler if she is to take its calls beside them."""
    campaign = await services.site.get(Campaign, session.campaign)
    if campaign is None or not campaign.inbound:
        raise InvalidState(f"campaign {session.campaign} takes no inbound calls", campaign=session.campaign)
    if asked.blended and campaign.dial_method in _BY_HAND:
        raise InvalidState(f"campaign {campaign.id} has no dialler", campaign=campaign.id, field="blended")
    if asked.how != "change" and not asked.queues:
        raise InvalidInput("name the in-groups", field="queues")
    for name in asked.queues:
        if not await services.lookups.has_in_group(name):
            raise InvalidInput(f"there is no in-group {name}", field="queues")


async def _callback(services: Services, user: str, asked: CallbackBody) -> Callback:
    """When, on the clocks of the site, as the line format has it (`InvalidInput`)."""
    if (asked.at is None) == (asked.customer_time is None):
        raise InvalidInput("give either at or customer_time", field="callback.at")
    at = moment(asked.at, "callback.at")
    if at is None:
        lead = (await services.screens.snapshot(user)).lead
        own = None if lead is None else await list_of(services, lead)
        at = on_customers_clock(services, lead, own, asked.customer_time or "")
    return Callback(at=on_site_clock(services, at), anyone=asked.anyone, comments=asked.comments)
