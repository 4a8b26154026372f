"""`/v1/calls`: dial, hang up, dispose, and what became of a call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromQuery, HeaderParameter, JSONBody, QueryParameter

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.own_lists import of_own_lists
from bridge.api.rest.call_rules import CallRules
from bridge.api.rest.dialling import LONGEST_WAIT, Dialling, authorized, wait_preferred, wish_of
from bridge.api.rest.fields import NAME, NUMBER, CallPath, LeadQuery, Limit
from bridge.api.rest.leads import digits_of
from bridge.api.rest.models import (
    CallView,
    DeliveryView,
    DialBody,
    DispositionBody,
    EventView,
)
from bridge.api.rest.once import Key, Once, fingerprint, once
from bridge.api.rest.paging import Cursor, Since, Until, moment, page
from bridge.api.rest.table import MONTH, Form, check_span, csv_file, sheet_of, wants_csv
from bridge.calls.model import Call
from bridge.errors import InvalidInput, InvalidState, NoSuchCall
from bridge.reports.sight import Sight
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

_PART: Final = 500
"""Calls that are read at once for a file."""
NumberQuery = Annotated[
    str | None,
    QueryParameter(
        min_length=2,
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)",
        description="The customer's, as it is written at the site, or with `+` and the country's code.",
    ),
]
DidQuery = Annotated[
    str | None, QueryParameter(pattern=NUMBER, description="The number of the site that was called.")
]
StatusQuery = Annotated[
    str | None, QueryParameter(pattern=r"^[A-Za-z0-9_-]{1,6}$(?!\n)", description="Their disposition.")
]
QueueQuery = Annotated[str | None, QueryParameter(pattern=NAME, description="An in-group.")]


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
        number: NumberQuery = None,
        did: DidQuery = None,
        queue: QueueQuery = None,
        lead_id: LeadQuery = None,
        status: StatusQuery = None,
        since: Since = None,
        until: Until = None,
        format: Form = None,  # noqa: A002  the name of the query parameter
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[CallView]:
        """Those that the caller's group sees, by the time at which they were asked for.

        `did`, `queue`, `status` and CSV ask for `since` and `until`, 31 days apart at most; `status` and CSV
        do not with `number` or `lead_id`.
        """
        query = CallQuery(
            live=live,
            user=agent or "",
            campaign=campaign or "",
            number=digits_of(services, number) if number else "",
            did=did or "",
            queue=queue or "",
            lead_id=lead_id,
            status=status or "",
            sight=Sight.of(request.user, own=True),
            since=moment(since, "since"),
            until=moment(until, "until"),
            before=cursor,
        )
        csv = wants_csv(request, format)
        of_few = number or lead_id
        if did or queue or ((csv or status) and not of_few):
            _check_time(query)
        if csv:
            return csv_file(request, sheet_of(CallView), _all_of(services, query))
        found = await services.calls.list(msgspec.structs.replace(query, limit=limit + 1))
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

    @patch("/{call_id:str}", opt={"right": "calls.correct"}, summary="Correct the disposition")
    async def correct(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        call_id: CallPath,
        data: JSONBody[DispositionBody],
        idempotency_key: Key = None,
    ) -> CallView:
        """Put another disposition of a call that has one on record; 409 `invalid-state` if it has none yet.

        Its lead, and the CRM, keep the first one; the event is `call.status_corrected`.
        """
        call = await visible_call(services, request.user, "calls.correct", call_id)

        async def act() -> CallView:
            if await services.calls.correct(call.id, data.status) is None:
                raise InvalidState("the call has no disposition yet: set it", state=call.state)
            return CallView.of(await services.calls.get(call.id) or call)

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


def _check_time(query: CallQuery) -> None:
    """Whether a time is named that is not too long.

    Raises:
        InvalidInput: it is not.
    """
    for name in ("since", "until"):
        if getattr(query, name) is None:
            raise InvalidInput("name a time for so many calls: since and until", field=name)
    check_span(query.since, query.until, MONTH)


async def _all_of(services: Services, query: CallQuery) -> AsyncIterator[Sequence[CallView]]:
    """Calls, some at a time, without a connection held between them."""
    query = msgspec.structs.replace(query, limit=_PART)
    while found := await services.calls.list(query):
        yield [CallView.of(call) for call in found]
        if len(found) < _PART:
            return
        query = msgspec.structs.replace(query, before=found[-1].id)


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
    if not await of_own_lists(services, principal, call.lead_id, call.asked_by):
        raise NoSuchCall(call=call_id)
    return call
