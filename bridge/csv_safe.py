"""CSV that no spreadsheet takes for formulas (CWE-1236)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  Excel takes the wide ones too
_NUMBERS = (bool, int, float)


def cell(value: object) -> str:
    """A value as it may stand in a cell: text that a spreadsheet would calculate gets an apostrophe."""
    if isinstance(value, _NUMBERS):
        return str(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text


def plain(text: str) -> str:
    """What `cell` was given: a report that was mended comes back as it was."""
    return text[1:] if text.startswith("'") and cell(text[1:]) == text else text


def csv_lines(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV (RFC 4180), each with its line break."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
