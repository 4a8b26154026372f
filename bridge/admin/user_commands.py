"""Commands about agents and API users."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from bridge.access.console_model import ConsoleLink
from bridge.access.errors import NoSuchUser
from bridge.access.limits import changed_limits
from bridge.access.model import Principal, PrincipalKind, UserSpec
from bridge.admin.command import Command, Limit, Parts, R, Reading
from bridge.audit.entry import Entry
from bridge.campaigns.model import UserGroup

EVERYTHING = UserGroup(name="ADMIN", title="All campaigns, sees all groups")
"""The group that API users get unless another is named; made with the first of them."""


class AddUser(Command[Principal], frozen=True, kw_only=True):
    """Make a user; with the first API user the group that it is in."""

    spec: UserSpec
    secret: str | None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"{type(self).__name__}({self.spec.user!r})"

    def tell(self, entry: Entry) -> None:
        """Who."""
        entry.on_user(self.spec.user)

    async def do(self, parts: Parts) -> Principal:
        """See `Command`."""
        made = await parts.access.create(self.spec, self.secret)
        is_default = self.spec.kind is PrincipalKind.API and self.spec.group == EVERYTHING.name
        if not is_default or made.scope is not None:
            return made
        await parts.site.put(EVERYTHING)
        return await parts.access.change(self.spec)


class ListUsers(Reading[list[Principal]], frozen=True, kw_only=True):
    """Users of some kinds in the order of their names."""

    kinds: frozenset[PrincipalKind]
    after: str
    limit: Limit

    async def do(self, parts: Parts) -> list[Principal]:
        """See `Command`."""
        return await parts.access.users(self.kinds, after=self.after, limit=self.limit)


class UserCommand(Command[R], frozen=True, kw_only=True):
    """A command about one user of some kinds: an agent is not found among the API users."""

    user: str
    kinds: frozenset[PrincipalKind]

    def tell(self, entry: Entry) -> None:
        """Who."""
        entry.on_user(self.user)

    async def known(self, parts: Parts) -> Principal:
        """The user.

        Raises:
            NoSuchUser: there is none of this name and of these kinds.
        """
        principal = await parts.access.principal(self.user, anew=True)
        if principal is None or principal.kind not in self.kinds:
            raise NoSuchUser(self.user)
        return principal


class ShowUser(UserCommand[Principal], frozen=True, kw_only=True):
    """One user."""

    @property
    def reads(self) -> bool:
        """It changes nothing."""
        return True

    async def do(self, parts: Parts) -> Principal:
        """See `Command`."""
        return await self.known(parts)


class RemoveUser(UserCommand[None], frozen=True, kw_only=True):
    """Delete a user."""

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await self.known(parts)
        await parts.access.remove(self.user)


class SetActive(UserCommand[None], frozen=True, kw_only=True):
    """Switch a user on or off."""

    active: bool

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await self.known(parts)
        await parts.access.set_active(self.user, active=self.active)


class SetLimits(UserCommand[Principal], frozen=True, kw_only=True):
    """Give a user other limits in some fields; the others stay."""

    change: Mapping[str, str]
    """As people write them; an empty text ends that limit."""

    async def do(self, parts: Parts) -> Principal:
        """See `Command`."""
        await self.known(parts)
        return await parts.access.set_limits(self.user, lambda limits: changed_limits(limits, self.change))


class Unlock(UserCommand[None], frozen=True, kw_only=True):
    """Forget a user's wrong secrets."""

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await self.known(parts)
        await parts.access.unlock(self.user)


class SetConsolePassword(UserCommand[None], frozen=True, kw_only=True):
    """Give an agent a password for her page."""

    password: str

    def __repr__(self) -> str:
        """Without the password."""
        return f"{type(self).__name__}({self.user!r})"

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await self.known(parts)
        await parts.access.console.set_password(self.user, self.password)


class MakeConsoleLink(UserCommand[ConsoleLink], frozen=True, kw_only=True):
    """A link by which an agent gets into her page once."""

    minutes: Annotated[int, Meta(ge=1)]

    async def do(self, parts: Parts) -> ConsoleLink:
        """See `Command`."""
        await self.known(parts)
        return await parts.access.console.make_link(self.user, timedelta(minutes=self.minutes))


class NewSecret(UserCommand[str], frozen=True, kw_only=True):
    """Give a user a secret, made here if none is given; the answer is the secret."""

    secret: str | None

    def __repr__(self) -> str:
        """Without the secret."""
        return f"{type(self).__name__}({self.user!r})"

    async def do(self, parts: Parts) -> str:
        """See `Command`."""
        await self.known(parts)
        return await parts.access.new_secret(self.user, self.secret)
