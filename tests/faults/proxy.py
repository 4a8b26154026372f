"""Proxies between the bridge and what it talks to: they cut, delay, freeze, swallow, and keep a record.

Whatever comes is cut into messages (by a rule of the protocol), and a test may say of each what happens to
it. Nothing of the code under test is used here.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

BANNER_END: Final = b"\r\n"
MESSAGE_END: Final = b"\r\n\r\n"


class Side(Enum):
    """Who has sent a message."""

    CLIENT = "client"
    """Who connects to the proxy: the bridge before AMI, the relay before the bridge."""
    SERVER = "server"


class Verdict(Enum):
    """What becomes of a message."""

    PASS = "pass"
    SWALLOW = "swallow"
    """It never arrives, and nobody is told."""
    CUT = "cut"
    """It never arrives, and the link goes; new ones are refused until `mend()`."""
    PASS_AND_CUT = "pass and cut"
    """It arrives, and nothing after it."""
    REFUSE = "refuse"
    """It never arrives: the sender of an AMI action hears that it was refused."""
    HOLD = "hold"
    """It waits for `release()`; what comes after it does not."""


Rule = Callable[[Side, bytes], "Verdict | None"]
"""Says what becomes of a message; `None` is `PASS`."""


@dataclass
class Passed:
    """What went through, in order, whole messages."""

    client: list[bytes] = field(default_factory=list)
    server: list[bytes] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    """What the client sent, whether or not it was let through."""

    def of(self, side: Side) -> list[bytes]:
        return self.client if side is Side.CLIENT else self.server


class Proxy:
    """A TCP proxy for one address.

    Args:
        host: of the server behind it.
        port: of the server behind it.
        end: what ends a message; empty where nobody looks at messages.
        listen: address to listen on.

    Attributes:
        passed: what went through.
        held: what waits for `release()`.
        rule: asked about each message.
        delay: seconds that each message is held up, in each direction.
    """

    def __init__(
        self, host: str, port: int, *, end: bytes = MESSAGE_END, listen: tuple[str, int] = ("127.0.0.1", 0)
    ) -> None:
        self.target = (host, port)
        self._end = end
        self._listen = listen
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._cut = False
        self.passed = Passed()
        self.held: list[tuple[bytes, asyncio.StreamWriter]] = []
        self.rule: Rule | None = None
        self.delay = 0.0
        self.port = 0

    async def start(self) -> None:
        """Listen; `port` is known then."""
        self._server = await asyncio.start_server(self._accept, *self._listen, limit=2**22)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Let everything go."""
        if self._server is not None:
            self._server.close()
        self._flowing.set()
        self.cut()
        for link in list(self._links):
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)

    # -- faults

    def cut(self) -> None:
        """Cut every link, without a word, and refuse new ones."""
        self._cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Take connections again, and ask no rule any more."""
        self.rule = None
        self._cut = False

    def freeze(self) -> None:
        """Let nothing pass in either direction; every connection stays open."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let everything go on that waits."""
        self._flowing.set()

    def release(self) -> None:
        """Let what was held go on, if there still is a link."""
        for message, writer in self.held:
            if not writer.is_closing():
                writer.write(message)
        self.held.clear()

    # -- inside

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        task.add_done_callback(self._links.discard)
        if self._cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.target, limit=2**22)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(
                self._pump(Side.CLIENT, reader, far_writer, writer),
                self._pump(Side.SERVER, far_reader, writer, far_writer),
            )
        finally:
            self._writers -= both
            for one in both:
                one.transport.abort()

    async def _pump(
        self,
        side: Side,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
    ) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                rest += data
                *messages, rest = self._split(rest)
                for message in messages:
                    await self._one(side, message, writer, back)
        await self._flowing.wait()
        writer.transport.abort()

    def _split(self, data: bytes) -> Iterator[bytes]:
        """Whole messages, then what is left. A banner is a message that ends with its line."""
        if data.startswith(b"Asterisk Call Manager/") and BANNER_END in data:
            banner, data = data[: data.index(BANNER_END) + 2], data[data.index(BANNER_END) + 2 :]
            yield banner
        if not self._end:
            yield data
            yield b""
            return
        *messages, rest = data.split(self._end)
        for message in messages:
            yield message + self._end
        yield rest

    async def _one(
        self, side: Side, message: bytes, writer: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        await self._flowing.wait()
        if side is Side.CLIENT:
            self.passed.seen.append(message)
        verdict = (self.rule(side, message) if self.rule else None) or Verdict.PASS
        if verdict is Verdict.REFUSE:
            action_id = field_of(message, "ActionID")
            back.write(
                f"Response: Error\r\nActionID: {action_id}\r\nMessage: Refused by a test\r\n\r\n".encode()
            )
        if verdict is Verdict.HOLD:
            self.held.append((message, writer))
        if verdict in {Verdict.PASS, Verdict.PASS_AND_CUT}:
            self.passed.of(side).append(message)
            writer.write(message)
            await writer.drain()
        if verdict in {Verdict.CUT, Verdict.PASS_AND_CUT}:
            self.cut()


def field_of(message: bytes, name: str) -> str:
    """The first value of a header of an AMI message; empty if there is none."""
    start = f"{name}:".encode().lower()
    for line in message.split(b"\r\n"):
        if line.lower().startswith(start):
            return line[len(start) :].strip().decode("utf-8", "replace")
    return ""


def is_action(message: bytes, action: str, **fields: str) -> bool:
    """Whether a message is such an action."""
    wanted = {"Action": action} | fields
    return all(field_of(message, name) == value for name, value in wanted.items())
