"""`/v1/campaigns/{campaign}/hopper`: leads that are dialled next."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from bridge.access.model import Principal
from bridge.access.names import ALL
from bridge.api.rest.fields import NAME, LeadId, Limit
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, page
from bridge.campaigns.model import Campaign
from bridge.dialer.by_hand import HopperPut
from bridge.dialer.hopper import FIRST
from bridge.dialer.model import HopperRow
from bridge.errors import InvalidInput, NoSuchCampaign, NoSuchLead
from bridge.services import Services

Asked = Request[Principal, Any, Any]
CampaignPath = Annotated[
    str, PathParameter(pattern=NAME, description="The campaign's id.", examples=[Example(value="SALES")])
]
_CURSOR = re.compile(r"(-?[0-9]{1,3})_([0-9]{1,18})")


class HopperLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that may be dialled now."""

    hopper_id: int
    lead_id: int
    list_id: int
    priority: int
    source: str
    """S from the lists, P by an API, C callback, A other number, R recycled."""
    alt: str
    """Which number of the lead: empty is the main one."""
    created_at: datetime

    @classmethod
    def of(cls, row: HopperRow) -> HopperLead:
        """The view of a row."""
        return cls(
            hopper_id=row.id,
            lead_id=row.lead_id,
            list_id=row.list_id,
            priority=row.priority,
            source=row.source,
            alt=row.alt,
            created_at=row.created_at,
        )


class HopperBody(Body, frozen=True, kw_only=True):
    """A lead of one of the campaign's lists."""

    lead_id: LeadId
    priority: Annotated[int, Meta(ge=-99, le=99, description="Higher ones are dialled first.")] = 0


class HopperController(Controller):
    """Leads that a campaign dials next."""

    path = "/campaigns/{campaign:str}/hopper"
    tags = ("hopper",)

    @get("/", opt={"right": "hopper.list"}, summary="Leads that are dialled next")
    async def list_rows(
        self,
        request: Asked,
        services: NamedDependency[Services],
        campaign: CampaignPath,
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[HopperLead]:
        """In the order in which they are dialled; those that wait for their hour are not among them."""
        await _check(request, services, campaign)
        services.access.check_limits(request.user, "hopper.list", lead_list=ALL)
        found = await services.hopper_desk.page(campaign, after=_after(cursor), limit=limit + 1)
        return page(request, services, found, limit=limit, key=_key, view=HopperLead)

    @post("/", opt={"right": "hopper.add"}, status_code=200, summary="Put a lead into the hopper")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        campaign: CampaignPath,
        data: JSONBody[HopperBody],
        idempotency_key: Key = None,
    ) -> HopperPut:
        """It is dialled as soon as an agent is there for it; without `hopper_id` it was in it already."""
        await _check(request, services, campaign)

        async def act() -> HopperPut:
            lead = await services.lookups.lead(data.lead_id)
            if lead is None:
                raise NoSuchLead(lead_id=str(data.lead_id))
            services.access.check_limits(request.user, "hopper.add", lead_list=lead.list_id)
            return await services.hopper_desk.put(campaign, data.lead_id, data.priority)

        return await once(request, services, idempotency_key, act)


async def _check(request: Asked, services: Services, campaign: str) -> None:
    """Whether the caller's group has the campaign (`Forbidden`), and there is one (`NoSuchCampaign`)."""
    services.access.authorize(request.user, request.route_handler.opt["right"], campaign=campaign)
    if await services.site.get(Campaign, campaign) is None:
        raise NoSuchCampaign(f"there is no campaign {campaign!r}", campaign=campaign)


def _key(row: HopperRow) -> str:
    return f"{row.priority}_{row.id}"


def _after(cursor: str) -> tuple[int, int]:
    if not cursor:
        return FIRST
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise InvalidInput("a cursor comes from the `Link` of the page before", field="cursor")
    return int(found[1]), int(found[2])
