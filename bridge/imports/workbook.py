"""XLSX, row by row, without what makes a small file a large one."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Final
from xml.parsers import expat

from openpyxl import load_workbook

from bridge.imports.errors import Unusable
from bridge.imports.table import MOST_COLUMNS, Cells

MOST_PARTS: Final = 1000
MOST_BYTES: Final = 4 << 30
"""Of all parts together, unpacked: a sheet can have a million rows."""
MOST_TEXT: Final = 512 << 20
"""Of the texts that the sheets share, unpacked: they are in memory while the file is read."""
MOST_RATIO: Final = 200
"""How often a part may be larger than it is packed; sheets are some ten to fifty times."""
_FREE: Final = 1 << 20
"""Bytes of a part about which nobody asks how well they were packed."""
_TEXTS: Final = "xl/sharedstrings.xml"


def check(path: Path) -> None:
    """Refuse what would not fit, before it is unpacked, and XML that brings declarations of its own.

    Raises:
        Unusable: it is no XLSX file, or one of these.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            found = parts.infolist()
            _check_sizes(found)
            for part in found:
                if part.filename.lower().endswith((".xml", ".rels")):
                    with parts.open(part) as file:
                        _check_xml(part.filename, file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Unusable(f"this is no XLSX file, or a part of one: {error}") from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise Unusable(f"the file has {len(parts)} parts; at most {MOST_PARTS} are read")
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise Unusable(f"unpacked, the file has more than {MOST_BYTES >> 30} GiB")
    for part in parts:
        if part.file_size > max(_FREE, part.compress_size * MOST_RATIO):
            raise Unusable(f"{part.filename[:100]!r} is more than {MOST_RATIO} times as large unpacked")
        if part.filename.lower() == _TEXTS and part.file_size > MOST_TEXT:
            raise Unusable(f"the texts of the file have more than {MOST_TEXT >> 20} MiB; save it as CSV")


class _RootReached(Exception):  # noqa: N818  control flow inside this module
    """What may be declared has been declared."""


def _check_xml(name: str, file: IO[bytes]) -> None:
    """Look at what comes before the root element."""

    def declared(*_: object) -> None:
        raise Unusable(f"{name[:100]!r} declares XML entities or a document type of its own")

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = root
    try:
        while piece := file.read(65_536):
            parser.Parse(piece)
    except _RootReached:
        return
    except expat.ExpatError as error:
        raise Unusable(f"{name[:100]!r} is no XML: {error}") from None


def sheets(path: Path) -> list[str]:
    """The names of its sheets that hold cells."""
    with closing(_open(path)) as book:
        return [sheet.title for sheet in book.worksheets]


def rows(path: Path, sheet: str) -> Iterator[tuple[int, Cells]]:
    """The rows of a sheet with their numbers; the first is 1, empty ones are passed over.

    Raises:
        Unusable: there is no such sheet, it cannot be read, or it is too wide.
    """
    with closing(_open(path)) as book:
        if sheet not in book.sheetnames:
            raise Unusable(f"there is no sheet {sheet[:100]!r}")
        try:
            for number, values in enumerate(book[sheet].iter_rows(values_only=True), start=1):
                if cells := _cells(number, values):
                    yield number, cells
        except Unusable:
            raise
        except Exception as error:  # a file of somebody else's: the library raises whatever it stumbles at
            raise Unusable(f"sheet {sheet!r}: it cannot be read: {error}"[:300]) from error


def _cells(number: int, values: Sequence[object]) -> Cells:
    width = len(values)
    while width and values[width - 1] in (None, ""):  # sheets are often wider than what is in them
        width -= 1
    if width > MOST_COLUMNS:
        raise Unusable(f"row {number} has {width} columns; at most {MOST_COLUMNS} are read")
    return tuple(_text(value) for value in values[:width])


def _open(path: Path) -> Any:
    try:
        return load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        raise Unusable(f"this is no XLSX file that can be read: {error}"[:300]) from error


def _text(value: object) -> str:
    """What a cell shows; a number has no `.0` that nobody has typed."""
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)
