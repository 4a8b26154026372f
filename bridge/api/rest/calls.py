"""`/v1/calls`: dial, hang up, dispose, and what became of a call."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, HeaderParameter, JSONBody, QueryParameter

from bridge.access.errors import Forbidden
from bridge.access.model import GroupScope, Principal
from bridge.access.names import All
from bridge.api.rest.call_rules import CallRules
from bridge.api.rest.dialling import LONGEST_WAIT, Dialling, authorized, wait_preferred, wish_of
from bridge.api.rest.fields import CallPath, Limit
from bridge.api.rest.models import CallView, DeliveryView, DialBody, DispositionBody, EventView
from bridge.api.rest.once import Key, Once, fingerprint, once
from bridge.api.rest.paging import Cursor, Since, Until, moment, page
from bridge.calls.model import Call
from bridge.errors import NoSuchCall
from bridge.services import CallQuery, Services

Asked = Request[Principal, Any, Any]
Prefer = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer",
        description="`wait=N` (RFC 7240): answer when the call is answered or over, or after N seconds "
        f"(at most {LONGEST_WAIT}).",
    ),
]


class CallController(Controller):
    """Calls, from the wish to the disposition."""

    path = "/calls"
    tags = ("calls",)

    @post(
        "/",
        opt={"right": ("agents.dial", "calls.click", "calls.dial")},
        status_code=201,
        summary="Dial",
        responses={201: ResponseSpec(CallView, description="The call", generate_examples=False)},
    )
    async def dial(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[DialBody],
        idempotency_key: Key = None,
        prefer: Prefer = None,
    ) -> Response[bytes]:
        """Place a call: out of an agent's room, from an extension, or an automatic one for a free agent.

        With `from` that phone rings first, showing the customer's number, and needs no agent's session;
        when it answers, the customer is called. It answers at once with the call, or with `Prefer:
        wait=N` when somebody has answered: then an extension that is busy, declines, does not answer or
        cannot be reached is a problem (409) of its own name.

        With an `Idempotency-Key` the answer is kept for a day and given again to the same request; the
        same key with another body is 422, and 409 while the first request is still running.
        """
        body = await authorized(services, request.user, data)
        wish = await wish_of(services, request.user, body)
        deed = Dialling(services, wish, body.agent, wait_preferred(prefer))
        if idempotency_key is None:
            return await deed.do("")
        same = await fingerprint(request)
        return await Once(services, request.user.user, idempotency_key, same).answer(deed)

    @get("/", opt={"right": "calls.list"}, summary="Calls, newest first")
    async def list_calls(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        live: FromQuery[bool | None] = None,
        agent: Annotated[str | None, QueryParameter(max_length=40)] = None,
        campaign: Annotated[str | None, QueryParameter(max_length=40)] = None,
        since: Since = None,
        until: Until = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[CallView]:
        """Those that the caller's group sees, by the time at which they were asked for."""
        scope = request.user.scope or GroupScope(campaigns=frozenset(), groups=frozenset())
        agents = request.user.limits.agents
        query = CallQuery(
            live=live,
            user=agent or "",
            campaign=campaign or "",
            campaigns=None if isinstance(scope.campaigns, All) else scope.campaigns,
            groups=None if isinstance(scope.groups, All) else scope.groups,
            agents=None if isinstance(agents, All) else agents,
            since=moment(since, "since"),
            until=moment(until, "until"),
            before=cursor,
            limit=limit + 1,
        )
        found = await services.calls.list(query)
        return page(request, services, found, limit=limit, key=lambda call: call.id, view=CallView)

    @get("/{call_id:str}", opt={"right": "calls.get"}, summary="One call")
    async def get_call(
        self, request: Asked, services: NamedDependency[Services], call_id: CallPath
    ) -> CallView:
        """A call, by any of its three ids."""
        return CallView.of(await visible_call(services, request.user, "calls.get", call_id))

    @post("/{call_id:str}/hangup", opt={"right": "calls.hangup"}, status_code=200, summary="Hang up")
    async def hangup(
        self,
        request: Asked,
        services: NamedDependency[Services],
        call_id: CallPath,
        idempotency_key: Key = None,
    ) -> CallView:
        """Hang the call up; 409 `invalid-state` if it is over."""
        call = await visible_call(services, request.user, "calls.hangup", call_id)

        async def act() -> CallView:
            return CallView.of(await services.calls.hangup(call.id, asked_by=request.user.user))

        return await once(request, services, idempotency_key, act)

    @put("/{call_id:str}/disposition", opt={"right": "calls.dispose"}, summary="Set the disposition")
    async def dispose(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        call_id: CallPath,
        data: JSONBody[DispositionBody],
        idempotency_key: Key = None,
    ) -> CallView:
        """Say how the call went: kept until its end if it is not over yet; 409 if it is disposed."""
        call = await visible_call(services, request.user, "calls.dispose", call_id)

        async def act() -> CallView:
            return CallView.of(await services.calls.dispose(call.id, data.status, asked_by=request.user.user))

        return await once(request, services, idempotency_key, act)

    @get("/{call_id:str}/timeline", opt={"right": "calls.get"}, summary="What happened to a call")
    async def timeline(
        self, request: Asked, services: NamedDependency[Services], call_id: CallPath
    ) -> list[EventView]:
        """Its events, oldest first."""
        call = await visible_call(services, request.user, "calls.get", call_id)
        events = await services.calls.timeline(call.id)
        return [EventView.of(event) for event in events]

    @get("/{call_id:str}/deliveries", opt={"right": "calls.get"}, summary="What the CRM was told of a call")
    async def deliveries(
        self, request: Asked, services: NamedDependency[Services], call_id: CallPath
    ) -> list[DeliveryView]:
        """Each address that was called because of it, or is to be, oldest first; without values."""
        call = await visible_call(services, request.user, "calls.get", call_id)
        return [DeliveryView.of(delivery) for delivery in await services.calls.deliveries(call.id)]

    @get(
        "/{call_id:str}/rules", opt={"right": "calls.get"}, summary="By which rules a call was dialled or not"
    )
    async def rules(
        self, request: Asked, services: NamedDependency[Services], call_id: CallPath
    ) -> CallRules:
        """What each rule has found at the moment of dialling, or which one has refused the call.

        A refused wish is a call, too: `GET /v1/calls` lists it.
        """
        call = await visible_call(services, request.user, "calls.get", call_id)
        return CallRules.of(call.id, await services.calls.verdict(call.id))


async def visible_call(services: Services, principal: Principal, action: str, call_id: str) -> Call:
    """The call, if there is one and the principal may do this to it; hidden ones are not there."""
    call = await services.calls.get(call_id)
    if call is None:
        raise NoSuchCall(call=call_id)
    try:
        agent = await services.access.principal(call.user) if call.user else None
        services.access.authorize(principal, action, agent=agent, campaign=call.campaign)
        services.access.check_limits(principal, action, agent=call.user or None)  # she may be gone
    except Forbidden:
        raise NoSuchCall(call=call_id) from None
    return call
