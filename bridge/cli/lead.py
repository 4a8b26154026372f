"""`agent-bridge lead`: leads out of files."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec import UNSET

from bridge.admin.import_commands import ShowListFields
from bridge.admin.site_commands import ShowItem
from bridge.cli.lead_file import progress_bar, take
from bridge.cli.output import fail, print_fields, print_json, print_rows
from bridge.cli.run import run, said_in_one_line, settings
from bridge.cli.site_items import Json
from bridge.imports.consents import common_to_all
from bridge.imports.errors import Unusable
from bridge.imports.model import Import, Plan, Refusal
from bridge.imports.preview import Preview, preview
from bridge.imports.source import Source, Wishes, open_source

lead = typer.Typer(no_args_is_help=True, help="Leads out of files.")


@lead.callback()
def _group() -> None:
    """Keep `import` a command of its own: typer would make a group of one that command itself."""


@lead.command(
    "import",
    epilog="Example: agent-bridge lead import may.csv --list 101 --map Mobile=phone_number --preview",
)
def import_leads(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    *,
    list_id: Annotated[int, typer.Option("--list", help="List that the leads go to.")],
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="A column (title or number) and its field, Mobile=phone_number; repeat it."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--preview", help="Show what would be; change nothing.")] = False,
    duplicates: Annotated[
        str, typer.Option(help="Refuse duplicates: DUPLIST, DUPCAMP, DUPSYS, ..., also with -30DAY.")
    ] = "",
    consent: Annotated[
        list[str] | None,
        typer.Option(help="What all consents have in common, purpose=sales, source=…, zone=…; repeat it."),
    ] = None,
    country: Annotated[
        str,
        typer.Option(help="Of numbers without their country's code, as US; else the list's or site's."),
    ] = "",
    encoding: Annotated[str, typer.Option(help="Of a CSV file, as windows-1252; else it is guessed.")] = "",
    delimiter: Annotated[
        str, typer.Option(help="Between its columns, as ; or tab; else it is guessed.")
    ] = "",
    sheet: Annotated[str, typer.Option(help="Of an XLSX file; else the first.")] = "",
    header: Annotated[
        bool | None, typer.Option("--header/--no-header", help="Whether the first row holds titles.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Where refused rows go, as CSV; else FILE.refused.csv.")
    ] = None,
    json: Json = False,
) -> None:
    """Take the leads of a file in. Interrupted, the same command goes on where it was: no row comes twice."""
    site, wishes = settings().site, Wishes(encoding, delimiter, sheet, header)
    custom = run(ShowListFields(list_id=list_id))
    own = run(ShowItem(kind="list", key=str(list_id)))
    with said_in_one_line():
        source = _opened(file, wishes)
        country = (country or own["country"] or site.country).upper()
        common = common_to_all(_pairs(consent or (), "--consent")) if consent else UNSET
        wanted = _pairs(field or ())
        columns = source.columns(country, wanted, custom, consents=common is not UNSET)
        plan = Plan(
            layout=source.layout,
            list_id=list_id,
            country=_known(country),
            columns=columns,
            duplicates=duplicates.upper(),
            consent=common,
        )
        if show:
            _show(preview(source, plan), json=json)
            return
        refused = report or file.with_name(f"{file.name}.refused.csv")
        _tell(take(source, plan, refused), refused, json=json)


def _opened(file: Path, wishes: Wishes) -> Source:
    try:
        with progress_bar("reading", file.stat().st_size) as advance:
            return open_source(file, wishes, advance)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except Unusable as error:
        fail(f"{file}: {error}")


def _known(country: str) -> str:
    import phonenumbers  # noqa: PLC0415  only here

    if country not in phonenumbers.SUPPORTED_REGIONS:
        fail(f"--country: {country[:40]!r} is no country (two letters, as in US)")
    return country


_PAIRS = {
    "--map": "a column and a field, as in Mobile=phone_number",
    "--consent": "a part of it and what it is, as in purpose=sales",
}


def _pairs(words: Iterable[str], option: str = "--map") -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.rpartition("=") if option == "--map" else word.partition("=")
        if not sign or not name:
            fail(f"{option} {word[:60]!r}: {_PAIRS[option]}")
        found[name] = value
    return found


def _show(found: Preview, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    print_fields({name: value for name, value in msgspec.structs.asdict(found.layout).items() if value != ""})
    typer.echo()
    rows = (
        (one.number, one.title, one.field or "(passed over)", " | ".join(one.samples))
        for one in found.columns
    )
    print_rows(("column", "title", "field", "as in"), rows, "no columns")
    typer.echo()
    print_rows(
        ("row", "column", "refused because"), map(_refusal, found.refused), "no row of these is refused"
    )
    typer.echo(f"of the first {found.rows} rows {found.good} would become leads; nothing was changed")


def _refusal(one: Refusal) -> tuple[int, str, str]:
    return one.row, one.column, one.why


def _tell(found: tuple[Import, bool], report: Path, *, json: bool) -> None:
    state, already = found
    if json:
        told = {"import_id": state.id, "list_id": state.list_id, "rows": state.total, "added": state.added}
        told |= {"refused": state.refused, "report": str(report) if state.refused else None}
        print_json(told | {"already": already})
        return
    if already:
        typer.echo(
            f"this file is in list {state.list_id} already, since {state.changed_at:%Y-%m-%d %H:%M} UTC:"
        )
    typer.echo(f"{state.added} leads added to list {state.list_id}, {state.refused} rows refused")
    if state.refused:
        typer.echo(f"refused rows, with the reasons: {report}")
