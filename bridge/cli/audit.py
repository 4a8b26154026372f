"""`agent-bridge audit`: who asked for what, from where, and what came of it."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from bridge.admin.audit_commands import PAGE, ReadAudit
from bridge.audit.model import AuditQuery, AuditRow
from bridge.cli.output import fail, print_rows
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.csv_safe import csv_lines

_SHOWN = ("time", "user", "address", "function", "target", "result", "reason", "milliseconds", "id")
_FORM = "a day as 2026-11-24 or a moment as 2026-11-24T14:00:00Z"

From = Annotated[str, typer.Option("--from", help=f"Not before this: {_FORM}; UTC.")]
Until = Annotated[str, typer.Option("--until", help="Before this.")]
Refused = Annotated[bool, typer.Option("--refused", help="Only what was refused.")]
Csv = Annotated[bool, typer.Option("--csv", help="As CSV that a spreadsheet may open.")]


def show_audit(
    *,
    since: From = "",
    until: Until = "",
    user: Annotated[str, typer.Option(help="Only of this user.")] = "",
    function: Annotated[str, typer.Option(help="Only of this function or action.")] = "",
    refused: Refused = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = PAGE,
    csv: Csv = False,
    json: Json = False,
) -> None:
    """List or export the audit trail, newest first."""
    if csv and json:
        fail("give one of --csv and --json, not both")
    query = AuditQuery(
        user=user,
        function=function,
        refused=refused,
        since=_moment(since, "--from"),
        until=_moment(until, "--until"),
    )
    pages = _pages(query, limit)
    if json:
        _print_json(pages)
    elif csv:
        _print_csv(pages)
    else:
        rows = ([_cell(row, name) for name in _SHOWN] for page in pages for row in page)
        print_rows(_SHOWN, rows, "nothing is in the audit trail that was asked for")


def _pages(query: AuditQuery, limit: int) -> Iterator[list[AuditRow]]:
    """The rows, as many at a time as one answer holds."""
    left = limit
    while True:
        size = min(left, PAGE) if limit else PAGE
        found = run(ReadAudit(query=msgspec.structs.replace(query, limit=size)))
        yield found
        left -= len(found)
        if len(found) < size or (limit and not left):
            return
        query = msgspec.structs.replace(query, before=found[-1].id)


def _print_json(pages: Iterator[list[AuditRow]]) -> None:
    """One list, a row a line: an export may be longer than the memory."""
    before = "["
    for page in pages:
        for row in page:
            typer.echo(f"{before}\n{msgspec.json.encode(row).decode()}", nl=False)
            before = ","
    typer.echo("[]" if before == "[" else "\n]")


def _print_csv(pages: Iterator[list[AuditRow]]) -> None:
    names = AuditRow.__struct_fields__
    typer.echo(csv_lines([names]), nl=False)
    for page in pages:
        typer.echo(csv_lines([_cell(row, name) for name in names] for row in page), nl=False)


def _cell(row: AuditRow, name: str) -> Any:
    value = getattr(row, name)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return " ".join(value) if name == "events" else value


def _moment(text: str, option: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        fail(f"{option}: {text!r} is not {_FORM}")
