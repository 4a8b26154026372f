"""`agent-bridge dnc`: numbers that must not be called."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from bridge.admin.dnc_commands import AddDnc, ListDnc, RemoveDnc, ShowDnc
from bridge.cli.output import fail, print_json, print_rows
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.leads.service import PAGE

dnc = typer.Typer(no_args_is_help=True, help="Numbers and area codes that must not be called.")

Number = Annotated[str, typer.Argument(help="A number in any form, or an area code of three digits.")]
Campaign = Annotated[str, typer.Option("--campaign", help="Only for this campaign; else for all.")]

_COLUMNS = ("number", "kind", "campaign", "added_by", "added_at")


@dnc.command("add", epilog="Example: agent-bridge dnc add '+1 312 555 9999'")
def add(number: Number, *, campaign: Campaign = "", json: Json = False) -> None:
    """Forbid a number: from now on it is dialled for nobody."""
    new = run(AddDnc(number=number, campaign=campaign))
    _answer(number, "added" if new else "unchanged", json=json)


@dnc.command("remove", epilog="Example: agent-bridge dnc remove 3125559999")
def remove(number: Number, *, campaign: Campaign = "", json: Json = False) -> None:
    """Allow a number again."""
    if not run(RemoveDnc(number=number, campaign=campaign)):
        fail(f"{number} is not forbidden {'to ' + campaign if campaign else 'to all'}")
    _answer(number, "removed", json=json)


@dnc.command("show", epilog="Example: agent-bridge dnc show 3125559999 --campaign SALES")
def show(number: Number, *, campaign: Campaign = "", json: Json = False) -> None:
    """Show what forbids a number."""
    hits = run(ShowDnc(number=number, campaign=campaign))
    if json:
        print_json(hits)
    else:
        rows = ([getattr(hit, column) for column in _COLUMNS] for hit in hits)
        print_rows(_COLUMNS, rows, f"nothing forbids {number}")


@dnc.command("list", epilog="Example: agent-bridge dnc list --json")
def list_entries(
    *,
    campaign: Campaign = "",
    after: Annotated[str, typer.Option(help="Begin behind this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=PAGE, help="At most so many.")] = PAGE,
    json: Json = False,
) -> None:
    """List what is forbidden to all, or to one campaign."""
    entries = run(ListDnc(campaign=campaign, after=after, limit=limit))
    if json:
        print_json(msgspec.to_builtins(entries))
    else:
        rows = ([getattr(entry, column) for column in _COLUMNS] for entry in entries)
        print_rows(_COLUMNS, rows, "nothing is forbidden yet: agent-bridge dnc add --help")


def _answer(number: str, what: str, *, json: bool) -> None:
    if json:
        print_json({"number": number, "done": what})
    else:
        typer.echo(f"{what} {number}")
