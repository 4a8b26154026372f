"""`/v1/lists/{list_id}/…`: what is done with the leads of a list as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter

from bridge.api.rest.command import Asked
from bridge.api.rest.lead_access import list_for
from bridge.api.rest.once import Key, once
from bridge.campaigns.model import Campaign
from bridge.services import Services

ListPath = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="Number of the list.")]


class ListCountsView(msgspec.Struct, frozen=True, kw_only=True):
    """How many leads a list has, and what has become of it."""

    list_id: int
    leads: int
    new: int
    """With the status NEW."""
    dialable: int
    """With a status that its campaign dials, and not called since the last reset."""
    changed_at: datetime | None
    called_at: datetime | None
    """When one of its leads was called last, to the minute."""
    resets_today: int


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """How many it was."""

    leads: int


class WholeListController(Controller):
    """Lists as wholes."""

    path = "/lists/{list_id:int}"
    tags = ("leads",)

    @get("/counts", opt={"right": "lists.counts"}, summary="How many leads a list has")
    async def counts(
        self, request: Asked, services: NamedDependency[Services], list_id: ListPath
    ) -> ListCountsView:
        """Counted now, by an index: a list of a million leads takes a while."""
        item = await list_for(request, services, "lists.counts", list_id)
        desk = services.list_desk
        campaign = await services.site.get(Campaign, item.campaign) if item.campaign else None
        counts, facts = await desk.counts(list_id), await desk.facts(list_id, datetime.now(UTC))
        return ListCountsView(
            list_id=list_id,
            leads=counts.all,
            new=counts.new,
            dialable=await desk.dialable(list_id, campaign.dial_statuses if campaign else ()),
            changed_at=facts.changed_at if facts else None,
            called_at=facts.called_at if facts else None,
            resets_today=facts.resets_today if facts else 0,
        )

    @post("/reset", opt={"right": "lists.reset"}, status_code=200, summary="Let all leads be dialled again")
    async def reset(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        list_id: ListPath,
        idempotency_key: Key = None,
    ) -> Affected:
        """Also those that were called; how many these were."""
        item = await list_for(request, services, "lists.reset", list_id)

        async def act() -> Affected:
            return Affected(leads=await services.list_desk.reset(list_id, item.campaign))

        return await once(request, services, idempotency_key, act)

    @delete("/leads", opt={"right": "lists.empty"}, status_code=200, summary="Delete the leads of a list")
    async def empty(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        list_id: ListPath,
        archived: FromQuery[bool] = False,
    ) -> Affected:
        """But for those that are just being dialled; with `archived` those of the archive in their place."""
        await list_for(request, services, "lists.empty", list_id)
        return Affected(leads=await services.list_desk.delete_leads(list_id, archived=archived))
