"""`/v1/site/agents` and `/v1/site/apiusers`: who may, and their secrets, which are shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Controller, Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.access.errors import NoSuchUser
from bridge.access.limits import Limits
from bridge.access.model import RIGHTS, Principal, PrincipalKind, UserSpec
from bridge.access.names import All, Names, names_within
from bridge.access.rights import FUNCTIONS
from bridge.api.rest.fields import Limit, UserPath
from bridge.api.rest.models import Body
from bridge.api.rest.paging import Cursor, full_page, page
from bridge.api.rest.reach import is_within, scope_of
from bridge.audit.model import Usage
from bridge.campaigns.model import UserGroup
from bridge.errors import InvalidInput, NotAllowed
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
            lambda user: self._visible(request.user, user),
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
        await _check_gives(services, request.user, data, self.kind)
        return UserView.of(await services.access.create(self._spec(data)))

    @get("/{user:str}", opt={"right": "users.read"}, summary="Read")
    async def get_user(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> UserView:
        """One user of this kind."""
        return UserView.of(await self._known(request, services, user))

    @put("/{user:str}", summary="Change")
    async def change_user(
        self, request: Asked, services: NamedDependency[Services], user: UserPath, data: JSONBody[UserBody]
    ) -> UserView:
        """Write all fields; the secret stays, and so do an agent's team and in-groups."""
        if data.user != user:
            raise InvalidInput("the name in the body is not the one in the path", field="user")
        known = await self._known(request, services, user)
        check_above(services, request.user, known)
        await _check_gives(services, request.user, data, self.kind)
        spec = msgspec.structs.replace(self._spec(data), team=known.team, queues=known.queues)
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
        if found is None or found.kind is not self.kind or not self._visible(request.user, found):
            raise NoSuchUser(user)
        return found

    def _visible(self, principal: Principal, user: Principal) -> bool:
        limited = self.kind is PrincipalKind.AGENT and user.user not in principal.limits.agents
        return sees(principal, user.group) and not limited

    def _spec(self, body: UserBody) -> UserSpec:
        values = {name: getattr(body, name) for name in body.__struct_fields__}
        return UserSpec(kind=self.kind, **values)


class AgentUserController(_UserController):
    """Agents."""

    path = "/site/agents"
    kind = PrincipalKind.AGENT


class ApiUserController(_UserController):
    """Programs that use the API."""

    path = "/site/apiusers"
    kind = PrincipalKind.API

    @get("/{user:str}/usage", opt={"right": "users.read"}, summary="What it makes of its functions")
    async def get_usage(self, request: Asked, services: NamedDependency[Services], user: UserPath) -> Usage:
        """Which functions it has used within 90 days, when and from where; the rest it may not need."""
        return (await services.audit.usage([await self._known(request, services, user)]))[0]


def sees(principal: Principal, group: str) -> bool:
    """Whether the principal's group sees this group."""
    return principal.scope is not None and group in principal.scope.groups


def check_above(services: Services, principal: Principal, other: Principal) -> None:
    """Nobody changes a user who may do more than she herself: with its secret she would be that user."""
    _check_reach(principal, other, services.options.country)
    _check_counted(principal, other, other.kind)
    if other.scope is not None and not is_within(other.scope, principal.scope):
        raise NotAllowed("the user's group may do more than your own", rule="group")


async def _check_gives(services: Services, principal: Principal, body: UserBody, kind: PrincipalKind) -> None:
    """Nobody gives what she has not: rights, limits as wide, a group that may do more than hers."""
    _check_known(body.functions)
    _check_reach(principal, body, services.options.country)
    _check_counted(principal, body, kind)
    if kind is PrincipalKind.AGENT:
        services.access.check_limits(principal, "users.write", agent=body.user)
    if not sees(principal, body.group):
        raise NotAllowed("your group does not see this group", rule="group")
    group = await services.site.get(UserGroup, body.group)
    if group is not None and not is_within(scope_of(group), principal.scope):
        raise NotAllowed("this group may do more than your own", rule="group")


def _check_known(functions: Names) -> None:
    """A misspelt function would be a right that nobody misses until it is needed."""
    for name in sorted(() if isinstance(functions, All) else functions - FUNCTIONS):
        raise InvalidInput(f"there is no function {name[:40]!r}{near(name, FUNCTIONS)}", field="functions")


def _check_reach(principal: Principal, other: Principal | UserBody, home: str) -> None:
    if other.level > principal.level:
        raise NotAllowed("the level is above your own", rule="level")
    if not names_within(other.functions, principal.functions):
        raise NotAllowed("you have not all of these functions yourself", rule="function")
    for name, value in other.rights.items():
        if name in RIGHTS and name != "api_list_restrict" and value > principal.right(name):
            raise NotAllowed("you have not this right yourself", rule="right", right=name)
    if field := other.limits.wider_than(principal.limits, home):
        raise NotAllowed(f"limits.{field} allows more than your own limits", rule="limits", limit=field)


def _check_counted(principal: Principal, other: Principal | UserBody, kind: PrincipalKind) -> None:
    """An API user gets round the limits of its calls by nobody: what they are for is to hold a thief.

    People are not held to countries, types of numbers and counts of calls. Each API user has a count of its
    own, which begins anew with a change, so one that is counted gives functions to none, itself included.
    """
    usable = other.api_access and other.functions != frozenset()
    if principal.kind is not PrincipalKind.API or not usable:
        return
    if kind is not PrincipalKind.API:
        raise NotAllowed("only a person lets people use functions of the API", rule="kind")
    for field in ("calls_per_hour", "calls_per_day", "calls_at_once"):
        if getattr(principal.limits, field) is not None:
            raise NotAllowed(
                f"another user would not count in your limits.{field}", rule="limits", limit=field
            )
