"""Typed attributes over a message's headers: decoded when read, nothing before.

`channel = Text("Channel")` in a class below `Message` makes `event.channel` a look-up of that header.
A header that is missing or unreadable gives the field's default instead of an error: an event is a report by
somebody else, of any of several versions, and must never stop its reader.
"""

from __future__ import annotations

from typing import Generic, Self, TypeVar, overload

from bridge.ami.protocol import Message, unescape

__all__ = ["Escaped", "Field", "Flag", "Number", "Text"]

T = TypeVar("T")


class Field(Generic[T]):
    """One header, read as a `T`.

    Attributes:
        header: the header's name on the wire.
    """

    __slots__ = ("header",)

    def __init__(self, header: str) -> None:
        """Name the header."""
        self.header = header

    @overload
    def __get__(self, message: None, owner: type) -> Self: ...
    @overload
    def __get__(self, message: Message, owner: type) -> T: ...
    def __get__(self, message: Message | None, owner: type) -> Self | T:
        return self if message is None else self.read(message)

    def read(self, message: Message) -> T:
        """Return the header's value in this message."""
        raise NotImplementedError


class Text(Field[str]):
    """A string; empty if the header is missing."""

    __slots__ = ()

    def read(self, message: Message) -> str:
        """Return the value as it is."""
        return message.get(self.header)


class Escaped(Field[str]):
    """A string that Asterisk C-escapes on the wire: given back as it really is."""

    __slots__ = ()

    def read(self, message: Message) -> str:
        """Return the value with its escapes undone."""
        return unescape(message.get(self.header))


class Number(Field[int]):
    """A whole number; the default (0) if the header is missing or holds none."""

    __slots__ = ("default",)

    def __init__(self, header: str, default: int = 0) -> None:
        """Name the header and what stands for nothing."""
        super().__init__(header)
        self.default = default

    def read(self, message: Message) -> int:
        """Return the value as a number."""
        try:
            return int(message.get(self.header))
        except ValueError:
            return self.default


class Flag(Field[bool]):
    """A truth value; Asterisk writes `1`, `Yes`, `True` or `on` for a true one."""

    __slots__ = ()

    def read(self, message: Message) -> bool:
        """Return whether the value says yes."""
        return message.get(self.header).lower() in {"1", "yes", "true", "on"}
