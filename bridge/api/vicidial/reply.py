"""The lines of the format. Bytes matter here: callers compare them."""

from __future__ import annotations

_MARKUP = dict.fromkeys(map(ord, "<>\r\n\0"))
"""What would make a page, or another line, of a value: replies go out as HTML, and browsers read them."""

MASK = "****"
"""Stands where the original prints a password or an SQL text."""


def error(reason: str, *fields: str) -> str:
    """`ERROR: {reason} - {field}|{field}`, with its newline."""
    return _line("ERROR", reason, fields)


def success(reason: str, *fields: str) -> str:
    """`SUCCESS: {reason} - {field}|{field}`, with its newline."""
    return _line("SUCCESS", reason, fields)


def notice(reason: str, *fields: str) -> str:
    """`NOTICE: {reason} - {field}|{field}`, with its newline."""
    return _line("NOTICE", reason, fields)


def plain(word: str, reason: str, *fields: str) -> str:
    """`{word}: {reason}: {field}|{field}`, with its newline: as errors of the non-agent API are written."""
    return f"{word}: {reason}: {'|'.join(fields).translate(_MARKUP)}\n"


def cleaned(value: str) -> str:
    """A value without what would make a page, or another line, of it."""
    return value.translate(_MARKUP)


def _line(word: str, reason: str, fields: tuple[str, ...]) -> str:
    return f"{word}: {reason} - {'|'.join(fields).translate(_MARKUP)}\n" if fields else f"{word}: {reason}\n"


class Answer(Exception):  # noqa: N818  no error of ours: the reply is known before the end of the function
    """The reply, found early.

    Args:
        text: the body, with its newlines.
        status: HTTP status; 200 for every error but the teapot's.
        ends_page: nothing more is printed after it, not even the tail that the caller asked for.
    """

    def __init__(self, text: str, *, status: int = 200, ends_page: bool = True) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.ends_page = ends_page
