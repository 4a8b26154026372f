"""A FastAGI server: scripts asked for by `AGI(agi://host/<script>)`.

Whatever a script does, the call goes on in the dialplan: the server closes the session and never hangs up.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from bridge.agi.connection import Connection
from bridge.agi.desk import CallDesk
from bridge.agi.desk_server import DeskConnection
from bridge.agi.exits import contain_exits
from bridge.agi.gate import Gate
from bridge.agi.handshake import BridgeHandshake
from bridge.agi.relays import Relays
from bridge.agi.session import QUICK_TIMEOUT, AgiSession

log = logging.getLogger(__name__)

Handler = Callable[[AgiSession], Awaitable[None]]

_STOP_TIME = 2.0
"""Seconds for cancelled scripts to clean up."""

_DESKS = 100
"""Connections of relays that may be open beside those of sessions; a relay has one, and some more when it
connects again."""


class FastAgiServer:
    """Listens for Asterisk and runs `handler` for each session.

    Args:
        handler: awaited with each session once its environment is in. See `ScriptLoader.handler`.
        host: address to listen on. FastAGI has no login: loopback or a private network.
        port: 4573 is FastAGI's own; 0 takes a free one, see `port`.
        max_sessions: sessions at a time. One more is refused: `BRIDGE_ERROR=too many sessions`, then closed.
        env_timeout: seconds for a peer to send its environment.
        command_timeout: seconds for Asterisk to answer a quick command.
        session_timeout: seconds for a whole session; a script that is not done then is cancelled.
        allow: addresses or networks that may connect; None: all that reach the socket.
        secret: shared with the relays. If given, each connection begins with the handshake of
            `bridge.agi.handshake`, so that only relays get in; Asterisk talks to its relay.
        desk: answers the questions that relays put on behalf of their scripts; needs `secret`.
        desks: those for relays that name their Asterisk, by its name; a name that is not in it is refused.
        tls: a server's TLS context, if relay and bridge are not on a private network.
    """

    def __init__(  # noqa: PLR0913 - each is a limit that an administrator sets by name
        self,
        handler: Handler,
        host: str = "127.0.0.1",
        port: int = 4573,
        *,
        max_sessions: int = 1000,
        env_timeout: float = 5.0,
        command_timeout: float = QUICK_TIMEOUT,
        session_timeout: float = 4 * 3600.0,
        allow: Iterable[str] | None = None,
        secret: str | None = None,
        desk: CallDesk | None = None,
        desks: Mapping[str, CallDesk] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.max_sessions = max_sessions
        self.env_timeout = env_timeout
        self.command_timeout = command_timeout
        self.session_timeout = session_timeout
        self.allow = None if allow is None else [ip_network(entry) for entry in allow]
        self.served = 0
        """Sessions whose script ran."""
        self.refused = 0
        """Connections turned away: too many, from elsewhere, silent, or without the secret."""
        self.failed = 0
        """Scripts that raised, did not exist or took too long."""
        self.handler = handler
        self._tls = tls
        self._secret = secret
        self._desk = desk
        self._desks = desks or {}
        first = next((name for name, one in self._desks.items() if one is desk), "")
        self.relays = Relays(self._desks, first)
        """Relays that are connected now, and why others are not."""
        self.gates: set[Gate] = set()
        self._questions: set[asyncio.Task[None]] = set()
        """What relays have asked and is being answered."""
        self._look: asyncio.TimerHandle | None = None
        self._server: asyncio.AbstractServer | None = None
        self.running: set[asyncio.Task[None]] = set()
        self.connections: set[Connection] = set()
        """Open ones, also those that have not begun a script."""

    @property
    def sessions(self) -> int:
        """Sessions that are running now."""
        return len(self.running)

    async def start(self) -> None:
        """Listen. `port` is then the real one."""
        loop = asyncio.get_running_loop()
        contain_exits(loop)
        server = await loop.create_server(self._accept, self.host, self.port, ssl=self._tls, backlog=1024)
        self._server = server
        self.port = server.sockets[0].getsockname()[1]

    async def drain(self, timeout: float = 10.0) -> None:
        """Take no new sessions, let what is under way (questions too) end in `timeout` s, then close all."""
        if self._server is not None:
            self._server.close()
        await self._ended(timeout)
        await self.stop()

    async def stop(self) -> None:
        """Close all at once. Each call goes on in its dialplan."""
        if self._look is not None:
            self._look.cancel()
            self._look = None
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self.running | self._questions:
            task.cancel()
        for connection in self.connections | self.gates:
            connection.abort()
        await self._ended(_STOP_TIME)

    async def _ended(self, timeout: float) -> None:
        """Wait until the scripts that run and the questions under way have ended, but not for longer."""
        work = self.running | self._questions
        if work:
            await asyncio.wait(work, timeout=timeout)

    def _accept(self) -> asyncio.Protocol:
        if self._secret is None:
            return Connection(self)
        handshake = BridgeHandshake(self._secret, self._desks)
        return Gate(handshake, self)

    def may_enter(self, peer: Any) -> bool:
        """Whether a connection may even try to prove itself: not from elsewhere, and not one of too many."""
        if self.admits(peer) and len(self.gates) <= 2 * self.max_sessions + _DESKS:
            return True
        self.refused += 1
        return False

    def inside(self, purpose: str, asterisk: str) -> asyncio.Protocol | None:
        """What serves a relay that has proved itself."""
        if purpose == "session":
            return Connection(self, asterisk)
        desk = self._desks.get(asterisk, self._desk)
        return DeskConnection(desk, self.relays, self._questions, asterisk) if desk is not None else None

    def turned_away(self, asterisk: str, why: str) -> None:
        """Remember why a relay could not connect."""
        self.relays.refused(asterisk, why)

    def watch(self) -> None:
        """End connections that take too long: one look at all of them, rather than a timer each."""
        if self._look is None:
            every = min(self.env_timeout, self.session_timeout, self.command_timeout, 1.0) / 4
            self._look = asyncio.get_running_loop().call_later(every, self._end_overdue)

    def _end_overdue(self) -> None:
        self._look = None
        now = asyncio.get_running_loop().time()
        for connection in [c for c in self.connections if c.due < now or c.answer_due.due < now]:
            connection.overdue(now)
        if self.connections:
            self.watch()

    def admits(self, peer: Any) -> bool:
        """Tell whether that address (as a socket names it) may connect."""
        if self.allow is None:
            return True
        address = ip_address(str(peer[0]).partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.allow)
