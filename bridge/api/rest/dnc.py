"""`/v1/dnc`, `/v1/dnclists`: numbers that nobody, or one campaign, may call, and the lists that hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.rest.fields import Limit
from bridge.api.rest.numbers import WRITTEN, entry_for, whole_number
from bridge.api.rest.paging import Cursor, full_page, linked, page
from bridge.audit.entry import here
from bridge.dnc.model import Version
from bridge.errors import NotFound, UnreadableNumber
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncEntry, DncKind
from bridge.rules import DncList
from bridge.services import Services

Asked = Request[Principal, Any, Any]
NumberPath = Annotated[
    str,
    PathParameter(
        pattern=WRITTEN,
        description="A number as it is dialled at the site, or with `+`; to forbid and to allow also an area "
        "code of three digits, or a prefix and `*`.",
        examples=[Example(value="+17275550100")],
    ),
]
OfCampaign = Annotated[
    str,
    QueryParameter(
        pattern=r"^[A-Za-z0-9_-]{0,20}$(?!\n)", description="Only of this campaign; left out: of all."
    ),
]


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an imported do-not-call list."""

    id: int
    list: str
    campaign: str
    """The only one for which it holds; empty: for all."""
    source: str
    version: str
    dated: date
    """The day on which its source gave it out."""
    good_until: datetime
    """From then on it is stale: a campaign that needs the list dials nothing by itself."""
    stale: bool
    in_force: bool
    in_force_at: datetime | None
    replaced_at: datetime | None
    numbers: int
    refused: int
    """Rows that were no numbers."""

    @classmethod
    def of(cls, one: Version, days: int) -> ListView:
        """The view of a version that is good for so many days."""
        same = {name: getattr(one, name) for name in cls.__struct_fields__ if hasattr(one, name)}
        until = DncList(name=one.name, version=one.version, dated=one.dated).good_until(days)
        return cls(**same, list=one.name, good_until=until, stale=datetime.now(UTC) >= until)


class DncView(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a do-not-call list."""

    number: str
    kind: DncKind
    campaign: str
    """The only one that may not call it; empty: nobody may."""
    added_by: str
    added_at: datetime | None

    @classmethod
    def of(cls, entry: DncEntry) -> DncView:
        """The view of an entry."""
        return cls(**{name: getattr(entry, name) for name in cls.__struct_fields__})


class DncPut(msgspec.Struct, frozen=True, kw_only=True):
    """What is forbidden, as it was read."""

    number: str
    kind: DncKind
    campaign: str


class DncHit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that forbids a number, and the imported list that has it."""

    entry: DncView
    list: ListView | None
    """`null`: the site's own list."""


class NumberDnc(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a number may not be called, and why."""

    number: str
    campaign: str
    forbidden: bool
    hits: list[DncHit]


class DncController(Controller):
    """Do-not-call."""

    tags = ("dnc",)

    @get("/dnc", opt={"right": "dnc.list"}, summary="Numbers of the site's own do-not-call list")
    async def entries(
        self,
        request: Asked,
        services: NamedDependency[Services],
        campaign: OfCampaign = "",
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[DncView]:
        """The system's, or a campaign's, in the order of their numbers."""
        services.access.authorize(request.user, "dnc.list", campaign=campaign)
        found = await services.dnc.dnc(campaign, after=cursor, limit=limit + 1)
        return page(request, services, found, limit=limit, key=_place, view=DncView)

    @get("/dnc/{number:str}", opt={"right": "dnc.read"}, summary="Whether a number is forbidden, and why")
    async def number(
        self,
        request: Asked,
        services: NamedDependency[Services],
        number: NumberPath,
        campaign: OfCampaign = "",
    ) -> NumberDnc:
        """All entries that forbid it to all, and with `campaign` those that forbid it to this one."""
        services.access.authorize(request.user, "dnc.read", campaign=campaign or None)
        here().on_number(number)
        whole_number(services, number)
        lists = {one.name: one for one in await services.dnc_lists.holding(campaign)}
        days = services.options.dnc_days
        hits = [
            DncHit(
                entry=DncView.of(hit),
                list=ListView.of(lists[hit.list], days) if hit.list in lists else None,
            )
            for hit in await services.dnc.dnc_hits(number, campaign)
        ]
        return NumberDnc(number=number, campaign=campaign, forbidden=bool(hits), hits=hits)

    @put("/dnc/{number:str}", opt={"right": "dnc.add"}, summary="Forbid a number")
    async def forbid(
        self,
        request: Asked,
        services: NamedDependency[Services],
        number: NumberPath,
        campaign: OfCampaign = "",
    ) -> Response[DncPut]:
        """201 if it was not forbidden before; 200 if it was: then nothing is changed."""
        services.access.authorize(request.user, "dnc.add", campaign=campaign)
        here().on_number(number)
        entry = entry_for(services, number)
        new = await services.dnc.add_dnc(number, campaign=campaign, by=request.user.user)
        return Response(
            DncPut(number=entry.number, kind=entry.kind, campaign=campaign), status_code=201 if new else 200
        )

    @delete("/dnc/{number:str}", opt={"right": "dnc.remove"}, summary="Allow a number again")
    async def allow(
        self,
        request: Asked,
        services: NamedDependency[Services],
        number: NumberPath,
        campaign: OfCampaign = "",
    ) -> None:
        """404 if it is not on this list. Imported lists stay as they are."""
        services.access.authorize(request.user, "dnc.remove", campaign=campaign)
        here().on_number(number)
        try:
            gone = await services.dnc.remove_dnc(number, campaign=campaign)
        except InvalidLead as why:
            raise UnreadableNumber(why.why, field=why.field) from None
        if not gone:
            raise NotFound("it is not on this list", campaign=campaign)

    @get("/dnclists", opt={"right": "dnc.read"}, summary="Imported do-not-call lists")
    async def lists(
        self,
        request: Asked,
        services: NamedDependency[Services],
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[ListView]:
        """Each version that is or was in force or is being taken in, as they were begun."""
        found = await full_page(
            lambda after: services.dnc_lists.versions(after=_row(after), limit=limit),
            lambda one: _visible(request, services, one),
            lambda one: str(one.id),
            cursor,
            limit,
        )
        shown = [ListView.of(one, services.options.dnc_days) for one in found[:limit]]
        return linked(request, services, shown, str(found[limit - 1].id) if len(found) > limit else None)


def _place(entry: DncEntry) -> str:
    return f"{entry.number}_{entry.kind}"


def _row(cursor: str) -> int:
    return int(cursor) if cursor.isdigit() and len(cursor) <= 18 else 0


def _visible(request: Asked, services: Services, one: Version) -> bool:
    try:
        services.access.authorize(request.user, "dnc.read", campaign=one.campaign or None)
    except Forbidden:
        return False
    return True
