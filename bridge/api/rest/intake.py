"""`/v1/site/intake` and `/v1/intake`: keys of web forms, and what came in by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from msgspec import Meta

from bridge.access.errors import Forbidden
from bridge.access.model import Principal
from bridge.access.names import ALL, All
from bridge.api.recording_links import base_of
from bridge.api.rest.fields import KeyPath, Limit
from bridge.api.rest.models import Body
from bridge.api.rest.paging import Cursor, full_page, linked, page
from bridge.campaigns.errors import InvalidField, NoSuchItem
from bridge.errors import InvalidInput, NotFound
from bridge.intake.model import Entry, IntakeKey, Outcome
from bridge.leads.model import LeadList
from bridge.services import Services

Asked = Request[Principal, Any, Any]

PostPath = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The post's id.")]


class IntakeBody(IntakeKey, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key of a web form; unknown fields are refused."""


class RotateBody(Body, frozen=True, kw_only=True):
    """How long the old tokens stay good."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=90 * 86_400)] = 0


INTAKE_BODIES = (IntakeBody, RotateBody)


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token, this once."""

    name: str
    token: str
    url: str
    """Where the form posts."""


class PostView(msgspec.Struct, frozen=True, kw_only=True):
    """A post, without what was posted."""

    id: int
    at: datetime
    outcome: Outcome
    reason: str
    lead_id: int | None
    number: str
    address: str
    user_agent: str
    content_type: str
    size: int

    @classmethod
    def of(cls, entry: Entry) -> PostView:
        """The view of a post."""
        return cls(**{name: getattr(entry, name) for name in PostView.__struct_fields__})


class WholePost(PostView, frozen=True, kw_only=True):
    """A post with its body: personal data."""

    body: str
    """As text; bytes that are not UTF-8 are shown as `U+FFFD`."""


class IntakeKeyController(Controller):
    """Keys."""

    path = "/site/intake"
    tags = ("site",)

    @get("/", opt={"right": "site.read"}, summary="List")
    async def list_keys(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[IntakeKey]:
        """Those whose list is of a campaign that the caller's group may see, by name."""

        async def read(last: str) -> Sequence[tuple[IntakeKey, str | None]]:
            keys = await services.site.list(IntakeKey, after=last, limit=limit)
            return [(key, await _campaign(services, key)) for key in keys]

        def visible(found: tuple[IntakeKey, str | None]) -> bool:
            try:
                _check(request, services, "site.read", *found)
            except Forbidden:
                return False
            return True

        found = await full_page(read, visible, lambda found: found[0].name, cursor, limit)
        after = found[limit - 1][0].name if len(found) > limit else None
        return linked(request, services, [key for key, _ in found[:limit]], after)

    @post("/", opt={"right": "site.intake"}, summary="Add")
    async def add_key(
        self, request: Asked, services: NamedDependency[Services], data: JSONBody[IntakeBody]
    ) -> NewToken:
        """Make a key; its token is shown this once, and kept as a hash."""
        key = _plain(data)
        await _authorize(request, services, "site.intake", key)
        await _check_name(request, services, key.name)
        return _told(request, services, key.name, await services.intake_keys.add(key))

    @get("/{key:str}", opt={"right": "site.read"}, summary="Read")
    async def get_key(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> IntakeKey:
        """One key; never its token."""
        return await _known(request, services, "site.read", key)

    @put("/{key:str}", opt={"right": "site.intake"}, summary="Change")
    async def put_key(
        self, request: Asked, services: NamedDependency[Services], key: KeyPath, data: JSONBody[IntakeBody]
    ) -> IntakeKey:
        """Write all fields; the tokens stay. `active=false` shuts it at once."""
        await _known(request, services, "site.intake", key)
        if data.name != key:
            raise InvalidInput("the name in the body is not the one in the path", field="name")
        changed = _plain(data)
        await _authorize(request, services, "site.intake", changed)
        await services.site.put(changed)
        return changed

    @post("/{key:str}/token", opt={"right": "site.intake"}, summary="Make a new token")
    async def new_token(
        self,
        request: Asked,
        services: NamedDependency[Services],
        key: KeyPath,
        data: JSONBody[RotateBody | None] = None,
    ) -> NewToken:
        """The old tokens end at once, or after the overlap."""
        await _known(request, services, "site.intake", key)
        overlap = timedelta(seconds=data.overlap_seconds if data else 0)
        return _told(request, services, key, await services.intake_keys.rotate(key, overlap))

    @delete("/{key:str}", opt={"right": "site.intake"}, summary="Remove")
    async def remove_key(self, request: Asked, services: NamedDependency[Services], key: KeyPath) -> None:
        """It is gone for good, with its tokens; what came in by it is kept for its time."""
        await _known(request, services, "site.intake", key)
        await services.site.remove(IntakeKey, key)


class PostController(Controller):
    """What came in."""

    path = "/intake/{key:str}/posts"
    tags = ("site",)

    @get("/", opt={"right": "leads.get"}, summary="What came in by a key, newest first")
    async def list_posts(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        key: KeyPath,
        outcome: Annotated[Outcome | None, QueryParameter(description="Only these.")] = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[PostView]:
        """What became of each post, with the reason; `Link` leads to the next page."""
        await _authorize_posts(request, services, key)
        found = await services.intake_keys.posts(
            key, outcomes=[outcome] if outcome else [], before=_number(cursor), limit=limit + 1
        )
        return page(request, services, found, limit=limit, key=lambda one: str(one.id), view=PostView)

    @get("/{post_id:int}", opt={"right": "leads.get"}, summary="One post, with its body")
    async def get_post(
        self, request: Asked, services: NamedDependency[Services], key: KeyPath, post_id: PostPath
    ) -> WholePost:
        """As it was sent."""
        await _authorize_posts(request, services, key)
        found = await services.intake_keys.post(post_id)
        if found is None or found.key != key:
            raise NotFound("There is no such post", post=str(post_id))
        values = msgspec.structs.asdict(PostView.of(found))
        return WholePost(**values, body=found.body.decode("utf-8", "replace"))


async def _campaign(services: Services, key: IntakeKey) -> str | None:
    found = await services.site.get(LeadList, str(key.list_id))
    return (found.campaign if found else "") or None


async def _authorize(request: Asked, services: Services, action: str, key: IntakeKey) -> None:
    _check(request, services, action, key, await _campaign(services, key))


def _check(request: Asked, services: Services, action: str, key: IntakeKey, campaign: str | None) -> None:
    """By the campaign of its list, and by the list itself."""
    services.access.authorize(request.user, action, campaign=campaign)
    services.access.check_limits(request.user, action, lead_list=key.list_id)


async def _known(request: Asked, services: Services, action: str, name: str) -> IntakeKey:
    found = await services.intake_keys.known(name)
    await _authorize(request, services, action, found)
    return found


async def _authorize_posts(request: Asked, services: Services, name: str) -> None:
    """Of a key that is gone nobody knows the campaign: who may see all sees its posts."""
    found = await services.site.get(IntakeKey, name)
    if found is not None:
        await _authorize(request, services, "leads.get", found)
        return
    services.access.check_limits(request.user, "leads.get", lead_list=ALL)
    if not _sees_all_campaigns(request):
        raise NoSuchItem(IntakeKey.kind, name)


async def _check_name(request: Asked, services: Services, name: str) -> None:
    """Posts are known by the name of their key: another one of that name would open those of the old one."""
    everything = _sees_all_campaigns(request) and isinstance(request.user.limits.lists, All)
    if everything or await services.site.get(IntakeKey, name) is not None:
        return
    if await services.intake_keys.posts(name, limit=1):
        raise InvalidField("name", f"{name!r} had another key whose posts are still kept: take another name")


def _sees_all_campaigns(request: Asked) -> bool:
    return request.user.scope is not None and isinstance(request.user.scope.campaigns, All)


def _plain(body: IntakeKey) -> IntakeKey:
    return IntakeKey(**{field.name: getattr(body, field.name) for field in msgspec.structs.fields(IntakeKey)})


def _told(request: Asked, services: Services, name: str, token: str) -> NewToken:
    return NewToken(name=name, token=token, url=f"{base_of(request, services)}/in/{token}")


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isdecimal() or len(cursor) > 18:
        raise InvalidInput("it is none of ours", field="cursor")
    return int(cursor)
