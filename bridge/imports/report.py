"""The refused rows of an import as a file that a spreadsheet opens, to be mended and imported again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.csv_safe import csv_lines
from bridge.imports.model import Refusal

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Before the first line: by it spreadsheets know UTF-8."""
_OURS = ("refused_row", "refused_column", "refused_because")


def head(titles: Sequence[str]) -> str:
    """The line of titles: what was wrong, then the columns of the file."""
    shown = [title or f"column {place}" for place, title in enumerate(titles, start=1)]
    return MARK + csv_lines([(*_OURS, *shown)])


def lines(refusals: Iterable[Refusal]) -> str:
    """A line for each row."""
    return csv_lines((one.row, one.column, one.why, *one.cells) for one in refusals)
