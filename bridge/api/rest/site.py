"""`/v1/site/…`: campaigns, phones, trunks and so on; the same five requests for each kind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.api.giving import is_within, scope_of
from bridge.api.rest.fields import KeyPath, Limit
from bridge.api.rest.lead_lists import LeadListBody, check_custom_fields, list_of_key
from bridge.api.rest.paging import Cursor, full_page, linked
from bridge.api.rest.webhooks import check_signed, check_webhook
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.caller_id_group import CallerIdGroup
from bridge.campaigns.errors import NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, Did, GroupAlias, InGroup, Phone, Trunk, UserGroup
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.errors import InvalidInput, NotAllowed
from bridge.leads.lists import leaves_hopper
from bridge.leads.model import LeadList
from bridge.services import Services
from bridge.webhooks.model import Webhook

if TYPE_CHECKING:
    # Each controller puts its own types in the place of these names (`signature_namespace`).
    ItemBody = SiteItem
    ItemView = SiteItem

Asked = Request[Principal, Any, Any]


class CampaignBody(Campaign, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign; unknown fields are refused."""


class PhoneBody(Phone, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone; unknown fields are refused."""


class PhoneAliasBody(PhoneAlias, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name for several phones; unknown fields are refused."""


class TrunkBody(Trunk, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trunk; unknown fields are refused."""


class DidBody(Did, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DID; unknown fields are refused."""


class InGroupBody(InGroup, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An in-group; unknown fields are refused."""


class GroupAliasBody(GroupAlias, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number that callers may choose to show; unknown fields are refused."""


class CallerIdGroupBody(CallerIdGroup, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers that are shown by area; unknown fields are refused."""


class OwnNumberBody(OwnNumber, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number that may be shown to whom is called; unknown fields are refused."""


class WebhookBody(Webhook, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address that is told of events; unknown fields are refused."""


class CallTimeBody(CallTime, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours in which customers may be called; unknown fields are refused."""


class UserGroupBody(UserGroup, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of users; unknown fields are refused."""


class _SiteController(Controller):
    """List, add, read, replace and remove the things of one kind."""

    tags = ("site",)
    kind: ClassVar[type[SiteItem]]
    action: ClassVar[str]
    removal: ClassVar[str] = ""
    """The right to remove one, if it is another."""

    @get("/", opt={"right": "site.read"}, summary="List")
    async def list_items(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[ItemView]:
        """Those that the caller's group may see, by key."""
        found = await full_page(
            lambda last: services.site.list(self.kind, after=last, limit=limit),
            lambda item: self._visible(request, services, item),
            lambda item: item.key,
            cursor,
            limit,
        )
        after = found[limit - 1].key if len(found) > limit else None
        return linked(request, services, found[:limit], after)

    @post("/", summary="Add")
    async def add_item(
        self, request: Asked, services: NamedDependency[Services], data: JSONBody[ItemBody]
    ) -> ItemView:
        """409 if there is one of this key."""
        self._authorize(request, services, self.action, data)
        check_signed(services, data)
        check_custom_fields(request.user, self.action, None, data)
        await services.site.add(_plain(self.kind, data))
        return data

    @get("/{key:str}", opt={"right": "site.read"}, summary="Read")
    async def get_item(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> ItemView:
        """One of the kind."""
        found = await services.site.get(self.kind, key)
        if found is None:
            self._authorize_key(request, services, "site.read", key)
            raise NoSuchItem(self.kind.kind, key)
        self._authorize(request, services, "site.read", found)
        return found

    @put("/{key:str}", summary="Replace")
    async def put_item(
        self, request: Asked, services: NamedDependency[Services], key: KeyPath, data: JSONBody[ItemBody]
    ) -> Response[ItemView]:
        """Make the one of this key equal to the body, or add it (201)."""
        found = await self._authorize_stored(request, services, self.action, key)
        if data.key != key:
            raise InvalidInput("the key in the body is not the one in the path", field=self.kind.key_field)
        self._authorize(request, services, self.action, data)
        check_signed(services, data)
        check_custom_fields(request.user, self.action, found, data)
        new = await services.site.put(_plain(self.kind, data)) is None
        await _leave_hopper(services, found, data)
        return Response(data, status_code=201 if new else 200)

    @delete("/{key:str}", summary="Remove")
    async def remove_item(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> None:
        """409 while something refers to it."""
        await self._authorize_stored(request, services, self.removal or self.action, key)
        await services.site.remove(self.kind, key)

    async def _authorize_stored(
        self, request: Asked, services: Services, action: str, key: str
    ) -> SiteItem | None:
        """What is there under this key, if something is, and the caller may change it (`Forbidden`)."""
        found = await services.site.get(self.kind, key)
        if found is None:
            self._authorize_key(request, services, action, key)
        else:
            self._authorize(request, services, action, found)
        return found

    def _authorize_key(self, request: Asked, services: Services, action: str, key: str) -> None:
        if self.kind is LeadList:
            services.access.check_limits(request.user, action, lead_list=list_of_key(key))
        services.access.authorize(request.user, action, campaign=key if self.kind is Campaign else None)

    def _authorize(self, request: Asked, services: Services, action: str, item: SiteItem) -> None:
        """By the campaign that a thing belongs to; a group of users may do no more than the caller's own."""
        if isinstance(item, LeadList):  # one of no campaign is for those who see every campaign
            services.access.check_limits(request.user, action, lead_list=item.id)
            services.access.authorize(request.user, action, campaign=item.campaign)
            return
        if isinstance(item, Webhook):
            check_webhook(services, request.user, action, item)
            return
        match item:
            case Campaign():
                campaign = item.id
            case Did():
                campaign = item.campaign
            case _:
                campaign = ""
        services.access.authorize(request.user, action, campaign=campaign or None)
        if isinstance(item, UserGroup) and not _may_see(request.user, item):
            raise NotAllowed("this group may do more than your own", rule="group")

    def _visible(self, request: Asked, services: Services, item: SiteItem) -> bool:
        try:
            self._authorize(request, services, "site.read", item)
        except (Forbidden, NotAllowed):
            return False
        return True


async def _leave_hopper(services: Services, old: SiteItem | None, new: SiteItem) -> None:
    if isinstance(old, LeadList) and isinstance(new, LeadList) and leaves_hopper(old, new, datetime.now(UTC)):
        await services.list_desk.leave_hopper(old.id, old.campaign)


def _may_see(principal: Principal, group: UserGroup) -> bool:
    scope = principal.scope
    return scope is not None and group.name in scope.groups and is_within(scope_of(group), scope)


def _plain(kind: type[SiteItem], body: SiteItem) -> SiteItem:
    return kind(**{field.name: getattr(body, field.name) for field in msgspec.structs.fields(kind)})


SITE_BODIES = (
    CampaignBody,
    PhoneBody,
    PhoneAliasBody,
    TrunkBody,
    DidBody,
    InGroupBody,
    GroupAliasBody,
    CallerIdGroupBody,
    OwnNumberBody,
    CallTimeBody,
    UserGroupBody,
    LeadListBody,
    WebhookBody,
)


def _controller(
    path: str, kind: type[SiteItem], body: type[SiteItem], action: str, removal: str = ""
) -> type[_SiteController]:
    fields = {
        "removal": removal,
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
    _controller("/site/phonealiases", PhoneAlias, PhoneAliasBody, "site.phonealias"),
    _controller("/site/trunks", Trunk, TrunkBody, "site.trunk"),
    _controller("/site/dids", Did, DidBody, "site.did"),
    _controller("/site/ingroups", InGroup, InGroupBody, "site.ingroup"),
    _controller("/site/groupaliases", GroupAlias, GroupAliasBody, "site.groupalias"),
    _controller("/site/cidgroups", CallerIdGroup, CallerIdGroupBody, "site.cidgroup"),
    _controller("/site/webhooks", Webhook, WebhookBody, "site.webhook"),
    _controller("/site/ownnumbers", OwnNumber, OwnNumberBody, "site.ownnumber"),
    _controller("/site/calltimes", CallTime, CallTimeBody, "site.calltime"),
    _controller("/site/usergroups", UserGroup, UserGroupBody, "site.usergroup"),
    _controller("/site/lists", LeadList, LeadListBody, "site.list", "site.list.remove"),
)
