"""Passes sessions for scripts that only a bridge has to that bridge, each command with a deadline.

The relay keeps the session with Asterisk in its own hands: it reads the bridge's commands as lines, sends
each itself and hands the answer back. So a bridge that dies or falls silent ends its script, never holds the
call.
"""

from __future__ import annotations

import asyncio
import logging

from bridge.agi.bridges import Bridges
from bridge.agi.deadline import within
from bridge.agi.desk_link import Address, connect
from bridge.agi.errors import AgiError, CommandTimeout, DeskUnavailable, HandshakeFailed
from bridge.agi.handshake import RelayHandshake
from bridge.agi.session import AgiSession

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 2.0
"""Seconds for connection and handshake."""


class _Remote(asyncio.Protocol):
    """The bridge's end of one passed session: a queue of command lines, None at its end."""

    def __init__(self, secret: str, asterisk: str) -> None:
        loop = asyncio.get_running_loop()
        self.open: asyncio.Future[None] = loop.create_future()
        self.lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.transport: asyncio.Transport | None = None
        self._handshake: RelayHandshake | None = RelayHandshake(secret, "session", asterisk)
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment] # a stream's is a Transport
        self.write(self._handshake.opening if self._handshake else b"")

    def data_received(self, data: bytes) -> None:
        if self._handshake is not None:
            data = self._shake_hands(self._handshake, data)
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self.lines.put_nowait(line)
        if len(self._buffer) > 2 * 8192:
            self.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        self.lines.put_nowait(None)
        if not self.open.done():
            self.open.set_exception(DeskUnavailable("the bridge closed the connection"))
            self.open.exception()

    def write(self, data: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _shake_hands(self, handshake: RelayHandshake, data: bytes) -> bytes:
        try:
            self.write(handshake.receive_data(data))
        except HandshakeFailed as error:
            if not self.open.done():
                self.open.set_exception(error)
                self.open.exception()
            self.abort()
            return b""
        if not handshake.done:
            return b""
        self._handshake = None
        self.open.set_result(None)
        return handshake.leftover


class SessionProxy:
    """Hands sessions to the first bridge that takes them.

    Args:
        bridges: whom to ask.
        step_timeout: seconds that a bridge has for each next command.
    """

    def __init__(self, bridges: Bridges, *, step_timeout: float = 10.0) -> None:
        self._bridges = bridges
        self._step_timeout = step_timeout

    async def run(self, agi: AgiSession) -> None:
        """Pass the session on until the script ends.

        Raises:
            DeskUnavailable: no bridge took it, or the one that did went away or fell silent in mid script.
        """
        failure: AgiError = DeskUnavailable("no bridge takes the session")
        for bridge in self._bridges.all:
            try:
                remote = await self._open(bridge.address)
            except AgiError as error:
                failure = error
                continue
            try:
                await self._converse(agi, remote)
            finally:
                remote.abort()
            return
        raise failure

    async def _open(self, address: Address) -> _Remote:
        remote = _Remote(self._bridges.secret, self._bridges.asterisk)

        async def opened() -> None:
            await connect(address, remote, self._bridges.tls)
            await remote.open

        try:
            await within(CONNECT_TIMEOUT, opened())
        except (OSError, UnicodeError) as error:
            raise DeskUnavailable(f"{address}: {error}") from error
        except AgiError:
            remote.abort()
            raise
        return remote

    async def _converse(self, agi: AgiSession, remote: _Remote) -> None:
        """Pass commands and answers. No other bridge is tried any more: the script may have acted already."""
        remote.write(b"".join(_line(f"{name}: {value}") for name, value in agi.env.items()) + b"\n")
        hangup = asyncio.ensure_future(_tell_hangup(agi, remote))
        try:
            while (line := await self._next_command(remote)) is not None:
                reply = await agi.send(line.decode("utf-8", "surrogateescape"))
                remote.write(_line(reply.text))
        finally:
            hangup.cancel()

    async def _next_command(self, remote: _Remote) -> bytes | None:
        try:
            return await within(self._step_timeout, remote.lines.get())
        except CommandTimeout:
            raise DeskUnavailable(f"the bridge gave no command for {self._step_timeout:g} s") from None


async def _tell_hangup(agi: AgiSession, remote: _Remote) -> None:
    await agi.hung_up.wait()
    remote.write(b"HANGUP\n")


def _line(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape") + b"\n"
