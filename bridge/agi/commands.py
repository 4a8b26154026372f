r"""One AGI command as one line of bytes, and nothing else.

Asterisk splits a command at blanks and honours `"…"`, `\"` and `\\`. A line feed cannot be quoted at all: it
would begin a second command, so it is refused.
"""

from __future__ import annotations

from bridge.agi.errors import LocalProtocolError

LINE_LIMIT = 8190
"""Bytes of a command without its line feed: Asterisk reads into 8,192 bytes, line feed and NUL included."""

ARGUMENT_LIMIT = 127
"""Words of a command, as Asterisk counts them."""

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@+#*")
_VALUE_COMMANDS = (b"GET VARIABLE ", b"GET FULL VARIABLE ", b"DATABASE GET ", b"RECEIVE TEXT ")


def quote(argument: str | int) -> bytes:
    r"""Write one argument so that Asterisk reads back exactly `argument`.

    Raises:
        LocalProtocolError: it holds CR, LF or NUL.
    """
    raw = str(argument).encode("utf-8", "surrogateescape")
    if raw and _PLAIN.issuperset(raw):
        return raw
    _refuse_line_breaks(raw)
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def encode_command(words: str, *arguments: str | int) -> bytes:
    """Write a command: its constant words (`"SET VARIABLE"`) and its quoted arguments, with the line feed.

    Raises:
        LocalProtocolError: an argument cannot be quoted, or the line is longer than Asterisk reads.
    """
    line = b" ".join((words.encode("ascii"), *map(quote, arguments)))
    if len(arguments) + words.count(" ") + 1 > ARGUMENT_LIMIT:
        raise LocalProtocolError(f"a command has {ARGUMENT_LIMIT} words at most")
    return encode_line(line)


def encode_line(line: bytes) -> bytes:
    """Check a command that is written already, and end it.

    Raises:
        LocalProtocolError: it is empty, holds CR, LF or NUL, or is longer than Asterisk reads.
    """
    if not line.strip():
        raise LocalProtocolError("an empty line is no command")
    if len(line) > LINE_LIMIT:
        raise LocalProtocolError(f"a command has {LINE_LIMIT} bytes at most, this one has {len(line)}")
    _refuse_line_breaks(line)
    return line + b"\n"


def answers_with_value(line: bytes) -> bool:
    """Tell whether Asterisk answers this command with a raw value in brackets, line feeds and all."""
    return line[:18].upper().startswith(_VALUE_COMMANDS)


def _refuse_line_breaks(raw: bytes) -> None:
    if b"\n" in raw or b"\r" in raw or b"\0" in raw:
        raise LocalProtocolError("CR, LF and NUL cannot be sent: they would begin a second command")
