"""A manager interface that can be told to misbehave, for the faults that a real Asterisk cannot be asked for.

It speaks the protocol by itself, without the code under test: lines are cut and answered here by hand.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Headers = Iterable[tuple[str, str]]
Answer = Callable[["Session", "Received"], None]

BANNER = b"Asterisk Call Manager/9.0.0\r\n"


@dataclass(frozen=True)
class Received:
    """An action as it came over the wire."""

    lines: tuple[str, ...]

    @property
    def name(self) -> str:
        return self["Action"]

    @property
    def id(self) -> str:
        return self["ActionID"]

    def __getitem__(self, header: str) -> str:
        return next(iter(self.all(header)), "")

    def all(self, header: str) -> list[str]:
        start = header.lower() + ": "
        return [line[len(start) :] for line in self.lines if line.lower().startswith(start)]


class Session:
    """One client's connection."""

    def __init__(self, server: FakeAmi, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.writer = writer
        self.logged_in = False
        self.frozen = False

    def write(self, data: bytes) -> None:
        if not data or self.frozen or self.writer.is_closing():
            return
        size = self.server.segment or len(data)
        for start in range(0, len(data), size):
            self.writer.write(data[start : start + size])

    def respond(self, action: Received, response: str = "Success", headers: Headers = ()) -> None:
        self.write(block([("Response", response), ("ActionID", action.id), *headers]))

    def event(self, name: str, headers: Headers = ()) -> None:
        self.write(block([("Event", name), *headers]))

    def list(self, action: Received, rows: Iterable[tuple[str, Headers]], complete: str) -> None:
        self.respond(action, headers=[("EventList", "start"), ("Message", "A list will follow")])
        for name, headers in rows:
            self.event(name, [("ActionID", action.id), *headers])
        self.event(complete, [("ActionID", action.id), ("EventList", "Complete"), ("ListItems", "0")])

    def drop(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()


@dataclass
class FakeAmi:
    """The server. `answers` holds what to do with an action, by its name."""

    secret: str = "s3cret"
    user: str = "bridge"
    banner: bytes = BANNER
    started: str = "2026-11-24 01:00:00"
    segment: int = 0
    tls: ssl.SSLContext | None = None
    port: int = 0
    refuse_login: bool = False
    after_login: bytes = b""
    answers: dict[str, Answer] = field(default_factory=dict)
    actions: list[Received] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    connections: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.answers = {**DEFAULT_ANSWERS, **self.answers}
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Stop to listen and cut every connection, as a dying Asterisk does."""
        if self._server is not None:
            self._server.close()
        for session in self.sessions:
            session.drop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def session(self) -> Session:
        """The last client that logged in."""
        return next(session for session in reversed(self.sessions) if session.logged_in)

    def count(self, name: str) -> int:
        return sum(action.name == name for action in self.actions)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        session = Session(self, writer)
        self.sessions.append(session)
        session.write(self.banner)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                data = await reader.readuntil(b"\r\n\r\n")
                self.raw += data
                self._take(session, data)
        writer.transport.abort()

    def _take(self, session: Session, data: bytes) -> None:
        lines = data.decode("utf-8", "surrogateescape").split("\r\n")[:-2]
        # Asterisk takes a bare line feed for the end of a line, too.
        action = Received(tuple(part for line in lines for part in line.split("\n")))
        self.actions.append(action)
        answer = self.answers.get(action.name)
        if session.frozen:
            return
        if answer is None:
            session.respond(action, "Error", [("Message", "Invalid/unknown command")])
        else:
            answer(session, action)


def block(headers: Headers) -> bytes:
    """Write one message as Asterisk does."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    return text.encode("utf-8", "surrogateescape")


def _challenge(session: Session, action: Received) -> None:
    session.respond(action, headers=[("Challenge", "4711")])


def _login(session: Session, action: Received) -> None:
    server = session.server
    key = hashlib.md5(b"4711" + server.secret.encode(), usedforsecurity=False).hexdigest()
    proven = action["Key"] == key or action["Secret"] == server.secret
    if server.refuse_login or action["Username"] != server.user or not proven:
        session.respond(action, "Error", [("Message", "Authentication failed")])
        session.writer.close()
        return
    session.logged_in = True
    accepted = [("Response", "Success"), ("ActionID", action.id), ("Message", "Authentication accepted")]
    session.write(block(accepted) + server.after_login)


def _core_status(session: Session, action: Received) -> None:
    date, _, time = session.server.started.partition(" ")
    session.respond(action, headers=[("CoreStartupDate", date), ("CoreStartupTime", time)])


def _logoff(session: Session, action: Received) -> None:
    session.respond(action, "Goodbye", [("Message", "Thanks for all the fish.")])
    session.writer.close()


def succeed(session: Session, action: Received) -> None:
    """Answer that all went well."""
    session.respond(action, headers=[("Message", "Done")])


def say_nothing(_session: Session, _action: Received) -> None:
    """Leave the action without an answer."""


DEFAULT_ANSWERS: dict[str, Answer] = {
    "Challenge": _challenge,
    "Login": _login,
    "Logoff": _logoff,
    "CoreSettings": lambda s, a: s.respond(a, headers=[("AsteriskVersion", "22.10.1")]),
    "CoreStatus": _core_status,
    "Ping": lambda s, a: s.respond(a, headers=[("Ping", "Pong"), ("Timestamp", "1795486133.5")]),
    "Originate": lambda s, a: s.respond(a, headers=[("Message", "Originate successfully queued")]),
    "Hangup": succeed,
    "UserEvent": succeed,
}
