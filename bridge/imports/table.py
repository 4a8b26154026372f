"""CSV, row by row: how its columns are divided, and rows that say where they stand."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bridge.imports import text
from bridge.imports.errors import Unusable

MOST_COLUMNS: Final = 1000
DELIMITERS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 100

Cells = tuple[str, ...]


class _Lines:
    """Lines for the reader, which know whether it has come to their end."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self.number += 1
        return line


def rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """The rows of a CSV file (RFC 4180) with their numbers; the first is 1, empty ones are passed over.

    Raises:
        Unusable: quotes are never closed, a line or a field is too long, there are too many columns; row and
            line are named.
    """
    yield from _rows(text.lines(path, encoding), delimiter)


def _rows(found: Iterable[str], delimiter: str) -> Iterator[tuple[int, Cells]]:
    lines = _Lines(found)
    reader = csv.reader(lines, delimiter=delimiter)
    number, begins = 1, 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Unusable(_unclosed(number, begins) + f" ({error})") from None
        if cells is None:
            return
        if lines.ended:  # the reader gives out what it has where the file ends within quotes
            raise Unusable(_unclosed(number, begins))
        _check_width(number, len(cells))
        if any(cells):
            yield number, tuple(cells)
        number, begins = number + 1, lines.number + 1


def _unclosed(row: int, line: int) -> str:
    return f'row {row} (line {line}): a quote " is opened and not closed again'


def _check_width(row: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise Unusable(f"row {row} has {columns} columns; at most {MOST_COLUMNS} are read")


def guess_delimiter(path: Path, encoding: str) -> str:
    """What stands between the columns: the sign that divides most rows into as many, and into most."""
    sample = list(islice(text.lines(path, encoding), _SAMPLE_ROWS))
    return max(DELIMITERS, key=lambda sign: _evenness(sample, sign))


def _evenness(sample: list[str], delimiter: str) -> tuple[float, int]:
    widths = Counter(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells)
    if not widths:
        return 0.0, 0
    width, often = widths.most_common(1)[0]
    return (often / widths.total() if width > 1 else 0.0), width
