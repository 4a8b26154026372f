"""One connection over which a desk is asked: used once, never revived."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import time
from typing import Any, NamedTuple

from bridge.agi.deadline import within
from bridge.agi.errors import (
    AgiError,
    CommandTimeout,
    DeskError,
    DeskRefused,
    DeskUnavailable,
    HandshakeFailed,
)
from bridge.agi.handshake import RelayHandshake
from bridge.agi.questions import LINE_LIMIT, PING, QUESTIONS
from bridge.agi.wire import Record

log = logging.getLogger(__name__)

PING_EVERY = 0.5
"""Seconds after which the other side is asked whether it is there, and learns that we are."""

DEAD_AFTER = 1.5
"""Seconds of silence after which it is not. A bridge's event loop was never seen to pause for 0.3."""


class Address(NamedTuple):
    """Where a desk is: a TCP address, or a Unix socket's path with port 0."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int = 4574) -> Address:
        """Read `host`, `host:port`, `[v6]:port` or `/path/of/a/socket`.

        Raises:
            ValueError: it is none of these.
        """
        if text.startswith("/"):
            return cls(text, 0)
        host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        if not colon:
            host, port = text, str(default_port)
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"not an address: {text!r} (host:port, or the path of a socket)")
        return cls(host.strip("[]"), int(port))

    def __str__(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


async def connect(
    address: Address, protocol: asyncio.BaseProtocol, tls: ssl.SSLContext | None = None
) -> asyncio.Transport:
    """Connect to wherever `address` says."""
    loop = asyncio.get_running_loop()
    if address.port:
        transport, _ = await loop.create_connection(lambda: protocol, address.host, address.port, ssl=tls)
    else:
        transport, _ = await loop.create_unix_connection(lambda: protocol, address.host)
    return transport


class DeskLink(asyncio.Protocol):
    """A connection to a desk.

    Args:
        secret: shared with the bridge; None on a Unix socket, where the file's rights say who may ask.
        asterisk: the name that the bridge has for the Asterisk of these questions; empty: its first.

    Attributes:
        open: done once questions can be asked; raises why not.
        closed: done once the connection is gone.
    """

    def __init__(self, secret: str | None, asterisk: str = "") -> None:
        loop = asyncio.get_running_loop()
        self.open: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._handshake = RelayHandshake(secret, "desk", asterisk) if secret is not None else None
        self._clock_ahead = 0.0
        self._buffer = b""
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._heard = loop.time()
        self._pulse: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    async def ask(self, name: str, record: Record, timeout: float) -> Any:
        """Ask, and give the answer's record.

        Raises:
            DeskUnavailable: no answer in `timeout` seconds, or the connection went; asking again is safe.
            DeskError: it answered that it cannot.
        """
        if self.closed.done():
            raise DeskUnavailable
        number, answer = self._next()
        until = time.monotonic() + timeout + self._clock_ahead
        self._send({"id": number, "ask": name, "with": record.to_wire(), "until": round(until, 3)})
        expiry = self._loop.call_later(timeout, self._expire, answer)
        try:
            wire = await answer
        finally:
            expiry.cancel()
            self._asked.pop(number, None)
        try:
            return QUESTIONS[name].answer.from_wire(wire)
        except ValueError as error:
            raise DeskError(f"an answer that cannot be understood: {error}") from error

    def close(self) -> None:
        """Hang up; questions in flight fail with `DeskUnavailable`."""
        if self._transport is not None:
            self._transport.abort()

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prove ourselves, or begin."""
        self._transport = transport  # type: ignore[assignment] # a stream's is a Transport
        if self._handshake is not None:
            self._write(self._handshake.opening)
        else:
            self._begin()

    def data_received(self, data: bytes) -> None:
        """Take answers."""
        self._heard = self._loop.time()
        if self._handshake is not None:
            data = self._shake_hands(self._handshake, data)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._take(line)
        if len(self._buffer) > LINE_LIMIT:
            self._fail(DeskError("the desk sends too long a line"))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell everybody who waits."""
        if self._pulse is not None:
            self._pulse.cancel()
        for future in (*self._asked.values(), self.open):
            if not future.done():
                future.set_exception(DeskUnavailable(f"the connection to the bridge was lost: {error}"))
                future.exception()  # nobody may be waiting for it
        if not self.closed.done():
            self.closed.set_result(None)

    def _shake_hands(self, handshake: RelayHandshake, data: bytes) -> bytes:
        try:
            out = handshake.receive_data(data)
        except HandshakeFailed as error:
            self._fail(error)
            return b""
        self._write(out)
        if not handshake.done:
            return b""
        self._handshake = None
        self._clock_ahead = handshake.clock - time.monotonic()
        self._begin()
        return handshake.leftover

    def _begin(self) -> None:
        self._pulse = self._loop.call_later(PING_EVERY, self._beat)
        if not self.open.done():
            self.open.set_result(None)

    def _fail(self, error: Exception) -> None:
        if not self.open.done():
            self.open.set_exception(error)
            self.open.exception()
        self.close()

    def _beat(self) -> None:
        silence = self._loop.time() - self._heard
        if silence > DEAD_AFTER:
            log.warning("the bridge has been silent for %.1f s, connection closed", silence)
            self.close()
            return
        self._send({"id": 0, "ask": PING})
        self._pulse = self._loop.call_later(PING_EVERY, self._beat)

    # Questions and answers.

    def _next(self) -> tuple[int, asyncio.Future[Any]]:
        self._number += 1
        answer: asyncio.Future[Any] = self._loop.create_future()
        self._asked[self._number] = answer
        return self._number, answer

    def _send(self, message: dict[str, Any]) -> None:
        self._write(json.dumps(message).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _take(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            answer = self._asked.get(message["id"])
        except (ValueError, KeyError, TypeError):
            self._fail(DeskError("the desk sends what is no answer"))
            return
        if answer is None or answer.done():
            return
        if "answer" in message:
            answer.set_result(message["answer"])
        elif message.get("error") == "expired":
            answer.set_exception(DeskUnavailable("the question came too late"))
        elif message.get("error") == "bad":
            answer.set_exception(DeskRefused())
        else:
            answer.set_exception(DeskError(f"the desk cannot answer: {message.get('error')}"))

    @staticmethod
    def _expire(answer: asyncio.Future[Any]) -> None:
        if not answer.done():
            answer.set_exception(DeskUnavailable)


async def open_link(
    address: Address,
    secret: str | None,
    timeout: float,
    tls: ssl.SSLContext | None = None,
    asterisk: str = "",
) -> DeskLink:
    """Connect and shake hands.

    Raises:
        DeskUnavailable: nobody there, or not in time.
        HandshakeFailed: the other side does not know the secret, or not this Asterisk.
    """
    link = DeskLink(secret, asterisk)

    async def opened() -> None:
        await connect(address, link, tls)
        await link.open

    try:
        await within(timeout, opened())
    except (OSError, CommandTimeout, UnicodeError) as error:  # the last: no name that a host may have
        link.close()
        raise DeskUnavailable(f"no desk at {address}: {error}") from error
    except AgiError:
        link.close()
        raise
    return link
