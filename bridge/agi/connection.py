"""One connection of a FastAGI server: a session, and the script that runs in it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bridge.agi.commands import encode_command
from bridge.agi.deadline import NEVER, Mark
from bridge.agi.errors import AgiError, HungUp, SessionClosed
from bridge.agi.exits import in_script
from bridge.agi.session import AgiSession

if TYPE_CHECKING:
    from bridge.agi.server import FastAgiServer

log = logging.getLogger(__name__)

_REFUSAL_TIME = 1.0
"""Seconds that a refused peer has to read the refusal."""


class Connection(asyncio.Protocol):
    """One accepted connection, from the first byte to the last."""

    def __init__(self, server: FastAgiServer, asterisk: str = "") -> None:
        self._server = server
        self._asterisk = asterisk
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._expired = False
        self.due = NEVER
        self.answer_due = Mark(self._loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, if it may and there is room."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # TCP gives this one
        server = self._server
        peer = transport.get_extra_info("peername")
        write, abort = self._transport.write, self._transport.abort
        self._session: AgiSession | None = None
        server.connections.add(self)
        if server.allow is not None and not server.admits(peer):
            server.refused += 1
            log.warning("AGI connection from %s refused: not an address that may connect", peer)
            self.abort()
            return
        if len(server.connections) > server.max_sessions:
            self._refuse("too many sessions")
            return
        self._session = AgiSession(
            write, abort, command_timeout=server.command_timeout, peer=peer, alarm=self.answer_due
        )
        self._session.asterisk = self._asterisk
        self.due = self._loop.time() + server.env_timeout
        server.watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes; begin the script once the environment is in."""
        session = self._session
        if session is None:
            return
        session.data_received(data)
        if self._task is None and session.is_ready and not session.closed:
            self._begin(session)

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell the session."""
        self._server.connections.discard(self)
        if self._task is not None and self._task.cancelled():  # before its first step: `_serve` never ran
            self._server.running.discard(self._task)
        if self._session is not None:
            self._session.connection_lost()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _refuse(self, reason: str) -> None:
        """Leave the reason in a channel variable and close: the dialplan goes on, and can say why."""
        server = self._server
        server.refused += 1
        log.warning("AGI session refused: %s", reason)
        if len(server.connections) > 2 * server.max_sessions:
            self.abort()
            return
        self._transport.write(encode_command("SET VARIABLE", "BRIDGE_ERROR", reason))
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._loop.call_later(_REFUSAL_TIME, self.abort)

    def overdue(self, now: float) -> None:
        """End what takes too long: an answer, the environment or the script."""
        if self._session is not None and self.answer_due.due < now:
            self._session.give_up()
            return
        self.due = NEVER
        if self._task is not None:
            self._expire(self._task)
            return
        self._server.refused += 1
        log.warning("AGI peer %s sent no environment in time", self._transport.get_extra_info("peername"))
        self.abort()

    # The script.

    def _begin(self, session: AgiSession) -> None:
        server = self._server
        server.served += 1
        self._task = task = self._loop.create_task(self._serve(session))
        self.due = self._loop.time() + server.session_timeout
        server.running.add(task)

    async def _serve(self, session: AgiSession) -> None:
        in_script.set(True)
        try:
            await self._server.handler(session)
        except (HungUp, SessionClosed):
            log.debug("%r ended by the caller", session)
        except asyncio.CancelledError:
            if not self._expired:
                raise
        except AgiError as error:
            self._server.failed += 1
            log.error("%r failed: %s: %s", session, type(error).__name__, error)  # noqa: TRY400 - it says all
            await self._tell(session, error)
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # whatever it likes, or means to exit
            self._server.failed += 1
            log.exception("%r failed", session)
            await self._tell(session, error)
        finally:
            if self._task is not None:
                self._server.running.discard(self._task)
            self._transport.close()

    def _expire(self, task: asyncio.Task[None]) -> None:
        """End a script that takes too long; the socket too, lest the script swallows its cancellation."""
        self._expired = True
        self._server.failed += 1
        log.error("%r took longer than %s s", self._session, self._server.session_timeout)
        task.cancel()
        self.abort()

    async def _tell(self, session: AgiSession, error: BaseException) -> None:
        """Leave the kind of error in a channel variable, if Asterisk listens. Its text may be secret."""
        if session.idle:
            try:
                name = "BRIDGE_ERROR", f"{session.script[:40]}: {type(error).__name__}"
                await session.command("SET VARIABLE", *name, timeout=_REFUSAL_TIME)
            except AgiError:
                log.debug("%r could not be told", session)
