"""`agent-bridge apiuser key`: several keys for one program, to be changed one at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
import typer

from bridge.access.keys import OVERLAP, NewKey
from bridge.admin.key_commands import ListKeys, MakeKey, ReplaceKey, RevokeKey
from bridge.cli.output import print_json, print_rows
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.cli.user_commands import Name

key = typer.Typer(
    no_args_is_help=True,
    help="Keys of API users: for `Authorization: Bearer`, or in place of the secret. Each is shown once.",
)

_Key = Annotated[str, typer.Argument(metavar="KEY", help="Its first characters (abk_4fT9x2Qa), or its name.")]
_COLUMNS = ("id", "name", "created_at", "expires_at", "revoked_at", "last_used_at", "last_used_from")


@key.command("add", epilog="Example: agent-bridge apiuser key add crm --name 'web form' --days 365")
def add_key(
    user: Name,
    *,
    name: Annotated[str, typer.Option(help="Where it is used.")],
    days: Annotated[
        float | None, typer.Option(min=0.001, max=36_500, help="Days until it ends by itself; else never.")
    ] = None,
    json: Json = False,
) -> None:
    """Give an API user one more key."""
    ends = None if days is None else datetime.now(UTC) + timedelta(days=days)
    _show(run(MakeKey(user=user, name=name, expires_at=ends)), json=json)


@key.command("list", epilog="Example: agent-bridge apiuser key list crm --json")
def list_keys(user: Name, *, json: Json = False) -> None:
    """List the keys that an API user has and had, with their last use."""
    found = run(ListKeys(user=user))
    if json:
        print_json(found)
        return
    rows: list[list[Any]] = [[getattr(one, column) for column in _COLUMNS] for one in found]
    print_rows(_COLUMNS, rows, f"no keys yet: agent-bridge apiuser key add {user} --name 'web form'")


@key.command("replace", epilog="Example: agent-bridge apiuser key replace crm 'web form' --hours 24")
def replace_key(
    user: Name,
    key: _Key,
    *,
    hours: Annotated[
        float, typer.Option(min=0, max=720, help="Hours that the old one is good beside it.")
    ] = OVERLAP.total_seconds() / 3600,
    json: Json = False,
) -> None:
    """Make a new key of the same name; the old one is good a while longer."""
    _show(run(ReplaceKey(user=user, key=key, overlap_seconds=round(hours * 3600))), json=json)


@key.command("revoke", epilog="Example: agent-bridge apiuser key revoke crm abk_4fT9x2Qa")
def revoke_key(user: Name, key: _Key, *, json: Json = False) -> None:
    """End a key at once; the user's other keys and its secret stay."""
    done = run(RevokeKey(user=user, key=key))
    if json:
        print_json(done)
    else:
        typer.echo(f"revoked key {done.id} ({done.name}) of apiuser {user}")


def _show(made: NewKey, *, json: bool) -> None:
    if json:
        print_json(msgspec.to_builtins(made.key) | {"token": made.token})
        return
    typer.echo(f"made key {made.key.id} ({made.key.name}) of apiuser {made.key.user}")
    typer.echo(f"token: {made.token}")
    typer.echo("It is not shown again.", err=True)
