"""`/v1/site/…`: campaigns, phones, trunks and so on; the same five requests for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.rest.fields import KeyPath, Limit
from bridge.campaigns.errors import NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, InGroup, Phone, Trunk, UserGroup
from bridge.errors import InvalidInput
from bridge.services import Services

if TYPE_CHECKING:
    # Each controller puts its own types in the place of these names (`signature_namespace`).
    ItemBody = SiteItem
    ItemView = SiteItem

Asked = Request[Principal, Any, Any]
After = Annotated[str, QueryParameter(max_length=40, description="Key of the last entry of the page before.")]


class CampaignBody(Campaign, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign; unknown fields are refused."""


class PhoneBody(Phone, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone; unknown fields are refused."""


class TrunkBody(Trunk, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trunk; unknown fields are refused."""


class DidBody(Did, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DID; unknown fields are refused."""


class InGroupBody(InGroup, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An in-group; unknown fields are refused."""


class UserGroupBody(UserGroup, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of users; unknown fields are refused."""


class _SiteController(Controller):
    """List, add, read, replace and remove the things of one kind."""

    tags = ("site",)
    kind: ClassVar[type[SiteItem]]
    action: ClassVar[str]

    @get("/", opt={"right": "site.read"}, summary="List")
    async def list_items(
        self, request: Asked, services: NamedDependency[Services], after: After = "", limit: Limit = 100
    ) -> list[ItemView]:
        """Those that the caller's group may see, by key."""
        found = await services.site.list(self.kind, after=after, limit=limit)
        return [item for item in found if self._visible(request, services, item.key)]

    @post("/", summary="Add")
    async def add_item(
        self, request: Asked, services: NamedDependency[Services], data: JSONBody[ItemBody]
    ) -> ItemView:
        """409 if there is one of this key."""
        self._authorize(request, services, self.action, data.key)
        await services.site.add(_plain(self.kind, data))
        return data

    @get("/{key:str}", opt={"right": "site.read"}, summary="Read")
    async def get_item(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> ItemView:
        """One of the kind."""
        self._authorize(request, services, "site.read", key)
        found = await services.site.get(self.kind, key)
        if found is None:
            raise NoSuchItem(self.kind.kind, key)
        return found

    @put("/{key:str}", summary="Replace")
    async def put_item(
        self, request: Asked, services: NamedDependency[Services], key: KeyPath, data: JSONBody[ItemBody]
    ) -> Response[ItemView]:
        """Make the one of this key equal to the body, or add it (201)."""
        self._authorize(request, services, self.action, key)
        if data.key != key:
            raise InvalidInput("the key in the body is not the one in the path", field=self.kind.key_field)
        new = await services.site.put(_plain(self.kind, data)) is None
        return Response(data, status_code=201 if new else 200)

    @delete("/{key:str}", summary="Remove")
    async def remove_item(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> None:
        """409 while something refers to it."""
        self._authorize(request, services, self.action, key)
        await services.site.remove(self.kind, key)

    def _authorize(self, request: Asked, services: Services, action: str, key: str) -> None:
        campaign = key if self.kind is Campaign else None
        services.access.authorize(request.user, action, campaign=campaign)

    def _visible(self, request: Asked, services: Services, key: str) -> bool:
        try:
            self._authorize(request, services, "site.read", key)
        except Forbidden:
            return False
        return True


def _plain(kind: type[SiteItem], body: SiteItem) -> SiteItem:
    return kind(**{field.name: getattr(body, field.name) for field in msgspec.structs.fields(kind)})


def _controller(path: str, kind: type[SiteItem], body: type[SiteItem], action: str) -> type[_SiteController]:
    fields = {
        "path": path,
        "kind": kind,
        "action": action,
        "opt": {"right": action},
        "signature_namespace": {"ItemBody": body, "ItemView": kind},
    }
    return type(f"{kind.__name__}Controller", (_SiteController,), fields)


SITE_CONTROLLERS = (
    _controller("/site/campaigns", Campaign, CampaignBody, "site.campaign"),
    _controller("/site/phones", Phone, PhoneBody, "site.phone"),
    _controller("/site/trunks", Trunk, TrunkBody, "site.trunk"),
    _controller("/site/dids", Did, DidBody, "site.did"),
    _controller("/site/ingroups", InGroup, InGroupBody, "site.ingroup"),
    _controller("/site/usergroups", UserGroup, UserGroupBody, "site.usergroup"),
)
