"""`GET /v1/asterisks/{asterisk}/events`: what an Asterisk says, for looking on."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.rest.events import HEADERS, as_it_was, while_allowed
from bridge.api.rest.fields import NAME
from bridge.api.rest.whole import check_sees_all
from bridge.audit.entry import here
from bridge.campaigns.errors import NoSuchItem
from bridge.errors import NotAllowed
from bridge.services import Services
from bridge.store.errors import StoreError

_RIGHT: Final = "asterisks.events"
_EXAMPLE: Final = (
    'event: ami\ndata: {"asterisk":"main","event":"Hangup","kept":false,'
    '"headers":{"Event":"Hangup","Channel":"PJSIP/1000-00000001","Cause":"16"}}\n'
)
_Names = Annotated[
    list[Annotated[str, Meta(pattern=r"^[A-Za-z]{1,60}$(?!\n)")]] | None,
    QueryParameter(
        max_items=20, description="As Asterisk writes it (`Hangup`); may be repeated. Left out: all."
    ),
]
_About = Annotated[
    str,
    QueryParameter(
        pattern=r"^[\x21-\x7e]{0,200}$(?!\n)",
        description="Only events with this value in one of their headers, as a channel's name or unique id.",
    ),
]
_Asterisk = Annotated[str, PathParameter(pattern=NAME, description="Its name in the settings.")]


@get(
    "/asterisks/{asterisk:str}/events",
    opt={"right": _RIGHT},
    tags=["events"],
    summary="What an Asterisk says, word for word; not kept",
    media_type="text/event-stream",
    responses={
        200: ResponseSpec(
            data_container=str,
            description="Events of AMI, one a message; `gap` where some were missed.",
            media_type="text/event-stream",
            examples=[Example(value=_EXAMPLE)],
            generate_examples=False,
        )
    },
)
async def raw_events(
    *,
    request: Request[Principal, Any, Any],
    services: NamedDependency[Services],
    asterisk: _Asterisk,
    event: _Names = None,
    about: _About = "",
) -> Stream:
    """From now on, for who may see everything: numbers stand in it as Asterisk writes them.

    What the bridge's own AMI user does not hear (`bridge_manager_filters.conf`) does not come. Values of
    headers that hold secrets are masked.
    """
    here().on("asterisk", asterisk)
    check_sees_all(request.user, "the raw stream")
    if asterisk not in services.raw.asterisks:
        raise NoSuchItem("asterisk", asterisk)

    async def still() -> bool:
        return await _still_may(services, request.user)

    stream = services.raw.stream(asterisk, names=tuple(event or ()), about=about)
    return Stream(while_allowed(stream, still), media_type="text/event-stream", headers=HEADERS)


async def _still_may(services: Services, then: Principal) -> bool:
    try:
        now = await as_it_was(services, then)
        if now is None:
            return False
        services.access.authorize(now, _RIGHT)
        check_sees_all(now, "the raw stream")
    except (Forbidden, NotAllowed, StoreError):
        return False
    return True
