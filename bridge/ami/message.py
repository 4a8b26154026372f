"""One AMI message, decoded only as far as somebody asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, overload

__all__ = ["Message", "find", "needle", "text", "unescape"]

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


@lru_cache(maxsize=4096)
def needle(header: str) -> bytes:
    """Return the bytes with which a header's line starts."""
    return f"\r\n{header}:".encode("utf-8", "surrogateescape")


def find(raw: bytes, line_start: bytes) -> str | None:
    """Return the value of the first line that starts so, given `needle()` of its header.

    A line that is spelled exactly so is preferred to one that differs in case.
    """
    start = raw.find(line_start)
    if start < 0:  # the very first line has no line end before it
        start = (b"\r\n" + raw).lower().find(line_start.lower()) - 2
        if start < -2:
            return None
    start += len(line_start)
    if raw[start : start + 1] == b" ":  # the one blank that belongs to the colon
        start += 1
    end = raw.find(b"\r\n", start)
    return raw[start : len(raw) if end < 0 else end].decode("utf-8", "surrogateescape")


class Message:
    """One AMI message, decoded only as far as somebody asks.

    Header names are compared without regard to case. Of a repeated header the plain look-ups give the first
    value; `all()` gives every one, in order.

    Attributes:
        raw: the message as it came, without the empty line at its end.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        """Take one complete message, without its end."""
        self.raw = raw

    @property
    def kind(self) -> str:
        """`Event` or `Response`: the name of the first header."""
        return text(self.raw.partition(b"\r\n")[0].partition(b":")[0])

    @property
    def name(self) -> str:
        """The value of the first header: an event's name, or `Success` or `Error`."""
        return text(_unpad(self.raw.partition(b"\r\n")[0].partition(b":")[2]))

    def __getitem__(self, header: str) -> str:
        """Return the first value of a header; `KeyError` if it is not there."""
        value = self.get(header, None)
        if value is None:
            raise KeyError(header)
        return value

    @overload
    def get(self, header: str) -> str: ...
    @overload
    def get(self, header: str, default: str) -> str: ...
    @overload
    def get(self, header: str, default: None) -> str | None: ...
    def get(self, header: str, default: str | None = "") -> str | None:
        """Return the first value of a header, or the default (an empty string) if it is not there."""
        value = find(self.raw, needle(header))
        return default if value is None else value

    def __contains__(self, header: str) -> bool:
        """Whether the header is there, even empty."""
        return self.get(header, None) is not None

    def all(self, header: str) -> list[str]:
        """Return every value of a repeated header, in the order of the wire; empty if there is none."""
        wanted = header.lower()
        return [value for name, value in self.items() if name.lower() == wanted]

    def unescaped(self, header: str) -> str:
        r"""Return the first value with Asterisk's C escapes (`\n`, `\"`, `\\` …) undone.

        Asterisk escapes `Value` of VarSet, caller and connected names and `ChanVariable`, and nothing else:
        undoing it elsewhere would change a value that merely holds a backslash.
        """
        return unescape(self.get(header))

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every header in the order of the wire, names as they were written."""
        for line in self.raw.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            if colon:
                yield text(name), text(_unpad(value))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __repr__(self) -> str:
        shown = " ".join(f"{name}={value!r}" for name, value in self.items())
        return f"<{type(self).__name__} {shown[:500]}>"


def unescape(value: str) -> str:
    r"""Undo Asterisk's C escapes (`\n`, `\"`, `\\` …)."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value)


def text(raw: bytes) -> str:
    """Decode; bytes that are not UTF-8 become lone surrogates (PEP 383), which encode back to themselves."""
    return raw.decode("utf-8", "surrogateescape")


def _unpad(value: bytes) -> bytes:
    """Drop the one blank that belongs to the colon."""
    return value[1:] if value[:1] == b" " else value
