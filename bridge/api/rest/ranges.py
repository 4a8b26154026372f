"""`Range` and `If-Range` of a request for bytes (RFC 9110 section 14)."""

from __future__ import annotations

import re
from typing import NamedTuple

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Part(NamedTuple):
    """Bytes of a file."""

    start: int
    length: int


class Unsatisfiable(Exception):  # noqa: N818  the name says what happened
    """None of the bytes that were asked for are there."""


def part_of(size: int, wanted: str | None, *, tag: str, if_range: str | None = None) -> Part | None:
    """The part of a file that a request wants; `None`: the whole of it.

    What is not one range of bytes (several of them, another unit, nonsense) may be passed over, and is.

    Args:
        size: of the file, in bytes.
        wanted: the header `Range`.
        tag: the file's entity tag.
        if_range: the header `If-Range`: the part is wanted only of the file with this tag.

    Raises:
        Unsatisfiable: it begins behind the end of the file, or is empty.
    """
    found = _ONE.fullmatch((wanted or "").replace(" ", ""))
    if found is None or (if_range is not None and if_range != tag):
        return None
    first, last = found.groups()
    if first:
        return _from(size, int(first), int(last) if last else size - 1)
    return _last(size, int(last)) if last else None


def _from(size: int, first: int, last: int) -> Part | None:
    if last < first < size:
        return None  # not a range: passed over
    if first >= size:
        raise Unsatisfiable
    return Part(first, min(last, size - 1) - first + 1)


def _last(size: int, count: int) -> Part:
    if not count or not size:
        raise Unsatisfiable
    count = min(count, size)
    return Part(size - count, count)
