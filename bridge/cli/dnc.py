"""`agent-bridge dnc`: numbers that must not be called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from bridge.admin.dnc_commands import (
    AddDnc,
    ListDnc,
    ListDncVersions,
    RemoveDnc,
    ShowDnc,
    WithdrawDncList,
)
from bridge.cli.dnc_file import opened, take, version_of
from bridge.cli.output import fail, print_json, print_rows
from bridge.cli.run import run, said_in_one_line, settings
from bridge.cli.site_items import Json
from bridge.dnc.model import Version
from bridge.leads.service import PAGE

dnc = typer.Typer(no_args_is_help=True, help="Numbers, area codes and prefixes that must not be called.")

Number = Annotated[
    str,
    typer.Argument(help="A number in any form, an area code of three digits, or a prefix as in '+4990*'."),
]
Campaign = Annotated[str, typer.Option("--campaign", help="Only for this campaign; else for all.")]

_COLUMNS = ("number", "kind", "campaign", "list", "version", "added_by", "added_at")


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


@dnc.command(
    "import",
    epilog="Example: agent-bridge dnc import us.csv --list US --source FTC --version 11 --date 2026-11-02",
)
def import_list(  # noqa: PLR0913  each option of a command is an argument of its function
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    *,
    name: Annotated[str, typer.Option("--list", help="Name of the list.")],
    source: Annotated[str, typer.Option(help="Who publishes it.")],
    version: Annotated[str, typer.Option(help="What its source calls this version.")],
    dated: Annotated[
        datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="The day on which it was given out.")
    ],
    campaign: Campaign = "",
    column: Annotated[
        list[str] | None,
        typer.Option(help="Title or number of the column with the numbers; of several, in their order."),
    ] = None,
    country: Annotated[
        str, typer.Option(help="Of numbers without a country's code, two letters; else the site's.")
    ] = "",
    report: Annotated[
        Path | None, typer.Option(help="Where refused rows go, as CSV; else FILE.refused.csv.")
    ] = None,
    json: Json = False,
) -> None:
    """Take a version of a list in, in place of the one before, which holds until the last row is in.

    Interrupted, the same command goes on where it was.
    """
    stated = Version(
        key="", name=name, campaign=campaign, source=source, version=version, dated=dated.date(), by="cli"
    )
    with said_in_one_line():
        country = (country or settings().site.country).upper()
        stated.check(datetime.now(UTC).date())
        table, columns = opened(file), column or []
        new = version_of(table, stated, columns, country)
        refused = report or file.with_name(f"{file.name}.refused.csv")
        state, already = take(table, new, columns, country, refused)
    _tell(state, refused, already=already, json=json)


def _tell(state: Version, report: Path, *, already: bool, json: bool) -> None:
    told = report if state.refused else None
    if json:
        print_json(msgspec.to_builtins(state) | {"already": already, "report": str(told) if told else None})
    else:
        since = (
            f"in force since {state.in_force_at:%Y-%m-%d %H:%M} UTC" if state.in_force_at else "not in force"
        )
        typer.echo(f"list {state.name}, version {state.version}: {state.numbers} entries, {since}")
        if told:
            typer.echo(f"{state.refused} rows refused, with the reasons: {told}")
    if not state.in_force:
        fail(f"no row of it is a number: what list {state.name} was, it still is")


@dnc.command("lists", epilog="Example: agent-bridge dnc lists --all")
def lists(
    *,
    every: Annotated[bool, typer.Option("--all", help="Also those that were replaced.")] = False,
    json: Json = False,
) -> None:
    """List the imported lists: which version is in force, of when, and until when it is good."""
    found = [one for one in _versions() if every or one.in_force or not one.done]
    if json:
        print_json(msgspec.to_builtins(found))
        return
    columns = ("list", "campaign", "source", "version", "dated", "entries", "state")
    today, days = datetime.now(UTC).date(), settings().law.dnc_days
    rows = (
        (
            *(one.name, one.campaign, one.source, one.version, one.dated, one.numbers),
            _state(one, (today - one.dated) > timedelta(days), str(one.dated + timedelta(days))),
        )
        for one in found
    )
    print_rows(columns, rows, "no list was imported yet: agent-bridge dnc import --help")


def _versions() -> list[Version]:
    found: list[Version] = []
    while page := run(ListDncVersions(after=found[-1].id if found else 0, limit=PAGE)):
        found += page
    return found


def _state(one: Version, stale: bool, last_day: str) -> str:  # noqa: FBT001  of one table only
    if one.replaced_at is not None:
        return f"until {one.replaced_at:%Y-%m-%d %H:%M} UTC"
    if not one.in_force:
        return f"row {one.position} of {one.total}"
    return f"STALE since {last_day}" if stale else f"good until {last_day}"


@dnc.command("withdraw", epilog="Example: agent-bridge dnc withdraw US")
def withdraw(
    name: Annotated[str, typer.Argument(help="Name of the imported list.")], *, json: Json = False
) -> None:
    """Let an imported list hold no more: its numbers may be called again."""
    if not run(WithdrawDncList(name=name)):
        fail(f"no version of a list {name!r} is in force")
    _answer(name, "withdrawn", json=json)


def _answer(number: str, what: str, *, json: bool) -> None:
    if json:
        print_json({"number": number, "done": what})
    else:
        typer.echo(f"{what} {number}")
