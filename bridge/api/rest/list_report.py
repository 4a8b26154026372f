"""`/v1/reports/lists`: how far the lists of leads are worked off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from bridge.access.errors import Forbidden
from bridge.api.every import every
from bridge.api.rest.fields import Limit
from bridge.api.rest.lead_lists import list_of_key
from bridge.api.rest.now import One
from bridge.api.rest.paging import Cursor
from bridge.api.rest.table import Asked, Form, Sheet, table
from bridge.campaigns.model import Campaign
from bridge.leads.model import LeadList
from bridge.services import Services

_RIGHT: Final = "lists.counts"


class ListReport(msgspec.Struct, frozen=True, kw_only=True):
    """A list, and what has become of its leads."""

    list_id: int
    name: str
    campaign: str
    active: bool
    leads: int
    dialable: int
    """With a status that its campaign dials, and not called since the last reset."""
    called_at: datetime | None
    """When one of its leads was called last, to the minute."""
    statuses: Mapping[str, int]


_SHEET: Final[Sheet[ListReport]] = Sheet(
    (*ListReport.__struct_fields__[:-1], "status", "status_leads"),
    lambda one: [
        (*msgspec.structs.astuple(one)[:-1], status, leads) for status, leads in one.statuses.items()
    ],
)


@get("/reports/lists", opt={"right": _RIGHT}, tags=["reports"], summary="Lists, with their leads by status")
async def list_report(  # noqa: PLR0913  each is a parameter of the request
    *,
    request: Asked,
    services: NamedDependency[Services],
    campaign: One = None,
    format: Form = None,  # noqa: A002  the name of the query parameter
    cursor: Cursor = "",
    limit: Limit = 100,
) -> list[ListReport]:
    """By number, as they are now; counted by an index: a million leads take a while."""
    shown = [
        one
        async for one in every(services.site, LeadList)
        if one.id > list_of_key(cursor)
        and campaign in (None, one.campaign)
        and _may_see(request, services, one)
    ]

    async def pages() -> AsyncIterator[Sequence[ListReport]]:
        for one in shown:
            yield [await _report(services, one)]

    return await table(request, services, pages(), sheet=_SHEET, form=format, limit=limit, key=_key)


def _may_see(request: Asked, services: Services, one: LeadList) -> bool:
    try:
        services.access.check_limits(request.user, _RIGHT, lead_list=one.id)
        services.access.authorize(request.user, _RIGHT, campaign=one.campaign or None)
    except Forbidden:
        return False
    return True


async def _report(services: Services, one: LeadList) -> ListReport:
    desk = services.list_desk
    campaign = await services.site.get(Campaign, one.campaign) if one.campaign else None
    counts, facts = await desk.counts(one.id), await desk.facts(one.id, datetime.now(UTC))
    return ListReport(
        list_id=one.id,
        name=one.name,
        campaign=one.campaign,
        active=one.active,
        leads=counts.all,
        dialable=await desk.dialable(one.id, campaign.dial_statuses if campaign else ()),
        called_at=facts.called_at if facts else None,
        statuses=dict(sorted(counts.statuses.items())),
    )


def _key(one: ListReport) -> str:
    return str(one.list_id)
