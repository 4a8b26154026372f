"""How the command line answers: tables for people, JSON for programs, errors in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 200
"""Columns of a table that goes into a file or a pipe, where no terminal says how wide it is."""


def out() -> Console:
    """Standard output."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON value, with the keys in the order in which they were made."""
    encoded = msgspec.json.format(msgspec.json.encode(value), indent=2)
    typer.echo(encoded.decode())


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], nothing: str) -> None:
    """A table; `nothing` is said in its place if it has no rows."""
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(escape(cell(value)) for value in row))
    if table.row_count:
        out().print(table)
    else:
        typer.echo(nothing, err=True)


def print_fields(fields: Mapping[str, Any]) -> None:
    """One thing, a line for each field."""
    width = max(len(name) for name in fields)
    for name, value in fields.items():
        typer.echo(f"{name:<{width}}  {cell(value)}".rstrip())


def fail(message: str) -> NoReturn:
    """Say what is wrong on standard error and end with status 1."""
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)


def cell(value: Any) -> str:
    """A value as a person reads it, harmless to a terminal."""
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "-"
        case dict():
            return " ".join(f"{name}={visible(str(entry))}" for name, entry in value.items())
        case list() | tuple() | set() | frozenset():
            return " ".join(cell(entry) for entry in value)
        case _:
            return visible(str(value))


def visible(text: str) -> str:
    """A text of somebody else's, such as what a web form was sent: it must not steer the terminal."""
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode()
        for sign in text
    )
