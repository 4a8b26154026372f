"""The AMI wire format without any I/O: bytes in, messages out, and actions to bytes.

Rules of this module:

* A message ends at CR LF CR LF. Some versions of Asterisk slip and write CR LF LF, or an empty line too
  many (asterisk/asterisk#761); both are taken. A bare LF inside a value belongs to the value.
* Nothing is decoded before somebody asks: see `Message`.
* What is written holds exactly the lines that were meant. A bare LF ends a line for Asterisk too, so CR, LF
  and NUL are refused in every name and value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from bridge.ami.errors import InvalidAction, NotAsterisk, ProtocolFault
from bridge.ami.message import Message, text, unescape

__all__ = [
    "BANNER_PREFIX",
    "NEED_DATA",
    "Banner",
    "Frame",
    "FrameReader",
    "Message",
    "NeedData",
    "encode_action",
    "tidy",
    "unescape",
]

BANNER_PREFIX: Final = b"Asterisk Call Manager/"
BANNER_LIMIT: Final = 128
"""Bytes. Asterisk's own is under 40; whoever sends more without a line end is not Asterisk."""

MESSAGE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of one unfinished message. The longest honest ones are console outputs of a few MiB."""

LINE_LIMIT: Final = 1022
"""Bytes of an action line without its CR LF; Asterisk refuses 1,023 (measured on Asterisk 22)."""

HEADER_LIMIT: Final = 128
"""Lines of one action, `AST_MAX_MANHEADERS` of Asterisk's manager.h."""

ACTION_ID_LIMIT: Final = 128
"""Bytes. Asterisk copies the ActionID into buffers of 150 bytes and would cut a longer one off."""

_END: Final = b"\r\n\r\n"
_SLIP: Final = b"\r\n\n"
_FORBIDDEN = re.compile(rb"[\r\n\0]")
_NAME = re.compile(r"[!-9;-~]([ -9;-~]*[!-9;-~])?")  # printable ASCII, no colon, no blank at an end


class NeedData(Enum):
    """The type of `NEED_DATA`."""

    NEED_DATA = "need data"


NEED_DATA: Final = NeedData.NEED_DATA
"""`FrameReader.next()` has nothing complete; feed it more."""


class Banner(str):
    """The line with which Asterisk greets, for instance `Asterisk Call Manager/9.0.0`."""

    __slots__ = ()

    @property
    def version(self) -> str:
        """The version of the AMI protocol (not of Asterisk)."""
        return self.rpartition("/")[2]


Frame: TypeAlias = Banner | Message


class FrameReader:
    """Cuts a byte stream into AMI messages, in time linear in its length however it is split.

    `feed()` only stores. `next()` gives the banner first, then one message after the other.

    Args:
        limit: the longest unfinished message, in bytes, before the peer is called faulty.
        banner: whether the stream begins with Asterisk's greeting.
    """

    __slots__ = ("_limit", "_ready", "_searched", "_tail", "greeted")

    def __init__(self, *, limit: int = MESSAGE_LIMIT, banner: bool = True) -> None:
        """Start at the beginning of a stream."""
        self._limit = limit
        self._tail = bytearray()
        self._searched = 0
        self._ready: list[bytes] = []
        self.greeted = not banner

    def feed(self, data: bytes) -> None:
        """Store bytes from the peer."""
        self._tail += data

    def next(self) -> Frame | NeedData:
        """Return the next frame, or `NEED_DATA`.

        Raises:
            NotAsterisk: the first line is not Asterisk's greeting.
            ProtocolFault: a message grew over the limit.
        """
        if not self.greeted:
            banner = self.take_banner()
            return NEED_DATA if banner is None else banner
        if not self._ready:
            self._ready = [frame for piece in reversed(self.take()) if (frame := tidy(piece))]
        return Message(self._ready.pop()) if self._ready else NEED_DATA

    def take_banner(self) -> Banner | None:
        """Return the greeting once it is complete.

        Raises:
            NotAsterisk: as soon as the bytes cannot become Asterisk's greeting.
        """
        head = bytes(self._tail[:BANNER_LIMIT])
        line, end, _ = head.partition(b"\n")
        if end:
            fits = line.startswith(BANNER_PREFIX)
        else:
            fits = len(head) < BANNER_LIMIT and line[: len(BANNER_PREFIX)] == BANNER_PREFIX[: len(line)]
        if not fits:
            raise NotAsterisk(f"the peer greeted with {head[:60]!r}, not with {BANNER_PREFIX.decode()!r}")
        if not end:
            return None
        del self._tail[: len(line) + 1]
        self.greeted = True
        return Banner(text(line.rstrip(b"\r")))

    def take(self) -> list[bytes]:
        """Return all complete messages as raw pieces, in order: the fast way, for a busy connection.

        A piece may be empty or still carry an empty line at either end; `tidy` removes it.

        Raises:
            ProtocolFault: a message grew over the limit.
        """
        tail = self._tail
        start = max(0, self._searched - 3)
        if tail.find(_END, start) < 0 and tail.find(_SLIP, start) < 0:
            self._searched = len(tail)
            if self._searched > self._limit:
                raise ProtocolFault(f"a message of over {self._limit} bytes without an end")
            return []
        whole = bytes(tail)
        # From the right, which is twice as fast as split() and find() on CPython 3.11, and gives the same.
        if whole.rfind(_SLIP) >= 0:
            whole = whole.replace(_SLIP, _END)
        pieces = whole.rsplit(_END)
        self._tail = bytearray(pieces.pop())
        self._searched = 0
        return pieces


def tidy(piece: bytes) -> bytes:
    """Remove what a surplus empty line left at the ends of a piece; a value's own bare LF stays."""
    while piece.endswith(b"\r\n"):
        piece = piece[:-2]
    return piece.lstrip(b"\r\n")


def encode_action(action: str, fields: Iterable[tuple[str, str]], action_id: str) -> bytes:
    """Write one action as bytes.

    Args:
        action: the action's name.
        fields: its headers in order; a name may come several times.
        action_id: comes back in the answer.

    Raises:
        InvalidAction: a name or value that would write anything else than exactly these lines.
    """
    if len(action_id.encode("utf-8", "surrogatepass")) > ACTION_ID_LIMIT:
        raise InvalidAction(f"an ActionID is at most {ACTION_ID_LIMIT} bytes long")
    lines = [("Action", action), ("ActionID", action_id)]
    for name, value in fields:
        _check_name(name)
        lines.append((name, value))
    if len(lines) > HEADER_LIMIT:
        raise InvalidAction(f"an action has at most {HEADER_LIMIT} headers, not {len(lines)}")
    whole = "".join([f"{name}: {value}\r\n" for name, value in lines])
    try:
        data = whole.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = b""
    # All lines at once, as every action passes here; one by one only to tell which of them is at fault.
    if len(data) > LINE_LIMIT or _ends(data) != len(lines):
        data = b"".join([_line(name, value) for name, value in lines])
    return data + b"\r\n"


def _ends(data: bytes) -> int:
    """How many line ends there are; 0 if there are other control characters that end a line for Asterisk."""
    ends = data.count(b"\r\n")
    return ends if data.count(b"\n") == data.count(b"\r") == ends and b"\0" not in data else 0


@lru_cache(maxsize=1024)
def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidAction(f"{name[:40]!r} is no header name")
    if name.lower() in {"action", "actionid"}:
        raise InvalidAction(f"the header {name} is written by the engine")


def _line(name: str, value: str) -> bytes:
    try:
        line = f"{name}: {value}".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidAction(f"the value of {name} is no text") from error
    if _FORBIDDEN.search(line):
        raise InvalidAction(f"the value of {name} holds a line break or a NUL")
    if len(line) > LINE_LIMIT:
        raise InvalidAction(f"the line of {name} is over {LINE_LIMIT} bytes long")
    return line + b"\r\n"
