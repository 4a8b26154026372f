"""Taking a version of a do-not-call list in from the command line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import typer

from bridge.admin.dnc_commands import BeginDncList, TakeDncRows
from bridge.cli.lead_file import checked_rows, progress_bar, write_report
from bridge.cli.output import fail
from bridge.cli.run import run
from bridge.dnc.file import columns_of, stretches
from bridge.dnc.model import Version, key_of
from bridge.imports.errors import Unusable
from bridge.imports.source import Source, open_source


def opened(file: Path) -> Source:
    """The file, or the end of the command with what is wrong with it."""
    try:
        with progress_bar("reading", file.stat().st_size) as advance:
            return open_source(file, progress=advance)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror or error}")
    except Unusable as error:
        fail(f"{file}: {error}")


def version_of(source: Source, stated: Version, wanted: list[str], country: str) -> Version:
    """What is to be taken in, with its key and the number of its rows.

    Raises:
        Unusable: a column is not there, or it cannot be read.
    """
    columns = columns_of(source, wanted, country)
    key = key_of(source.digest, stated, columns)
    return msgspec.structs.replace(stated, key=key, total=checked_rows(source))


def take(source: Source, new: Version, wanted: list[str], country: str, report: Path) -> tuple[Version, bool]:
    """Take it in, from where it was left; how far it is, and whether it was that far already."""
    state = run(BeginDncList(new=new))
    already = state.done
    if state.position and not already:
        typer.echo(f"goes on behind row {state.position} of {state.total}", err=True)
    try:
        state = _taken(source, state, columns_of(source, wanted, country), country)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on from here, and the list is as it was", err=True)
        raise typer.Exit(130) from None
    write_report(state.key, source.titles, state.refused, report)
    return state, already


def _taken(source: Source, state: Version, columns: tuple[int, ...], country: str) -> Version:
    if state.done:
        return state
    with progress_bar("importing", state.total) as advance:
        advance(state.position)
        for stretch in stretches(source, columns, country, state.position):
            state = run(TakeDncRows(key=state.key, stretch=stretch))
            advance(stretch.end - stretch.start)
    return state
