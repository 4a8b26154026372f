"""The service's end of the socket."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from contextlib import suppress
from typing import Any, NamedTuple

import structlog

from bridge.admin import wire
from bridge.admin.carry_out import audited
from bridge.admin.command import Command, Parts
from bridge.admin.errors import EXPECTED, AdminError
from bridge.tracebacks import frames

CLIENTS = 16
"""Served at the same time; others wait until they are accepted, and cost nothing meanwhile."""
REQUEST_SECONDS = 5.0
"""For a request to come in whole, and for its answer to be taken."""
ACCEPT_AGAIN = 1.0
"""Seconds until the next try, when a connection could not be accepted."""
LET_GO = 5.0
"""Seconds that a stop waits for commands under way."""
PIECE = 65_536
"""Bytes that are read at once."""
_CREDENTIALS = struct.Struct("3i")
"""`struct ucred` of unix(7): process, user, group."""

_log = structlog.get_logger(__name__)


class Peer(NamedTuple):
    """Who has connected, as the kernel says."""

    pid: int
    uid: int


class AdminServer:
    """Carries out the commands that come over the socket, each of its own task.

    Args:
        listener: the socket, listening.
        parts: what the commands work with.
        users: user ids that may command; root and this process's own, if left out.
    """

    def __init__(self, listener: socket.socket, parts: Parts, users: frozenset[int] | None = None) -> None:
        self._listener = listener
        self._parts = parts
        self._users = frozenset({0, os.geteuid()}) if users is None else users
        self._places = asyncio.Semaphore(CLIENTS)
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until it is cancelled; then commands under way have a while to come to their end."""
        try:
            while True:
                await self._places.acquire()
                link = await self._next()
                client = asyncio.create_task(self._serve(link), name="admin-client")
                self._clients.add(client)
                client.add_done_callback(self._leave)
        finally:
            await self._let_go()

    async def _let_go(self) -> None:
        if self._clients:
            await asyncio.wait(self._clients, timeout=LET_GO)
        late = tuple(self._clients)
        for client in late:
            client.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _next(self) -> socket.socket:
        loop = asyncio.get_running_loop()
        while True:
            try:
                link, _ = await loop.sock_accept(self._listener)
            except OSError as error:  # no descriptor left, most likely: there will be one again
                _log.warning("an admin connection was not accepted", error=str(error))
                await asyncio.sleep(ACCEPT_AGAIN)
            else:
                return link

    def _leave(self, client: asyncio.Task[None]) -> None:
        self._clients.discard(client)
        self._places.release()

    async def _serve(self, link: socket.socket) -> None:
        """Take one command, and tell what became of it."""
        with link, suppress(OSError):  # who has gone hears nothing
            try:
                answer = await self._answer(link)
            except AdminError as error:
                answer = wire.failure(str(error))
            async with asyncio.timeout(REQUEST_SECONDS):
                await asyncio.get_running_loop().sock_sendall(link, answer)

    async def _answer(self, link: socket.socket) -> bytes:
        peer = peer_of(link)
        if peer.uid not in self._users:
            _log.warning("admin command refused", uid=peer.uid, pid=peer.pid)
            raise AdminError(f"user {peer.uid} may not command this service: only root and its own user may")
        asked = wire.command(await _line(link))
        tell = _log.debug if asked.often else _log.info
        tell("admin command", command=type(asked).__name__, uid=peer.uid, pid=peer.pid)
        return await self._carry_out(asked, peer.uid)

    async def _carry_out(self, asked: Command[Any], uid: int) -> bytes:
        try:
            return wire.success(await audited(asked, self._parts, uid))
        except EXPECTED as error:
            raise AdminError(str(error)) from None
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the service
            _log.error("an admin command failed", command=type(asked).__name__, traceback=frames(error))
            raise AdminError("the service failed at this command: its log says how") from None


def peer_of(link: socket.socket) -> Peer:
    """Who is at the other end of a Unix socket."""
    pid, uid, _ = _CREDENTIALS.unpack(
        link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    return Peer(pid, uid)


async def _line(link: socket.socket) -> bytes:
    """The one line of a client.

    Raises:
        AdminError: it is too long, too slow, or not one line.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            while b"\n" not in data[-PIECE:]:
                piece = await asyncio.get_running_loop().sock_recv(link, PIECE)
                data += piece
                _check(data, piece)
    except TimeoutError:
        raise AdminError(f"the request was not here as a whole within {REQUEST_SECONDS:g} s") from None
    return bytes(data)


def _check(data: bytearray, piece: bytes) -> None:
    if not piece:
        raise AdminError("the request has no end")
    if len(data) > wire.MOST_BYTES:
        raise AdminError(f"the request is longer than {wire.MOST_BYTES} bytes")
