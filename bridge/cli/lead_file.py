"""Taking a file in from the command line: here it is read, the service (or the store) takes the rows."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from bridge.admin.import_commands import BeginImport, ShowRefusals, TakeRows
from bridge.cli.run import run
from bridge.imports import report as refused_rows
from bridge.imports.model import Import, Plan
from bridge.imports.service import PAGE
from bridge.imports.source import Source


class _Rate(ProgressColumn):
    """Rows in a second."""

    def render(self, task: Task) -> Text:
        """As of the last seconds."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s")


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], object]]:
    """A bar on the terminal, with rate and time left; in a pipe nothing.

    Yields:
        What is told how much more is done.
    """
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        _Rate(),
    )
    shown = sys.stderr.isatty()
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=not shown) as bar:
        task = bar.add_task(what, total=total)
        yield lambda more: bar.advance(task, more)


def take(source: Source, plan: Plan, report: Path) -> tuple[Import, bool]:
    """Take a file in, from where it was left.

    Args:
        source: the file.
        plan: what becomes of it.
        report: where the refused rows go, if there are any.

    Returns:
        How far the import is, and whether it was that far already.

    Raises:
        Unusable: it cannot be read; nothing was taken in.
    """
    total = _total(source, plan)
    new = Import(
        id=plan.import_id(source.digest),
        name=source.path.name[:255],
        list_id=plan.list_id,
        plan=plan,
        titles=source.titles,
        total=total,
    )
    state = run(BeginImport(new=new))
    if state.done:
        write_report(state.id, state.titles, state.refused, report)
        return state, True
    if state.position:
        typer.echo(f"goes on behind row {state.position} of {total}", err=True)
    try:
        state = _taken(source, plan, state)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on from here", err=True)
        raise typer.Exit(130) from None
    write_report(state.id, state.titles, state.refused, report)
    return state, False


def _total(source: Source, plan: Plan) -> int:
    next(source.batches(plan), None)  # a plan that cannot be is found before the whole file is read
    return checked_rows(source)


def checked_rows(source: Source) -> int:
    """The number of a file's last row, with a bar: all of it is read once.

    Raises:
        Unusable: it cannot be read.
    """
    with progress_bar("checking", 0) as advance:
        seen = 0

        def tell(row: int) -> None:
            nonlocal seen
            advance(row - seen)
            seen = row

        return source.last_row(tell)


def _taken(source: Source, plan: Plan, state: Import) -> Import:
    with progress_bar("importing", state.total) as advance:
        advance(state.position)
        for batch in source.batches(plan, state.position):
            state = run(TakeRows(import_id=state.id, batch=batch))
            advance(batch.end - batch.start)
    return state


def write_report(import_id: str, titles: tuple[str, ...], refused: int, report: Path) -> None:
    """Write the refused rows of an import, if there are any.

    Written anew each time: it has every one of them, whoever interrupted the import when.
    """
    if not refused:
        return
    made = os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(made, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123  for its owner alone
        file.write(refused_rows.head(titles))
        after = 0
        while page := run(ShowRefusals(import_id=import_id, after=after, limit=PAGE)):
            file.write(refused_rows.lines(page))
            after = page[-1].row
