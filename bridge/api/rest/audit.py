"""`GET /v1/audit`: who asked for what, from where, and what came of it."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from bridge.api.rest.fields import Limit
from bridge.api.rest.paging import Asked, Cursor, Since, Until, linked, moment
from bridge.api.rest.whole import check_sees_all
from bridge.audit.model import AuditQuery, AuditRow
from bridge.services import Services


@get("/audit", opt={"right": "audit.read"}, tags=["site"], summary="The audit trail, newest first")
async def audit_trail(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Asked,
    services: NamedDependency[Services],
    user: Annotated[str, QueryParameter(max_length=40, description="Only of this user.")] = "",
    function: Annotated[
        str, QueryParameter(max_length=40, description="Only of this function or action.")
    ] = "",
    refused: Annotated[bool, QueryParameter(description="Only what was refused.")] = False,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> list[AuditRow]:
    """One row a request, a second after it at the latest. It is for those who see everything."""
    check_sees_all(request.user, "the trail")
    query = AuditQuery(
        user=user,
        function=function,
        refused=refused,
        since=moment(since, "since"),
        until=moment(until, "until"),
        before=cursor,
        limit=limit + 1,
    )
    found = await services.audit.page(query)
    after = found[limit - 1].id if len(found) > limit else None
    return linked(request, services, list(found[:limit]), after)
