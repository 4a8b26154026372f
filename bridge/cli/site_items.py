"""What the commands about the things of a site have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

import typer

from bridge.admin.site_commands import AddItem, Item, ListItems, RemoveItem, ShowItem
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.service import PAGE
from bridge.campaigns.site_file import dump
from bridge.cli.output import print_fields, print_json, print_rows
from bridge.cli.run import run, said_in_one_line

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="Its id, login, name or number.")]
Replace = Annotated[bool, typer.Option("--replace", help="Make it so even if there is one already.")]
Inactive = Annotated[bool, typer.Option("--inactive", help="Set it up, but switched off.")]
StartCallUrl = Annotated[str, typer.Option(help="Address that is called when an agent has a call.")]
DispoCallUrl = Annotated[str, typer.Option(help="The same when an agent's call has its result.")]
NoAgentCallUrl = Annotated[str, typer.Option(help="The same when no agent had a call.")]
AddLeadUrl = Annotated[str, typer.Option(help="The same when a lead has come in.")]
Server = Annotated[str, typer.Option(help="Name of the Asterisk that has it; empty: the first one.")]


def add(make: Callable[[], SiteItem], *, replace: bool, json: bool) -> None:
    """Add what is made, or say in one line what is wrong with it."""
    with said_in_one_line():
        item = make()
    what = run(AddItem(item=Item.of(item), replace=replace))
    if json:
        print_json(dump(item))
    else:
        typer.echo(f"{what} {item.kind} {item.key}")


def pairs(option: str, words: Iterable[str], *, last: bool = False) -> dict[str, str]:
    """What `NAME=VALUE`, given several times, makes together; `last`: divided at its last `=`.

    Raises:
        InvalidField: one has no `=`.
    """
    found: dict[str, str] = {}
    for word in words:
        name, mark, value = word.rpartition("=") if last else word.partition("=")
        if not mark:
            raise InvalidField(option, f"{word!r} needs a = between the two")
        found[name.strip()] = value.strip()
    return found


def common(
    app: typer.Typer, kind: type[SiteItem], columns: tuple[str, ...], example: str, *, show: bool = True
) -> None:
    """The commands that are the same for each kind; one that shows more of it than its fields has its own."""
    _list(app, kind, columns)
    if show:
        _show(app, kind, example)
    _remove(app, kind, example)


def _list(app: typer.Typer, kind: type[SiteItem], columns: tuple[str, ...]) -> None:

    @app.command(
        "list", help=f"List each {kind.kind}.", epilog=f"Example: agent-bridge {kind.kind} list --json"
    )
    def list_items(
        *,
        after: Annotated[str, typer.Option(help="Begin behind this one.")] = "",
        limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = PAGE,
        json: Json = False,
    ) -> None:
        items = run(ListItems(kind=kind.kind, after=after, limit=limit))
        if json:
            print_json(items)
        else:
            rows = ([item[column] for column in columns] for item in items)
            print_rows(columns, rows, f"no {kind.kind} yet: agent-bridge {kind.kind} add --help")


def _show(app: typer.Typer, kind: type[SiteItem], example: str) -> None:
    @app.command(
        "show", help=f"Show one {kind.kind}.", epilog=f"Example: agent-bridge {kind.kind} show {example}"
    )
    def show_item(
        key: Key,
        *,
        json: Json = False,
    ) -> None:
        item = run(ShowItem(kind=kind.kind, key=key))
        (print_json if json else print_fields)(item)


def _remove(app: typer.Typer, kind: type[SiteItem], example: str) -> None:
    @app.command(
        "remove",
        help=f"Remove one {kind.kind}.",
        epilog=f"Example: agent-bridge {kind.kind} remove {example}",
    )
    def remove_item(
        key: Key,
        *,
        json: Json = False,
    ) -> None:
        run(RemoveItem(kind=kind.kind, key=key))
        if json:
            print_json({"removed": key})
        else:
            typer.echo(f"removed {kind.kind} {key}")
