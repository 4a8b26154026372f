"""`/v1/site/apiusers/{user}/keys`: the keys of one API user, each shown once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Example
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from bridge.access.errors import NoSuchUser
from bridge.access.keys import OVERLAP, Key
from bridge.access.model import Principal, PrincipalKind
from bridge.api.giving import check_above, sees
from bridge.api.rest.fields import MOMENT, Limit, UserPath
from bridge.api.rest.models import Body
from bridge.api.rest.paging import Cursor, moment, page
from bridge.services import Services

Asked = Request[Principal, Any, Any]
_Id = Annotated[
    str,
    PathParameter(
        pattern=r"^[A-Za-z0-9_]{1,40}$(?!\n)",
        description="Its first characters.",
        examples=[Example(value="abk_4fT9x2Qa")],
    ),
]


class KeyBody(Body, frozen=True, kw_only=True):
    """A key to be made."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$(?!\n)", examples=["web form"])]
    """Where it is used."""
    expires_at: Annotated[str, Meta(pattern=MOMENT, examples=["2027-11-24T00:00:00Z"])] | None = None
    """When it ends by itself; left out: never."""


class ReplaceBody(Body, frozen=True, kw_only=True):
    """How long the old key is good beside the new one."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=2_592_000)] = int(OVERLAP.total_seconds())


KEY_BODIES = (KeyBody, ReplaceBody)
"""Bodies of these routes."""


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key, without what it opens."""

    id: str
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""
    last_used_from: str

    @classmethod
    def of(cls, key: Key) -> KeyView:
        """The view of a key."""
        return cls(**{name: getattr(key, name) for name in cls.__struct_fields__})


class NewKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key and its token, this once."""

    key: KeyView
    token: str


class KeyController(Controller):
    """List, make, replace and revoke."""

    path = "/site/apiusers/{user:str}/keys"
    tags = ("site",)
    opt: Mapping[str, Any] | None = {"right": "users.write"}

    @get("/", opt={"right": "users.read"}, summary="List its keys")
    async def list_keys(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        cursor: Cursor = "",
        limit: Limit = 100,
    ) -> list[KeyView]:
        """Those that it has and had, the oldest first."""
        await _known(request, services, user)
        found = await services.access.keys.of_user(user)
        ids = [key.id for key in found]
        rest = found[ids.index(cursor) + 1 if cursor in ids else 0 :][: limit + 1]
        return page(request, services, rest, limit=limit, key=lambda key: key.id, view=KeyView)

    @post("/", summary="Make a key")
    async def make_key(
        self, request: Asked, services: NamedDependency[Services], user: UserPath, data: JSONBody[KeyBody]
    ) -> NewKeyView:
        """The token cannot be read again. At most 20 are good at the same time."""
        check_above(services, request.user, await _known(request, services, user))
        ends = moment(data.expires_at, "expires_at")
        made = await services.access.new_key(user, data.name, ends)
        return NewKeyView(key=KeyView.of(made.key), token=made.token)

    @post("/{key_id:str}/replace", summary="Replace a key")
    async def replace_key(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        key_id: _Id,
        data: JSONBody[ReplaceBody],
    ) -> NewKeyView:
        """A new key of the same name; the old one is good for a day (or as asked), and no longer."""
        check_above(services, request.user, await _known(request, services, user))
        overlap = timedelta(seconds=data.overlap_seconds)
        made = await services.access.keys.replace(user, key_id, overlap)
        return NewKeyView(key=KeyView.of(made.key), token=made.token)

    @delete("/{key_id:str}", status_code=200, summary="Revoke a key")
    async def revoke_key(
        self, request: Asked, services: NamedDependency[Services], user: UserPath, key_id: _Id
    ) -> KeyView:
        """It ends at once; the user's other keys and its secret stay."""
        check_above(services, request.user, await _known(request, services, user))
        return KeyView.of(await services.access.keys.revoke(user, key_id))


async def _known(request: Asked, services: Services, user: str) -> Principal:
    found = await services.access.principal(user)
    if found is None or found.kind is not PrincipalKind.API or not sees(request.user, found.group):
        raise NoSuchUser(user)
    return found
