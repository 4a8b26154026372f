"""`/v1/filtergroups`: groups of filtered numbers. They are kept; no call is sorted out by them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from bridge.access.model import Principal
from bridge.api.rest.fields import Limit
from bridge.api.rest.models import Body
from bridge.api.rest.numbers import WRITTEN, WholeNumberPath, whole_number
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, linked, page
from bridge.audit.entry import here
from bridge.errors import Conflict, NotFound
from bridge.leads.filter_groups import FilterGroup
from bridge.services import Services

Asked = Request[Principal, Any, Any]
_NAME = r"^[A-Za-z0-9_-]{1,20}$(?!\n)"
GroupPath = Annotated[str, PathParameter(pattern=_NAME, description="The group's name.")]
OneNumber = Annotated[
    str | None, QueryParameter(pattern=WRITTEN, description="Only this number, if it is in the group.")
]


class FilterGroupBody(Body, frozen=True, kw_only=True):
    """A group."""

    name: Annotated[str, Meta(pattern=_NAME, examples=["NUISANCE"])]
    title: Annotated[str, Meta(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")] = ""


class FilterGroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A group; its numbers are asked for by themselves."""

    name: str
    title: str

    @classmethod
    def of(cls, group: FilterGroup) -> FilterGroupView:
        """The view of a group."""
        return cls(name=group.name, title=group.title)


class FilteredNumberBody(Body, frozen=True, kw_only=True):
    """A number that goes into a group."""

    number: Annotated[str, Meta(pattern=WRITTEN, examples=["+17275550100"])]


class FilteredNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number of a group: national digits for the site's own country, else with the country's code."""

    number: str

    @classmethod
    def of(cls, number: str) -> FilteredNumber:
        """The view of a number."""
        return cls(number=number)


FILTER_BODIES: tuple[type[Body], ...] = (FilterGroupBody, FilteredNumberBody)


class FilterGroupController(Controller):
    """Groups of filtered numbers; they are the whole site's, for who is not limited to some campaigns."""

    path = "/filtergroups"
    tags = ("filter groups",)

    @get("/", opt={"right": "filters.read"}, summary="Groups of filtered numbers")
    async def groups(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[FilterGroupView]:
        """By name."""
        _authorize(request, services, "filters.read")
        found = await services.filters.groups(after=cursor, limit=limit + 1)
        return page(request, services, found, limit=limit, key=lambda group: group.name, view=FilterGroupView)

    @post("/", opt={"right": "filters.group"}, summary="Make a group")
    async def make(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[FilterGroupBody],
        idempotency_key: Key = None,
    ) -> FilterGroupView:
        """409 if there is one of this name."""
        _authorize(request, services, "filters.group")

        async def act() -> FilterGroupView:
            group = FilterGroup(name=data.name, title=data.title)
            await services.filters.make(group)
            here().on("filter_group", group.name)
            return FilterGroupView.of(group)

        return await once(request, services, idempotency_key, act)

    @delete("/{group:str}", opt={"right": "filters.group.remove"}, summary="Take a group away")
    async def drop(self, request: Asked, services: NamedDependency[Services], group: GroupPath) -> None:
        """With all its numbers."""
        _authorize(request, services, "filters.group.remove")
        await services.filters.drop(group)
        here().on("filter_group", group)

    @get(
        "/{group:str}/numbers",
        opt={"right": ("filters.read", "filters.list")},
        summary="Numbers of a group, or whether one is in it",
    )
    async def numbers(  # noqa: PLR0913 - what may be asked for
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        group: GroupPath,
        number: OneNumber = None,
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[FilteredNumber]:
        """In their order. With `number` that one, or none: who may not see reports may ask so only."""
        if number is None:
            _authorize(request, services, "filters.list")
            found = await services.filters.numbers(group, after=cursor, limit=limit + 1)
            return page(request, services, found, limit=limit, key=str, view=FilteredNumber)
        _authorize(request, services, "filters.read")
        here().on_number(number)
        sought = whole_number(services, number)
        shown = [FilteredNumber(number=sought)] if await services.filters.has(group, sought) else []
        return linked(request, services, shown, None)

    @post("/{group:str}/numbers", opt={"right": "filters.add"}, summary="Put a number into a group")
    async def add(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        group: GroupPath,
        data: JSONBody[FilteredNumberBody],
        idempotency_key: Key = None,
    ) -> FilteredNumber:
        """409 if it is in the group already, however it was written."""
        _authorize(request, services, "filters.add")
        here().on_number(data.number)

        async def act() -> FilteredNumber:
            number = whole_number(services, data.number)
            if not await services.filters.add(group, number):
                raise Conflict("the number is in this group already", group=group)
            here().on("filter_group", group)
            return FilteredNumber(number=number)

        return await once(request, services, idempotency_key, act)

    @delete(
        "/{group:str}/numbers/{number:str}",
        opt={"right": "filters.remove"},
        summary="Take a number out of a group",
    )
    async def remove(
        self,
        request: Asked,
        services: NamedDependency[Services],
        group: GroupPath,
        number: WholeNumberPath,
    ) -> None:
        """404 if it is not in the group."""
        _authorize(request, services, "filters.remove")
        here().on_number(number)
        if not await services.filters.remove(group, number):
            raise NotFound("the number is not in this group", group=group)
        here().on("filter_group", group)


def _authorize(request: Asked, services: Services, action: str) -> None:
    """A group is of no campaign: who is limited to some has not got it."""
    services.access.authorize(request.user, action, campaign="")
