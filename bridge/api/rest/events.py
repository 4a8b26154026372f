"""`GET /v1/events`: the event log as server-sent events."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import All
from bridge.errors import InvalidInput, NotAllowed
from bridge.events.catalogue import Right
from bridge.events.filters import Filter
from bridge.services import Services

EVENT_RIGHTS = tuple(Right)
"""Each is an action of the table of rights; one of them is enough, and brings only its own events."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EXAMPLE = (
    'id: 42\nevent: agent.paused\ndata: {"specversion":"1.0","type":"agent.paused","subject":"agents/1000"}\n'
)
_MOST = 20
_Wishes = Annotated[
    list[str] | None,
    QueryParameter(max_items=_MOST, description="May be repeated."),
]
_Seen = Annotated[
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
    after: Annotated[int | None, QueryParameter(ge=0, description="As `Last-Event-ID`.")] = None,
    last_event_id: _Seen = None,
) -> Stream:
    """Events of the log from a number on, or from now on, and then as they happen.

    `type=call` means all types that begin with `call.`, `subject=agents/1000` that agent.
    """
    _check_scope(request.user)
    rights = frozenset(right for right in Right if _may_see(services, request.user, right))
    wanted = Filter(types=tuple(type or ()), subjects=tuple(subject or ()), rights=rights)
    seen = _number(last_event_id) if last_event_id is not None else after
    stream = services.events.stream(after=seen, wanted=wanted)
    return Stream(stream, media_type="text/event-stream", headers=_HEADERS)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InvalidInput("it must be the number of an event", field="Last-Event-ID")
    return int(text)


def _may_see(services: Services, principal: Principal, right: Right) -> bool:
    try:
        services.access.authorize(principal, right)
    except Forbidden:
        return False
    return True


def _check_scope(principal: Principal) -> None:
    """The stream shows every campaign, so it is for those who may see every campaign."""
    scope = principal.scope
    if scope is None or not isinstance(scope.campaigns, All) or not isinstance(scope.groups, All):
        raise NotAllowed("the stream shows all campaigns and your group sees only some", rule="scope")
