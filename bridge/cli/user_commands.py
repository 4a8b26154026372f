"""The commands that are the same for agents and API users."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
import typer

from bridge.access.limits import limits_to_store
from bridge.access.model import Principal, PrincipalKind
from bridge.access.service import PAGE
from bridge.admin.audit_commands import ListUsage, ShowUsage
from bridge.admin.user_commands import (
    ListUsers,
    NewSecret,
    RemoveUser,
    SetActive,
    ShowUser,
    Unlock,
    UserCommand,
)
from bridge.audit.model import Usage
from bridge.cli.output import print_fields, print_json, print_rows
from bridge.cli.run import run
from bridge.cli.secrets import AskSecret, SecretFile, SecretStdin, given_secret
from bridge.cli.site_items import Json

Name = Annotated[str, typer.Argument(metavar="NAME", help="2 to 20 letters, digits, '-' or '_'.")]

_COLUMNS = (
    *("user", "name", "group", "level", "active", "stopped", "functions", "limits", "crm_id", "phone"),
    "locked_until",
)


_OF_USE = ("use", "last_used", "last_address")


class Users(NamedTuple):
    """One of the two groups of commands."""

    app: typer.Typer
    what: str
    kinds: frozenset[PrincipalKind]
    example: str
    usage: bool = False
    """Whether it is told what they make of their functions."""

    def epilog(self, command: str) -> str:
        """An example of one of its commands."""
        return f"Example: agent-bridge {self.what} {command} {self.example}"


def shown(principal: Principal) -> dict[str, Any]:
    """A user as it is printed; there is no secret in it."""
    fields: dict[str, Any] = msgspec.to_builtins(principal)
    del fields["scope"], fields["key"], fields["console"]
    return fields | {"limits": limits_to_store(principal.limits)}


def add_commands(users: Users) -> None:
    """All of them."""
    _reading(users)
    kinds = users.kinds
    _command(
        users,
        "remove",
        f"Remove one {users.what}.",
        "removed",
        lambda user: RemoveUser(user=user, kinds=kinds),
    )
    _command(
        users,
        "disable",
        "Switch it off at once.",
        "disabled",
        lambda user: SetActive(user=user, kinds=kinds, active=False),
    )
    _command(
        users,
        "enable",
        "Switch it on again, also after it was stopped.",
        "enabled",
        lambda user: SetActive(user=user, kinds=kinds, active=True),
    )
    _command(
        users,
        "unlock",
        "Forget wrong secrets: ten from one address lock that address out for 15 minutes.",
        "unlocked",
        lambda user: Unlock(user=user, kinds=kinds),
    )
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
        found = [shown(user) for user in run(ListUsers(kinds=users.kinds, after=after, limit=limit))]
        if users.usage:
            usage = run(ListUsage(kinds=users.kinds, after=after, limit=limit))
            of = {each.user: each for each in usage}
            found = [user | _use(of.get(user["user"]), json=json) for user in found]
        if json:
            print_json(found)
            return
        columns = _COLUMNS + (_OF_USE if users.usage else ())
        rows = ([user.get(column) for column in columns] for user in found)
        print_rows(columns, rows, f"no {what} yet: agent-bridge {what} add --help")

    @users.app.command("show", help=f"Show one {what}.", epilog=users.epilog("show"))
    def show_user(user: Name, *, json: Json = False) -> None:
        found = shown(run(ShowUser(user=user, kinds=users.kinds)))
        if users.usage:
            found |= _use(run(ShowUsage(user=user, kinds=users.kinds)), json=json)
        (print_json if json else print_fields)(found)


def _use(usage: Usage | None, *, json: bool) -> dict[str, Any]:
    """What it makes of its functions, as it is printed; nothing, if it was made this moment."""
    if usage is None:
        return {}
    if json:
        return {"usage": msgspec.to_builtins(usage)}
    return {
        "use": f"has {usage.rights}, used {usage.used} in {usage.days} days",
        "unused": usage.unused,
        "last_used": usage.last_used,
        "last_address": usage.last_address,
    }


def _command(
    users: Users, name: str, text: str, done: str, command: Callable[[str], UserCommand[None]]
) -> None:
    @users.app.command(name, help=text, epilog=users.epilog(name))
    def change_user(user: Name, *, json: Json = False) -> None:
        run(command(user))
        if json:
            print_json({"user": user, "done": done})
        else:
            typer.echo(f"{done} {users.what} {user}")


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
        secret = run(NewSecret(user=user, kinds=users.kinds, secret=given))
        if json:
            print_json({"user": user} | ({} if given else {"secret": secret}))
        else:
            typer.echo(f"secret: {secret}" if given is None else f"changed the secret of {users.what} {user}")
