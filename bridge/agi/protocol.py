"""AGI on the wire, without any I/O: bytes go in, events come out.

Facts of the wire (Asterisk's `res_agi.c`, 16 to 22):

* Asterisk opens with lines `agi_name: value` and one blank line; nothing in them is escaped.
* Then it is our turn: one command a line, one answer a command. Only `HANGUP` comes unasked, at any moment.
* `GET VARIABLE` and its kin print the value raw between brackets: it may hold line feeds and brackets, so
  their
  answer ends at the last `)` that stands before a line feed, and not at the first line feed.
* `520-` opens usage text of many lines that ends with a line starting `520 `.
"""

from __future__ import annotations

import enum
import re
from typing import Any, NamedTuple

from bridge.agi.commands import answers_with_value
from bridge.agi.environment import parse_environment
from bridge.agi.errors import LocalProtocolError, RemoteProtocolError

ENVIRONMENT_LIMIT = 64 * 1024
"""Bytes of an environment: Asterisk sends about 600, and 128 arguments of a dialplan line at most."""

REPLY_LIMIT = 4 * 1024 * 1024
"""Bytes of one answer: variables of 2 MiB were seen to pass, more is a peer that does not stop."""

_LINE_LIMIT = 8192
"""Bytes of a stray line that we keep looking at before it is thrown away unread."""


class Reply(NamedTuple):
    """One answer of Asterisk.

    `result` is what follows `result=` (empty if nothing does), `data` what stands in brackets (None if there
    are none), `text` the whole answer without its last line feed. Bytes that are not UTF-8 survive as
    surrogates.
    """

    code: int
    result: str
    data: str | None
    text: str

    @property
    def endpos(self) -> int | None:
        """The sample at which playback or recording stopped, where Asterisk tells it."""
        match = _ENDPOS.search(self.text)
        return int(match.group(1)) if match else None


class Hangup(NamedTuple):
    """The caller hung up; the session goes on, on a dead channel."""


Event = Any  # Environment | Reply | Hangup, which Python 3.9 cannot write outside an annotation


class State(enum.Enum):
    """Where a session stands."""

    ENVIRONMENT = "reading the environment"
    IDLE = "our turn to send a command"
    AWAITING = "a command is out, its answer is not in"


_IDLE, _AWAITING = State.IDLE, State.AWAITING  # looked up several times in each command

_HEAD = re.compile(rb"\d{3}(?:[ -]|$)")
_ENDPOS = re.compile(r" endpos=(\d+)\b")
_LINE_REPLY = re.compile(r"(\d{3})(?: result=([^ ]*))?(?:.*? \((.*?)\)(?= |$))?")
_VALUE_REPLY = re.compile(r"200 result=([^ \n]*) \(")
_VALUE_HEAD = re.compile(rb"200 result=[^ \n]* \(")
_BLANK = re.compile(rb"\n\r?\n")
_HANGUPS = re.compile(rb"(?:HANGUP\n)*(?:H|HA|HAN|HANG|HANGU|HANGUP)?")
_SKIPPED = object()
_GLUED = re.compile(rb"HANGUP(?=\d{3}[ -])")


class AgiProtocol:
    """One session's incoming half: feed `receive_data`, announce each command by `command_sent`."""

    def __init__(self, *, environment_limit: int = ENVIRONMENT_LIMIT, reply_limit: int = REPLY_LIMIT) -> None:
        self.state = State.ENVIRONMENT
        self.strays = 0
        """Lines thrown away because nobody had asked for them."""
        self._environment_limit = environment_limit
        self._reply_limit = reply_limit
        self._buffer = b""
        self._value_expected = False
        self._value_tail = b")\n"

    def command_sent(self, line: bytes, ends: bytes = b"") -> None:
        """Expect the answer to `line`.

        Args:
            line: the command.
            ends: what the value in its answer ends with, if known: then nothing in it is taken for its end.

        Raises:
            LocalProtocolError: it is not our turn.
        """
        if self.state is not _IDLE:
            raise LocalProtocolError(f"no command can be sent while {self.state.value}")
        self.state = _AWAITING
        self._value_expected = answers_with_value(line)
        self._value_tail = ends + b")\n" if ends else b")\n"

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes as they came and give the events that are complete now.

        Raises:
            RemoteProtocolError: the peer exceeds a limit.
        """
        self._buffer = self._buffer + data if self._buffer else data
        events: list[Event] = []
        while self._buffer:
            event = self._next_environment() if self.state is State.ENVIRONMENT else self._next_event()
            if event is None:
                break
            if event is not _SKIPPED:
                events.append(event)
        return events

    def whole_answer(self, data: bytes) -> Reply | None:
        """Take `data` if it is one success and nothing else, as nearly all that comes is; else None.

        A shortcut: what it does not take is for `receive_data`.
        """
        if self._buffer or not data.startswith(b"200 ") or data.find(b"\n") != len(data) - 1:
            return None
        if self._value_expected and not data.endswith(self._value_tail) and b"(" in data:
            return None
        if self.state is not _AWAITING:
            return None
        self.state = _IDLE
        return parse_reply(data[:-1], is_value=self._value_expected)

    def _next_environment(self) -> Event | None:
        if self._buffer[0] in b"\r\n":
            self._buffer = self._buffer.lstrip(b"\r\n")
            return _SKIPPED
        end = _blank_line(self._buffer)
        if (len(self._buffer) if end is None else end[0]) > self._environment_limit:
            raise RemoteProtocolError(f"the environment is longer than {self._environment_limit} bytes")
        if end is None:
            return None
        block, self._buffer = self._buffer[: end[0]], self._buffer[end[1] :]
        self.state = State.IDLE
        return parse_environment(block)

    def _next_event(self) -> Event | None:
        if self.state is State.AWAITING:
            glued = _GLUED.match(self._buffer)
            if glued:
                self._buffer = self._buffer[glued.end() :]
                return Hangup()
            if _HEAD.match(self._buffer) and len(self._buffer) > 3:
                return self._next_reply()
        return self._next_stray()

    def _next_stray(self) -> Event | None:
        """Take a line that is no answer: `HANGUP`, or something that nobody asked for."""
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > _LINE_LIMIT:
                self._buffer = self._buffer[-16:]
            return None
        line, self._buffer = self._buffer[:end].rstrip(b"\r"), self._buffer[end + 1 :]
        if line == b"HANGUP":
            return Hangup()
        if line:
            self.strays += 1
        return _SKIPPED

    def _next_reply(self) -> Event | None:
        buffer = self._buffer
        if buffer.startswith(b"520-"):
            end = self._end_of_usage(buffer)
        elif self._value_expected and _VALUE_HEAD.match(buffer):
            end = _end_of_value(buffer, self._value_tail)
        else:
            end = buffer.find(b"\n")
        if end < 0:
            if len(buffer) > self._reply_limit:
                raise RemoteProtocolError(f"an answer is longer than {self._reply_limit} bytes")
            return None
        self._buffer = buffer[end + 1 :]
        if buffer[0] == 0x31:  # 1xx: `100 Trying` announces, the answer is still to come
            return _SKIPPED
        self.state = State.IDLE
        return parse_reply(buffer[:end], is_value=self._value_expected)

    @staticmethod
    def _end_of_usage(buffer: bytes) -> int:
        last = buffer.find(b"\n520 ")
        return buffer.find(b"\n", last + 1) if last >= 0 else -1


def _blank_line(buffer: bytes) -> tuple[int, int] | None:
    """Find the first blank line: where the text before it ends, and where what follows begins."""
    match = _BLANK.search(buffer)
    return (match.start(), match.end()) if match else None


def _end_of_value(buffer: bytes, tail: bytes) -> int:
    """Find the line feed that ends a bracketed value, or -1.

    A value may hold `)` and a line feed itself. Asterisk writes an answer in one piece and then waits for
    us, so the answer ends at the *last* such pair, and nothing but `HANGUP` can stand behind it.
    """
    if len(tail) > 2:  # a mark of ours: nothing else can be the end
        found = buffer.find(tail)
        return found + len(tail) - 1 if found >= 0 else -1
    last = buffer.rfind(b")\n")
    return last + 1 if last >= 0 and _HANGUPS.fullmatch(buffer, last + 2) else -1


def parse_reply(raw: bytes, *, is_value: bool = False) -> Reply:
    """Read one whole answer, without its last line feed.

    Args:
        raw: the answer's bytes.
        is_value: the command was one that prints a value raw, so that all between the outer brackets is the
        value.
    """
    text = raw.decode("utf-8", "surrogateescape")
    text = text.removesuffix("\r")
    if text.startswith("200 result="):  # nearly every answer has one of these two forms
        if is_value and text.startswith("1 (", 11):
            return Reply(200, "1", text[14:-1], text)
        if " " not in text[11:]:
            return Reply(200, text[11:], None, text)
    value = _VALUE_REPLY.match(text) if is_value else None
    if value:
        return Reply(200, value.group(1), text[value.end() : -1], text)
    line = _LINE_REPLY.match(text)
    if line is None:
        raise RemoteProtocolError(f"not an answer: {text[:80]!r}")
    return Reply(int(line.group(1)), line.group(2) or "", line.group(3), text)
