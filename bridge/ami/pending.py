"""The actions in flight on one link: which answer and which list row belongs to which caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from bridge.ami.errors import (
    ActionRefused,
    ActionTimeout,
    InvalidAction,
    OutcomeUnknown,
    PermissionDenied,
    ProtocolFault,
)
from bridge.ami.protocol import Message, tidy

__all__ = ["Answer", "Expect", "InFlight"]


class Expect(Enum):
    """What an action is answered with."""

    ONE = "one message"
    LIST = "a message, then rows until one says that the list is complete"
    EITHER = "a list if the answer announces one"


@dataclass(slots=True)
class Answer:
    """An answer, and the rows that followed it if it was a list."""

    response: Message
    rows: list[Message] = field(default_factory=list)


@dataclass(slots=True)
class _Entry:
    name: str
    expect: Expect
    blocking: bool
    future: asyncio.Future[Answer]
    timer: asyncio.TimerHandle
    answer: Answer | None = None


class InFlight:
    """Futures by ActionID, each with a deadline.

    Attributes:
        lists: whether rows are awaited, by ActionID; empty most of the time, so that the reader can skip
            looking for ActionIDs in events.
        late: answers that came when nobody waited for them any more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with nothing in flight."""
        self._loop = loop
        self._entries: dict[str, _Entry] = {}
        self.lists: dict[bytes, _Entry] = {}
        self.late = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def blocking(self) -> bool:
        """Whether an action is in flight during which Asterisk cannot answer a ping."""
        return any(entry.blocking for entry in self._entries.values())

    def add(
        self, action_id: str, name: str, expect: Expect, timeout: float, *, blocking: bool = False
    ) -> asyncio.Future[Answer]:
        """Register an action and return the future of its answer.

        Raises:
            InvalidAction: its ActionID is in flight already; two answers could not be told apart.
        """
        if action_id in self._entries:
            raise InvalidAction(f"the ActionID {action_id[:60]!r} is in flight already")
        future: asyncio.Future[Answer] = self._loop.create_future()
        timer = self._loop.call_later(timeout, self._expire, action_id, timeout)
        entry = _Entry(name, expect, blocking, future, timer)
        self._entries[action_id] = entry
        if expect is not Expect.ONE:
            self.lists[action_id.encode("utf-8", "surrogateescape")] = entry
        return future

    def forget(self, action_id: str) -> None:
        """Drop an action; its caller is served, or has gone."""
        entry = self._entries.pop(action_id, None)
        if entry is not None:
            entry.timer.cancel()
            self.lists.pop(action_id.encode("utf-8", "surrogateescape"), None)

    def take_response(self, message: Message) -> None:
        """Give an answer to its caller.

        Raises:
            ProtocolFault: it has no ActionID, so it cannot be known whose it is.
        """
        action_id = message.get("ActionID")
        if not action_id:
            raise ProtocolFault(f"an answer without ActionID: {message.get('Message')[:200]!r}")
        entry = self._entries.get(action_id)
        if entry is None or entry.answer is not None:
            self.late += 1
        elif message.name == "Error":
            _fail(entry, _refusal(entry.name, message))
        else:
            self._accept(entry, message)

    def take_row(self, piece: bytes) -> bool:
        """Take an event if it is a row of a list that is awaited; tell whether it was."""
        entry = self.lists.get(_action_id(piece))
        if entry is None or entry.answer is None or piece.startswith(b"Response:"):
            return False
        message = Message(tidy(piece))
        if b"\r\nEventList:" not in piece:
            entry.answer.rows.append(message)
        elif message.get("EventList").lower() == "cancelled":
            _fail(entry, _refusal(entry.name, message))
        else:
            _resolve(entry)
        return True

    def fail_all(self, error: Callable[[str], OutcomeUnknown]) -> None:
        """Tell every caller that the answer will not come. `error` makes each an exception of its own."""
        for action_id, entry in list(self._entries.items()):
            entry.timer.cancel()
            _fail(entry, error(action_id))
        self._entries.clear()
        self.lists.clear()

    def _accept(self, entry: _Entry, message: Message) -> None:
        entry.answer = Answer(message)
        if entry.expect is Expect.ONE or (entry.expect is Expect.EITHER and not _announces_list(message)):
            _resolve(entry)

    def _expire(self, action_id: str, timeout: float) -> None:
        entry = self._entries[action_id]
        text = f"{entry.name} was not answered within {timeout:g} s; it may or may not have happened"
        _fail(entry, ActionTimeout(text, action_id=action_id))


def _announces_list(message: Message) -> bool:
    return message.get("EventList").lower() == "start"


def _resolve(entry: _Entry) -> None:
    if not entry.future.done() and entry.answer is not None:
        entry.future.set_result(entry.answer)


def _fail(entry: _Entry, error: Exception) -> None:
    if not entry.future.done():
        entry.future.set_exception(error)


def _refusal(name: str, message: Message) -> ActionRefused:
    """Make the exception for an error answer; Asterisk marks a lack of rights by its text alone."""
    text = message.get("Message")
    kind = PermissionDenied if text.lower() == "permission denied" else ActionRefused
    return kind(text or f"{name} was refused without a reason", message)


def _action_id(piece: bytes) -> bytes:
    start = piece.find(b"\r\nActionID: ") + 12
    if start < 12:
        return b""
    end = piece.find(b"\r\n", start)
    return piece[start:] if end < 0 else piece[start:end]
