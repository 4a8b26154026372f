"""Typed attributes over a message's headers: decoded when read, nothing before.

`channel = Text("Channel")` in a class below `Message` makes `event.channel` a look-up of that header.
A header that is missing or unreadable gives the field's default instead of an error: an event is a report by
somebody else, of any of several versions, and must never stop its reader.
"""

from __future__ import annotations

from typing import Generic, Self, TypeVar, overload

from bridge.ami.message import Message, find, needle, unescape

__all__ = ["Escaped", "Field", "Flag", "Number", "Text"]

T = TypeVar("T")


class Field(Generic[T]):
    """One header, read as a `T`.

    Attributes:
        header: the header's name on the wire.
    """

    __slots__ = ("_needle", "header")

    def __init__(self, header: str) -> None:
        """Name the header."""
        self.header = header
        self._needle = needle(header)

    @overload
    def __get__(self, message: None, owner: type) -> Self: ...
    @overload
    def __get__(self, message: Message, owner: type) -> T: ...
    def __get__(self, message: Message | None, owner: type) -> Self | T:
        if message is None:
            return self
        return self.read(find(message.raw, self._needle) or "")

    def read(self, value: str) -> T:
        """Make a `T` of the header's value; it is empty if the header is missing."""
        raise NotImplementedError


class Text(Field[str]):
    """A string; empty if the header is missing."""

    __slots__ = ()

    @overload
    def __get__(self, message: None, owner: type) -> Self: ...
    @overload
    def __get__(self, message: Message, owner: type) -> str: ...
    def __get__(self, message: Message | None, owner: type) -> Self | str:
        # The same as in Field, without the call of read(): these are most of what is read.
        return self if message is None else find(message.raw, self._needle) or ""

    def read(self, value: str) -> str:
        """Return the value as it is."""
        return value


class Escaped(Field[str]):
    """A string that Asterisk C-escapes on the wire: given back as it really is."""

    __slots__ = ()

    def read(self, value: str) -> str:
        """Return the value with its escapes undone."""
        return unescape(value)


class Number(Field[int]):
    """A whole number; the default (0) if the header is missing or holds none."""

    __slots__ = ("default",)

    def __init__(self, header: str, default: int = 0) -> None:
        """Name the header and what stands for nothing."""
        super().__init__(header)
        self.default = default

    def read(self, value: str) -> int:
        """Return the value as a number."""
        try:
            return int(value)
        except ValueError:
            return self.default


class Flag(Field[bool]):
    """A truth value; Asterisk writes `1`, `Yes`, `True` or `on` for a true one."""

    __slots__ = ()

    def read(self, value: str) -> bool:
        """Return whether the value says yes."""
        return value.lower() in {"1", "yes", "true", "on"}
