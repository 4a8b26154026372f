"""The commands that are the same for agents and API users."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from bridge.access.errors import NoSuchUser
from bridge.access.model import Principal, PrincipalKind
from bridge.access.service import PAGE
from bridge.cli.output import print_fields, print_json, print_rows
from bridge.cli.parts import Parts, run
from bridge.cli.secrets import AskSecret, SecretFile, SecretStdin, given_secret
from bridge.cli.site import Json

Name = Annotated[str, typer.Argument(metavar="NAME", help="2 to 20 letters, digits, '-' or '_'.")]

_COLUMNS = ("user", "name", "group", "level", "active", "functions", "crm_id", "phone", "locked_until")


class Users(NamedTuple):
    """One of the two groups of commands."""

    app: typer.Typer
    what: str
    kinds: frozenset[PrincipalKind]
    example: str

    def epilog(self, command: str) -> str:
        """An example of one of its commands."""
        return f"Example: agent-bridge {self.what} {command} {self.example}"

    async def known(self, parts: Parts, user: str) -> Principal:
        """The user, if it is one of these."""
        principal = await parts.access.principal(user)
        if principal is None or principal.kind not in self.kinds:
            raise NoSuchUser(user)
        return principal


def shown(principal: Principal) -> dict[str, Any]:
    """A user as it is printed; there is no secret in it."""
    fields: dict[str, Any] = msgspec.to_builtins(principal)
    del fields["scope"]
    return fields


def add_commands(users: Users) -> None:
    """All of them."""
    _reading(users)
    _command(users, "remove", f"Remove one {users.what}.", "removed", _remove)
    _command(users, "disable", "Switch it off at once.", "disabled", _disable)
    _command(users, "enable", "Switch it on again.", "enabled", _enable)
    _command(users, "unlock", "End the 15 minutes after ten wrong secrets.", "unlocked", _unlock)
    _secret(users)


def _reading(users: Users) -> None:
    what = users.what

    @users.app.command("list", help=f"List each {what}.", epilog=f"Example: agent-bridge {what} list --json")
    def list_users(
        *,
        after: Annotated[str, typer.Option(help="Begin behind this one.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = PAGE,
        json: Json = False,
    ) -> None:
        found = run(lambda parts: parts.access.users(users.kinds, after=after, limit=limit))
        if json:
            print_json([shown(user) for user in found])
            return
        rows = ([shown(user)[column] for column in _COLUMNS] for user in found)
        print_rows(_COLUMNS, rows, f"no {what} yet: agent-bridge {what} add --help")

    @users.app.command("show", help=f"Show one {what}.", epilog=users.epilog("show"))
    def show_user(user: Name, *, json: Json = False) -> None:
        principal = run(lambda parts: users.known(parts, user))
        (print_json if json else print_fields)(shown(principal))


def _command(
    users: Users, name: str, text: str, done: str, action: Callable[[Parts, str], Awaitable[object]]
) -> None:
    @users.app.command(name, help=text, epilog=users.epilog(name))
    def change_user(user: Name, *, json: Json = False) -> None:
        async def work(parts: Parts) -> None:
            await users.known(parts, user)
            await action(parts, user)

        run(work)
        if json:
            print_json({"user": user, "done": done})
        else:
            typer.echo(f"{done} {users.what} {user}")


async def _remove(parts: Parts, user: str) -> None:
    await parts.access.remove(user)


async def _disable(parts: Parts, user: str) -> None:
    await parts.access.set_active(user, active=False)


async def _enable(parts: Parts, user: str) -> None:
    await parts.access.set_active(user, active=True)


async def _unlock(parts: Parts, user: str) -> None:
    await parts.access.unlock(user)


def _secret(users: Users) -> None:
    @users.app.command("secret", epilog=users.epilog("secret"))
    def set_secret(
        user: Name,
        *,
        ask_secret: AskSecret = False,
        secret_stdin: SecretStdin = False,
        secret_file: SecretFile = None,
        json: Json = False,
    ) -> None:
        """Give it a new secret, shown once; the old one ends at once."""
        given = given_secret(ask=ask_secret, stdin=secret_stdin, file=secret_file)

        async def work(parts: Parts) -> str:
            await users.known(parts, user)
            return await parts.access.new_secret(user, given)

        secret = run(work)
        if json:
            print_json({"user": user} | ({} if given else {"secret": secret}))
        else:
            typer.echo(f"secret: {secret}" if given is None else f"changed the secret of {users.what} {user}")
