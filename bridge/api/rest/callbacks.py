"""`/v1/callbacks`: when customers are to be called again, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from bridge.api.guard import authorize_agent
from bridge.api.rest.callback_access import CallbackView, Seen, check, seen, visible
from bridge.api.rest.callback_wishes import CallbackChangeBody, NewCallbackBody, changed, on_site_clock, when
from bridge.api.rest.command import Asked
from bridge.api.rest.fields import CALL_ID, MOMENT, NAME, Limit
from bridge.api.rest.lead_access import lead_for, list_of
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, full_page, linked, moment
from bridge.audit.entry import here
from bridge.campaigns.model import Campaign
from bridge.errors import CallbackStands, CallbackTakenBack, InvalidInput, NoSuchCallback, NoSuchLead
from bridge.leads.adding import ToCallBack
from bridge.leads.callbacks import FIRST, Callback, Place, Wanted
from bridge.leads.model import LeadList
from bridge.services import Services

READ: Final = "callbacks.read"
WRITE: Final = "callbacks.write"
_NO_TIME: Final = "none"
"""In a cursor, of a callback that has no time."""
_MICROSECOND: Final = timedelta(microseconds=1)

CallbackPath = Annotated[
    str,
    PathParameter(
        pattern=CALL_ID,
        description="The callback's id.",
        examples=[Example(value="01920b5d-e820-7c11-8a10-5f0e6c3b2a19")],
    ),
]
_NAME: Final = NAME.replace("{1,", "{0,")
LeadNumber = Annotated[int | None, QueryParameter(ge=1, le=2**63 - 1, description="Of this lead.")]
ListNumber = Annotated[
    int | None, QueryParameter(ge=1, le=2**63 - 1, description="Of leads that are in this list now.")
]


class CallbackController(Controller):
    """Callbacks."""

    path = "/callbacks"
    tags = ("leads",)

    @get("/", opt={"right": READ}, summary="Callbacks, the first to be done first")
    async def find(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        agent: Annotated[str, QueryParameter(pattern=_NAME, description="That this agent has to do.")] = "",
        anyone: Annotated[
            bool | None, QueryParameter(description="That any agent may do, or that one has to.")
        ] = None,
        campaign: Annotated[str, QueryParameter(pattern=_NAME, description="Of this campaign.")] = "",
        list_id: ListNumber = None,
        lead_id: LeadNumber = None,
        status: Annotated[
            str, QueryParameter(pattern=r"^[A-Za-z0-9_-]{0,6}$(?!\n)", description="With this status.")
        ] = "",
        due_since: Annotated[
            str | None, QueryParameter(pattern=MOMENT, description="Due at this moment or later.")
        ] = None,
        due_until: Annotated[
            str | None, QueryParameter(pattern=MOMENT, description="Due before this moment.")
        ] = None,
        taken_back: FromQuery[bool] = False,
        done: FromQuery[bool] = False,
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[CallbackView]:
        """Those that stand, of the caller's leads and agents.

        With `taken_back` or `done` it is those that stand no more, as they were taken back or their lead was
        called; with both, all of these.
        """
        wanted = Wanted(
            user=agent,
            anyone=anyone,
            campaign=campaign,
            list_id=list_id,
            lead_id=lead_id,
            status=status,
            since=moment(due_since, "due_since"),
            until=moment(due_until, "due_until"),
            taken_back=taken_back,
            done=done,
        )

        async def read(after: str) -> list[Seen]:
            return await seen(services, await services.desk.callback_page(wanted, place_of(after), limit))

        found = await full_page(
            read,
            lambda one: visible(request, services, READ, one),
            lambda one: cursor_of(one.callback),
            cursor,
            limit,
        )
        after = cursor_of(found[limit - 1].callback) if len(found) > limit else None
        return linked(request, services, [CallbackView.of(services, one) for one in found[:limit]], after)

    @get("/{callback_id:str}", opt={"right": READ}, summary="A callback")
    async def read(
        self, request: Asked, services: NamedDependency[Services], callback_id: CallbackPath
    ) -> CallbackView:
        """Also one that was taken back or is done."""
        return CallbackView.of(services, await _for(request, services, READ, callback_id))

    @post("/", opt={"right": WRITE}, status_code=200, summary="Promise to call a lead")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[NewCallbackBody],
        idempotency_key: Key = None,
    ) -> CallbackView:
        """The lead waits for it: status CBHOLD, not in the hopper; 409 `callback-stands` if one stands."""
        lead = await lead_for(request, services, WRITE, data.lead_id)
        own = await list_of(services, lead)
        campaign = await _campaign(request, services, own, data.campaign)
        if data.agent is not None:
            await _check_agent(request, services, data.agent, campaign)
        at = when(services, lead, own, data.at, data.customer_time)
        if at is None:
            raise InvalidInput("give either at or customer_time", field="at")
        wish = ToCallBack(
            campaign=campaign,
            at=on_site_clock(services, at),
            due_at=at,
            user=data.agent or "",
            status=data.status,
            comments=data.comments,
            made_by=request.user.user,
        )

        async def act() -> CallbackView:
            done = await services.desk.promise(lead.id, wish)
            if done is None:
                raise NoSuchLead(lead_id=str(lead.id))
            if not done.new:
                raise CallbackStands(callback_id=done.callback.call_id)
            return await _view(services, done.callback)

        return await once(request, services, idempotency_key, act, repeatable=False)

    @patch("/{callback_id:str}", opt={"right": WRITE}, summary="Change a callback")
    async def change(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        callback_id: CallbackPath,
        data: JSONBody[CallbackChangeBody],
        idempotency_key: Key = None,
    ) -> CallbackView:
        """Another time, another agent, another comment; 409 `callback-taken-back` if it stands no more."""
        found = await _for(request, services, WRITE, callback_id)
        if data.agent:
            await _check_agent(request, services, data.agent, found.callback.campaign)
        wish = changed(services, found, data)

        async def act() -> CallbackView:
            done = await services.desk.change_callback(callback_id, wish)
            if done is None:
                raise CallbackTakenBack(callback_id=callback_id)
            return await _view(services, done)

        return await once(request, services, idempotency_key, act)

    @delete("/{callback_id:str}", opt={"right": WRITE}, summary="Take a callback back")
    async def take_back(
        self, request: Asked, services: NamedDependency[Services], callback_id: CallbackPath
    ) -> None:
        """It is kept in the archive; the lead keeps its status until it is given another one."""
        await _for(request, services, WRITE, callback_id)
        if not await services.desk.take_back(callback_id):
            raise CallbackTakenBack(callback_id=callback_id)


async def _for(request: Asked, services: Services, right: str, callback_id: str) -> Seen:
    """A callback of the caller's (`NoSuchCallback`: hidden ones are not there)."""
    known = await services.desk.callback(callback_id)
    if known is None:
        raise NoSuchCallback(callback_id=callback_id)
    (found,) = await seen(services, [known])
    check(request, services, right, found)
    here().on("callback", callback_id)
    here().on_lead(str(known.lead_id or ""))
    return found


async def _view(services: Services, callback: Callback) -> CallbackView:
    (found,) = await seen(services, [callback])
    here().on("callback", callback.call_id)
    return CallbackView.of(services, found)


async def _campaign(request: Asked, services: Services, own: LeadList | None, given: str | None) -> str:
    """The campaign that is to call (`Forbidden`, `InvalidInput`)."""
    name = given or (own.campaign if own else "")
    if not name:
        raise InvalidInput(
            "the lead's list is of no campaign: name the one that is to call", field="campaign"
        )
    services.access.authorize(request.user, WRITE, campaign=name)
    if await services.site.get(Campaign, name) is None:
        raise InvalidInput(f"there is no campaign {name}", field="campaign")
    return name


async def _check_agent(request: Asked, services: Services, user: str, campaign: str) -> None:
    """Whether the caller may command this agent in this campaign (`NoSuchAgent`, `Forbidden`)."""
    agent = await authorize_agent(services, request.user, WRITE, user)
    services.access.authorize(request.user, WRITE, agent=agent, campaign=campaign or None)


def cursor_of(callback: Callback) -> str:
    """Where a page ends whose last one this is."""
    due = callback.due_at
    moment_of = _NO_TIME if due is None else str((due - _START) // _MICROSECOND)
    return f"{moment_of}_{callback.call_id}"


_START: Final = datetime.min.replace(tzinfo=UTC)
"""Before all moments, so that none of them has a sign."""


def place_of(cursor: str) -> Place:
    """Behind which callback the page begins (`InvalidInput`)."""
    if not cursor:
        return FIRST
    since, _, call_id = cursor.partition("_")
    try:
        return Place(None if since == _NO_TIME else _START + int(since) * _MICROSECOND, call_id)
    except (ValueError, OverflowError):
        raise InvalidInput("a cursor comes from the `Link` of the page before", field="cursor") from None
