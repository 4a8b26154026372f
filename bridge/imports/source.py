"""A file that leads come from: looked through before anything is taken in, then read in stretches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from bridge.imports import guess, table, text, workbook
from bridge.imports.errors import Unusable
from bridge.imports.making import Maker
from bridge.imports.model import BATCH_CHARACTERS, BATCH_ROWS, Batch, Layout, Plan, Refusal, Row
from bridge.imports.table import Cells

SAMPLE: Final = 200
"""Rows by which the columns are known."""
_ZIP: Final = b"PK\x03\x04"
_EVERY: Final = 10_000
"""Rows between two words about how far it is."""

Progress = Callable[[int], object]


class Wishes(NamedTuple):
    """What a person says about a file; empty: it is guessed."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: bool | None = None


_NO_WISHES: Final = Wishes()


class Source(NamedTuple):
    """A file that can be read."""

    path: Path
    digest: str
    """SHA-256 of its content."""
    layout: Layout
    titles: Cells
    """Of the columns; empty texts without a header."""
    sample: tuple[tuple[int, Cells], ...]
    """Its first rows behind the header, with their numbers."""

    def columns(
        self, country: str, wanted: Mapping[str, str], custom: Sequence[str] = (), *, consents: bool = False
    ) -> tuple[str, ...]:
        """The field of each column: as it is guessed, and over it as a person wants it.

        Args:
            country: ISO 3166, by which telephone numbers are read.
            wanted: field by title, or by the number of the column from 1.
            custom: names of the list's own fields.
            consents: a person has said something of consents; else half of one is passed over.

        Raises:
            Unusable: there is no such column or field.
        """
        guessed = guess.columns(self.titles, [cells for _, cells in self.sample], country, custom)
        if not consents and not any(field.startswith(guess.CONSENT) for field in wanted.values()):
            guessed = guess.without_half_a_consent(guessed)
        return guess.overridden(guessed, self.titles, wanted, custom)

    def last_row(self, progress: Progress = lambda _: None) -> int:
        """The number of its last row.

        The whole file is read: what cannot be read is found before any row of it is taken in.

        Raises:
            Unusable: row and line of the fault are named.
        """
        last = 0
        for last, _ in _rows(self.path, self.layout):
            if last % _EVERY == 0:
                progress(last)
        return last

    def rows(self, position: int = 0) -> Iterator[tuple[int, Cells]]:
        """Its rows with their numbers, from the one behind a position, without the header."""
        for number, cells in _rows(self.path, self.layout):
            if number > max(position, int(self.layout.header)):
                yield number, cells

    def batches(self, plan: Plan, position: int = 0) -> Iterator[Batch]:
        """Its rows as leads, in stretches.

        Args:
            plan: what the columns are.
            position: number of the last row that is done.
        """
        maker = Maker(plan, self.titles)
        start, end, held = position, position, 0
        rows: list[Row] = []
        refused: list[Refusal] = []
        for number, cells in self.rows(position):
            end, held = number, held + sum(map(len, cells))
            lead = maker.read(number, cells)
            if isinstance(lead, Refusal):
                refused.append(lead)
            else:
                kept = cells if plan.duplicates else ()
                rows.append(Row(row=number, lead=lead[0], consent=lead[1], cells=kept))
            if len(rows) + len(refused) >= BATCH_ROWS or held >= BATCH_CHARACTERS:
                yield Batch(start=start, end=end, rows=tuple(rows), refused=tuple(refused))
                start, held, rows, refused = end, 0, [], []
        if end > start:
            yield Batch(start=start, end=end, rows=tuple(rows), refused=tuple(refused))


def open_source(path: Path, wishes: Wishes = _NO_WISHES, progress: Progress = lambda _: None) -> Source:
    """Look at a file.

    Args:
        path: the file.
        wishes: what is not to be guessed.
        progress: is told the number of bytes that were read, piece by piece.

    Raises:
        Unusable: it cannot be read as a table.
        OSError: it cannot be read at all.
    """
    with path.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    if is_zip:
        workbook.check(path)
        digest, layout = text.digest(path, progress), Layout(kind="xlsx", sheet=_sheet(path, wishes.sheet))
    else:
        digest, layout = _csv(path, wishes, progress)
    first = list(islice(_rows(path, layout), SAMPLE + 1))
    if not first:
        raise Unusable("there is no row in it")
    header = guess.has_header(first[0][1]) if wishes.header is None else wishes.header
    if header and first[0][0] != 1:
        raise Unusable(
            f"the first row is empty; the titles are in row {first[0][0]}: take the empty rows away"
        )
    layout = Layout(
        kind=layout.kind,
        encoding=layout.encoding,
        delimiter=layout.delimiter,
        sheet=layout.sheet,
        header=header,
    )
    titles = first[0][1] if header else ("",) * len(first[0][1])
    return Source(path, digest, layout, titles, tuple(first[1:] if header else first[:SAMPLE]))


def _csv(path: Path, wishes: Wishes, progress: Progress) -> tuple[str, Layout]:
    found = text.survey(path, wishes.encoding, progress)
    delimiter = {"tab": "\t", r"\t": "\t"}.get(wishes.delimiter, wishes.delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n", "\0"):
        raise Unusable(f"delimiter: {delimiter[:40]!r} is not one sign, as in ; or tab", "delimiter")
    delimiter = delimiter or table.guess_delimiter(path, found.encoding)
    return found.digest, Layout(kind="csv", encoding=found.encoding, delimiter=delimiter)


def _sheet(path: Path, wanted: str) -> str:
    names = workbook.sheets(path)
    if wanted and wanted not in names:
        raise Unusable(f"there is no sheet {wanted[:100]!r}; there are: {', '.join(names)}"[:600], "sheet")
    if not names:
        raise Unusable("the file has no sheet with cells")
    return wanted or names[0]


def _rows(path: Path, layout: Layout) -> Iterator[tuple[int, Cells]]:
    if layout.kind == "xlsx":
        return workbook.rows(path, layout.sheet)
    return table.rows(path, layout.encoding, layout.delimiter)
