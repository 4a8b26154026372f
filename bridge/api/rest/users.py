"""`/v1/site/agents` and `/v1/site/apiusers`: who may, and their secrets, which are shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.console_model import LONGEST_PASSWORD, SHORTEST_PASSWORD
from bridge.access.errors import NoSuchUser
from bridge.access.limits import Limits
from bridge.access.model import RIGHTS, Principal, PrincipalKind, UserSpec
from bridge.access.names import All, Names
from bridge.access.rights import FUNCTIONS
from bridge.api.giving import check_above, check_gives, check_lets_in, is_visible
from bridge.api.rest.fields import Limit, UserPath
from bridge.api.rest.models import Body
from bridge.api.rest.paging import Cursor, full_page, page
from bridge.audit.model import Usage
from bridge.errors import InvalidInput
from bridge.services import Services
from bridge.tables import near

Asked = Request[Principal, Any, Any]


class UserBody(Body, frozen=True, kw_only=True):
    """What an administrator decides about a user."""

    user: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{2,20}$(?!\n)", examples=["1000"])]
    name: Annotated[str, Meta(max_length=50)] = ""
    group: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,20}$(?!\n)")] = "ADMIN"
    level: Annotated[int, Meta(ge=0, le=9)] = 1
    active: bool = True
    api_access: bool = False
    functions: Names = frozenset()
    """Functions of the API that it may call, or `ALL`."""
    rights: Annotated[
        Mapping[str, int], Meta(extra_json_schema={"propertyNames": {"enum": sorted(RIGHTS)}})
    ] = {}
    crm_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{0,100}$(?!\n)")] = ""
    manual_dial: bool = True
    phone: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,40}$(?!\n)")] = ""
    limits: Limits = Limits()
    remote: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,20}$(?!\n)")] = ""
    """Campaign of a remote agent, who is switched on and off from outside; empty: she is none."""


class PasswordBody(Body, frozen=True, kw_only=True):
    """A password of an agent's page."""

    password: Annotated[
        str, Meta(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD, examples=["correct horse"])
    ]


class UserView(msgspec.Struct, frozen=True, kw_only=True):
    """A user; never its secret."""

    user: str
    kind: str
    name: str
    group: str
    level: int
    active: bool
    api_access: bool
    functions: Names
    rights: Mapping[str, int]
    crm_id: str
    manual_dial: bool
    phone: str
    limits: Limits
    remote: str
    line_settings: Mapping[str, str]
    stopped: str
    """Why it was stopped by a breach of its limits; empty: it was not."""
    has_secret: bool

    @classmethod
    def of(cls, principal: Principal) -> UserView:
        """The view of a user."""
        return cls(**{name: getattr(principal, name) for name in cls.__struct_fields__})


class NewSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A secret, this once."""

    user: str
    secret: str


_KEPT: Final = ("team", "queues", "line_settings")
"""What is set elsewhere."""


class _UserController(Controller):
    """List, add, read, change and remove the users of one kind."""

    tags = ("site",)
    kind: ClassVar[PrincipalKind]
    opt: Mapping[str, Any] | None = {"right": "users.write"}

    @get("/", opt={"right": "users.read"}, summary="List")
    async def list_users(
        self, request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
    ) -> list[UserView]:
        """Those whose group the caller's group sees, by name."""
        found = await full_page(
            lambda last: services.access.users([self.kind], after=last, limit=limit),
            lambda user: is_visible(request.user, user),
            lambda user: user.user,
            cursor,
            limit,
        )
        return page(request, services, found, limit=limit, key=lambda user: user.user, view=UserView)

    @post("/", summary="Add")
    async def add_user(
        self, request: Asked, services: NamedDependency[Services], data: JSONBody[UserBody]
    ) -> UserView:
        """The user has no secret yet: `POST …/{user}/secret` makes one."""
        spec = self._spec(data)
        await check_gives(services, request.user, spec)
        return UserView.of(await services.access.create(spec))

    @get("/{user:str}", opt={"right": "users.read"}, summary="Read")
    async def get_user(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> UserView:
        """One user of this kind."""
        return UserView.of(await self._known(request, services, user))

    @put("/{user:str}", summary="Change")
    async def change_user(
        self, request: Asked, services: NamedDependency[Services], user: UserPath, data: JSONBody[UserBody]
    ) -> UserView:
        """Write all fields; the secret, team, in-groups and settings of the line format stay."""
        if data.user != user:
            raise InvalidInput("the name in the body is not the one in the path", field="user")
        known = await self._known(request, services, user)
        check_above(services, request.user, known)
        spec = self._spec(data)
        await check_gives(services, request.user, spec)
        kept = {name: getattr(known, name) for name in _KEPT}
        spec = msgspec.structs.replace(spec, **kept)
        return UserView.of(await services.access.change(spec))

    @post("/{user:str}/secret", summary="Make a new secret")
    async def new_secret(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> NewSecret:
        """The old secret ends at once. The new one cannot be read again."""
        check_above(services, request.user, await self._known(request, services, user))
        return NewSecret(user=user, secret=await services.access.new_secret(user))

    @post("/{user:str}/enable", status_code=200, summary="Switch on again")
    async def enable_user(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> UserView:
        """Also one that was stopped by a breach of its limits."""
        check_above(services, request.user, await self._known(request, services, user))
        return UserView.of(await services.access.set_active(user, active=True))

    @delete("/{user:str}", summary="Remove")
    async def remove_user(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> None:
        """It is gone for good; `active=false` only shuts it out."""
        check_above(services, request.user, await self._known(request, services, user))
        await services.access.remove(user)

    async def _known(self, request: Asked, services: Services, user: str) -> Principal:
        found = await services.access.principal(user)
        if found is None or found.kind is not self.kind or not is_visible(request.user, found):
            raise NoSuchUser(user)
        return found

    def _spec(self, body: UserBody) -> UserSpec:
        _check_known(body.functions)
        values = {name: getattr(body, name) for name in body.__struct_fields__}
        return UserSpec(kind=self.kind, **values)


class AgentUserController(_UserController):
    """Agents."""

    path = "/site/agents"
    kind = PrincipalKind.AGENT

    @post("/{user:str}/password", status_code=204, summary="Set the password of her page")
    async def set_password(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PasswordBody],
    ) -> None:
        """It logs in to the console and to nothing else; whoever is logged in there is logged out."""
        check_above(services, request.user, await self._known(request, services, user))
        check_lets_in(request.user)
        await services.access.console.set_password(user, data.password)


class ApiUserController(_UserController):
    """Programs that use the API."""

    path = "/site/apiusers"
    kind = PrincipalKind.API

    @get("/{user:str}/usage", opt={"right": "users.read"}, summary="What it makes of its functions")
    async def get_usage(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> Usage:
        """Which functions it has used within 90 days, when and from where; the rest it may not need."""
        return (await services.audit.usage([await self._known(request, services, user)]))[0]


def _check_known(functions: Names) -> None:
    """A misspelt function would be a right that nobody misses until it is needed."""
    for name in sorted(() if isinstance(functions, All) else functions - FUNCTIONS):
        raise InvalidInput(f"there is no function {name[:40]!r}{near(name, FUNCTIONS)}", field="functions")
