"""A file that holds a version of a do-not-call list: CSV or XLSX, read as those of leads are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from bridge.csv_safe import plain
from bridge.dnc.entries import whole_entry
from bridge.dnc.model import Entry, Stretch
from bridge.imports.errors import Unusable
from bridge.imports.model import LONGEST_ROW, Refusal
from bridge.imports.source import Source
from bridge.imports.table import Cells
from bridge.leads.errors import InvalidLead

ROWS: Final = 2000
"""Of one stretch."""


def columns_of(source: Source, wanted: Sequence[str], country: str) -> tuple[int, ...]:
    """The places of the columns that make a number, the first is 0.

    Args:
        source: the file.
        wanted: titles or numbers, as a person says them; empty: it is guessed.
        country: of numbers without a country's code.

    Raises:
        Unusable: there is no such column, or it cannot be guessed.
    """
    if wanted:
        return tuple(_place(source, name) for name in wanted)
    if len(source.titles) == 1:
        return (0,)
    fields = source.columns(country, {})
    if "phone_number" not in fields:
        raise Unusable("no column is known as the telephone number: say which one is, with --column")
    return (fields.index("phone_number"),)


def _place(source: Source, name: str) -> int:
    if name in source.titles:
        return source.titles.index(name)
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(source.titles):
        return int(name) - 1
    raise Unusable(f"there is no column {name[:60]!r}; it has {len(source.titles)} columns")


def stretches(source: Source, columns: tuple[int, ...], country: str, position: int) -> Iterator[Stretch]:
    """Its rows from behind a position on."""
    entries: list[Entry] = []
    refused: list[Refusal] = []
    start = end = position
    for end, cells in source.rows(position):
        entry = _read(end, cells, columns, country)
        if isinstance(entry, Refusal):
            refused.append(entry)
        else:
            entries.append(entry)
        if len(entries) + len(refused) >= ROWS:
            yield Stretch(start=start, end=end, entries=tuple(entries), refused=tuple(refused))
            start, entries, refused = end, [], []
    if end > start:
        yield Stretch(start=start, end=end, entries=tuple(entries), refused=tuple(refused))


def _read(row: int, cells: Cells, columns: tuple[int, ...], country: str) -> Entry | Refusal:
    if sum(map(len, cells)) > LONGEST_ROW:
        return Refusal(row=row, column="", why=f"more than {LONGEST_ROW} characters")
    parts = (plain(cells[place]).strip() for place in columns if place < len(cells))
    text = "".join(parts)
    try:
        entry = whole_entry(text, country)
    except InvalidLead as error:
        return Refusal(row=row, column="", why=error.why, cells=cells)
    return Entry(number=entry.number, kind=entry.kind)
