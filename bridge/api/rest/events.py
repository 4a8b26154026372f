"""`GET /v1/events`: the event log as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import All, Names
from bridge.api.rest.fields import CALL_ID, NAME, Limit
from bridge.api.rest.models import EventView
from bridge.api.rest.paging import Since, Until, linked, moment
from bridge.errors import InvalidInput, NotAllowed
from bridge.events.catalogue import Right
from bridge.events.filters import Filter
from bridge.services import EventQuery, Services
from bridge.store.errors import StoreError

EVENT_RIGHTS = tuple(Right)
"""Each is an action of the table of rights; one of them is enough, and brings only its own events."""
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EXAMPLE = (
    'id: 42\nevent: agent.paused\ndata: {"specversion":"1.0","type":"agent.paused","subject":"agents/1000"}\n'
)
LOOK_AGAIN = 0.4
"""Seconds after which a stream's user is looked at again, at the next piece."""
_MOST = 20
_Wishes = Annotated[
    list[str] | None,
    QueryParameter(max_items=_MOST, description="May be repeated."),
]
_Agent = Annotated[
    str | None,
    QueryParameter(pattern=NAME, description="Only events of this agent and of the calls that she has."),
]
_Campaign = Annotated[
    str | None,
    QueryParameter(pattern=NAME, description="Only events of this campaign, its agents, calls and hopper."),
]
_Call = Annotated[
    str | None,
    QueryParameter(pattern=CALL_ID, description="Only events of the call of this id, and of who has it."),
]
Seen = Annotated[
    str | None,
    HeaderParameter(
        name="Last-Event-ID", description="Number of the last event that was seen; goes on after it."
    ),
]


@get(
    "/events",
    opt={"right": EVENT_RIGHTS},
    tags=["events"],
    summary="All events, as they happen",
    media_type="text/event-stream",
    responses={
        200: ResponseSpec(
            data_container=str,
            description="CloudEvents, one a message; `id` is the event's number.",
            media_type="text/event-stream",
            examples=[Example(value=_EXAMPLE)],
            generate_examples=False,
        )
    },
)
async def events(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Request[Principal, Any, Any],
    services: NamedDependency[Services],
    type: _Wishes = None,  # noqa: A002  the name of the query parameter
    subject: _Wishes = None,
    agent: _Agent = None,
    campaign: _Campaign = None,
    call: _Call = None,
    after: Annotated[
        int | None,
        QueryParameter(ge=0, description="As `Last-Event-ID`.", schema_extra={"minimum": 0}),
    ] = None,
    last_event_id: Seen = None,
) -> Stream:
    """Events of the log from a number on, or from now on, and then as they happen.

    `type=call` means all types that begin with `call.`, `subject=agents/1000` that agent, `agent=1000` her
    and the calls that she has. A caller who may see only some campaigns or agents gets their events alone.
    """
    asked = _asked(type, subject, agent, campaign, call)
    wanted = _visible(services, request.user, asked)
    seen = number(last_event_id) if last_event_id is not None else after

    async def still() -> bool:
        return await _still_may(services, request.user, wanted)

    stream = while_allowed(services.events.stream(after=seen, wanted=wanted), still)
    return Stream(stream, media_type="text/event-stream", headers=HEADERS)


@get(
    "/events/past",
    opt={"right": EVENT_RIGHTS},
    tags=["events"],
    summary="Events of the past, oldest first",
)
async def past_events(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Request[Principal, Any, Any],
    services: NamedDependency[Services],
    type: _Wishes = None,  # noqa: A002  the name of the query parameter
    subject: _Wishes = None,
    agent: _Agent = None,
    campaign: _Campaign = None,
    call: _Call = None,
    since: Since = None,
    until: Until = None,
    cursor: Annotated[
        str, QueryParameter(pattern=r"^[0-9]{0,18}$(?!\n)", description="From the `Link`.")
    ] = "",
    limit: Limit = 100,
) -> list[EventView]:
    """As the stream has them. A page may hold fewer than `limit`, or none, as long as it has a `Link`."""
    asked = _asked(type, subject, agent, campaign, call)
    found = await services.events.past(
        EventQuery(
            wanted=_visible(services, request.user, asked),
            since=moment(since, "since"),
            until=moment(until, "until"),
            after=int(cursor or 0),
            limit=limit,
        )
    )
    after = None if found.after is None else str(found.after)
    return linked(request, services, [EventView.of(record) for record in found.records], after)


def _asked(
    types: list[str] | None,
    subjects: list[str] | None,
    agent: str | None,
    campaign: str | None,
    call: str | None,
) -> Filter:
    return Filter(
        types=tuple(types or ()),
        subjects=tuple(subjects or ()),
        agent=agent or "",
        campaign=campaign or "",
        call=call or "",
    )


def _visible(services: Services, principal: Principal, asked: Filter) -> Filter:
    """What is asked for, and of that what the principal may see."""
    return msgspec.structs.replace(
        asked,
        rights=frozenset(right for right in Right if _may_see(services, principal, right)),
        campaigns=_set(_campaigns(principal)),
        agents=_set(principal.limits.agents),
    )


def _set(names: Names) -> frozenset[str] | None:
    return None if isinstance(names, All) else names


async def while_allowed(
    frames: AsyncGenerator[bytes, None], still: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """The stream, for as long as its user may see it: looked at with each piece, but not too often.

    Args:
        frames: the stream; an empty piece is not sent, but looked at.
        still: whether the user may.
    """
    clock = asyncio.get_running_loop().time
    looked = clock()
    async with aclosing(frames) as stream:
        async for frame in stream:
            if clock() - looked >= LOOK_AGAIN:
                looked = clock()
                if not await still():
                    return
            if frame:
                yield frame


async def _still_may(services: Services, then: Principal, wanted: Filter) -> bool:
    """Whether nobody has changed, shut off or removed the user since, nor changed what its group may see."""
    try:
        now = await as_it_was(services, then)
        return now is not None and _visible(services, now, wanted) == wanted
    except (NotAllowed, StoreError):
        return False


async def as_it_was(services: Services, then: Principal) -> Principal | None:
    """The user of a stream now; nothing if it was changed, shut off or removed, or its key has ended."""
    now = await services.access.principal(then.user)
    if now is None or now.changed_at != then.changed_at:
        return None
    return now if not then.key or await services.access.keys.is_good(then.key) else None


def number(text: str) -> int:
    """The number of an event, out of `Last-Event-ID` (`InvalidInput`)."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InvalidInput("it must be the number of an event", field="Last-Event-ID")
    return int(text)


def _may_see(services: Services, principal: Principal, right: Right) -> bool:
    try:
        services.access.authorize(principal, right)
    except Forbidden:
        return False
    return True


def _campaigns(principal: Principal) -> Names:
    """Those that it may see.

    Raises:
        NotAllowed: What its group sees of user groups, or it of lists, cannot be told by an event.
    """
    scope = principal.scope
    if scope is None or not isinstance(scope.groups, All):
        raise NotAllowed(
            "the stream shows the agents of all groups and your group sees only some", rule="scope"
        )
    if not isinstance(principal.limits.lists, All):
        raise NotAllowed("the stream shows all lists, and you see only some", rule="scope")
    return scope.campaigns
