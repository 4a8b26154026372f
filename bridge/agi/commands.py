r"""One AGI command as one line of bytes, and nothing else.

Asterisk splits a command at blanks and honours `"…"`, `\"` and `\\`. A line feed cannot be quoted at all: it
would begin a second command, so it is refused.
"""

from __future__ import annotations

import functools
import re

from bridge.agi.errors import LocalProtocolError

LINE_LIMIT = 2046
"""Bytes of a command without its line feed, for any Asterisk: it reads into 2,048 bytes, line feed and NUL
included.

What is longer is not cut: the rest is read as the *next command*. So a long value, too, could smuggle one in.
"""

LONG_LINE_LIMIT = 8190
"""The same for versions that read into 8,192 bytes; see `line_limit`."""

_LONG_SINCE = {20: 17, 21: 12, 22: 7, 23: 1}
"""Minor versions that are sure to hold the change of July 2025 (asterisk/asterisk#1318). Seen: 22.10 yes,
16.28 no."""

ARGUMENT_LIMIT = 120
"""Arguments of a command: Asterisk splits a line into 127 words at most, those of the command included."""

_PLAIN = re.compile(r"[A-Za-z0-9_\-./:@+#*]+", re.ASCII)
_REFUSED = "CR, LF and NUL cannot be sent: they would begin a second command"
_VALUE_COMMANDS = (b"GET VARIABLE ", b"GET FULL VARIABLE ", b"DATABASE GET ", b"RECEIVE TEXT ")


def quote(argument: str | int) -> str:
    r"""Write one argument so that Asterisk reads back exactly `argument`.

    Raises:
        LocalProtocolError: it holds CR, LF or NUL.
    """
    text = str(argument)
    if text.isidentifier() or _PLAIN.fullmatch(text):  # nearly every name is an identifier
        return text
    if "\n" in text or "\r" in text or "\0" in text:
        raise LocalProtocolError(_REFUSED)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@functools.lru_cache(maxsize=16)
def line_limit(version: str) -> int:
    """Tell how long a line may be for an Asterisk that calls itself so (`agi_version`)."""
    match = re.match(r"(\d+)\.(\d+)\.", version)
    if match is None:
        return LINE_LIMIT
    major, minor = int(match.group(1)), int(match.group(2))
    return (
        LONG_LINE_LIMIT if major > max(_LONG_SINCE) or minor >= _LONG_SINCE.get(major, 1000) else LINE_LIMIT
    )


@functools.lru_cache(maxsize=256, typed=True)  # scripts say the same things over and over
def encode_command(words: str, *arguments: str | int, limit: int = LINE_LIMIT) -> bytes:
    """Write a command: its constant words (`"SET VARIABLE"`) and its quoted arguments, with the line feed.

    Raises:
        LocalProtocolError: an argument cannot be quoted, or the line is longer than Asterisk reads.
    """
    if len(arguments) > ARGUMENT_LIMIT:
        raise LocalProtocolError(f"a command has {ARGUMENT_LIMIT} arguments at most")
    return encode_line(" ".join((words, *map(quote, arguments))), limit)


def encode_line(line: str, limit: int = LINE_LIMIT) -> bytes:
    """Check a command that is written already, and end it.

    Raises:
        LocalProtocolError: it is empty, holds CR, LF or NUL, or is longer than Asterisk reads.
    """
    if "\n" in line or "\r" in line or "\0" in line:
        raise LocalProtocolError(_REFUSED)
    if not line or line.isspace():
        raise LocalProtocolError("an empty line is no command")
    raw = (line + "\n").encode("utf-8", "surrogateescape")
    if len(raw) > limit + 1:
        raise LocalProtocolError(f"a command has {limit} bytes at most, this one has {len(raw) - 1}")
    return raw


@functools.lru_cache(maxsize=256)
def answers_with_value(line: bytes) -> bool:
    """Tell whether Asterisk answers this command with a raw value in brackets, line feeds and all."""
    return line[:18].upper().startswith(_VALUE_COMMANDS)
