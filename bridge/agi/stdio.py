"""The same script as a child of Asterisk: `AGI(<name>.py)` talks over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import stat
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bridge.agi.deadline import within
from bridge.agi.desk_link import Address, open_link
from bridge.agi.errors import AgiError, HungUp, SessionClosed
from bridge.agi.fallback import FallbackDesk
from bridge.agi.questions import QUESTIONS, AskingDesk
from bridge.agi.relay_settings import RelaySettings
from bridge.agi.session import AgiSession
from bridge.agi.spool import Spool
from bridge.agi.wire import Record

if TYPE_CHECKING:
    from bridge.agi.desk import CallDesk

log = logging.getLogger(__name__)

ENV_TIMEOUT = 5.0
"""Seconds for Asterisk to send the environment: it does so at once."""

RUN_TIMEOUT = 12.0
"""Seconds for a whole forked script of ours: a child that stays would hold the channel."""

END_TIMEOUT = 3.0
"""Seconds for the process to end after that. Python waits for its threads, and one of them may wait for a
disk: then the alarm ends it."""

_CONNECT_TIMEOUT = 1.0
_ASK_TIMEOUT = 9.0
"""Seconds for the relay to answer: it always does, in 8 at most (`relay_desk.PATIENCE`)."""


def main(run: Callable[[AgiSession, CallDesk], Awaitable[None]]) -> None:
    """Run a script as a child of Asterisk; the last line of each file in `agi_scripts`.

    The script's questions go to the relay, over the socket in its folder (BRIDGE_RELAY_FOLDER); if there is
    none, they are answered as the relay answers when no bridge does. Exit status 0 if the script came to its
    end, 1 if not; one that does not end at all is ended by SIGALRM. The call goes on in any case.
    """
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(message)s")
    signal.setitimer(signal.ITIMER_REAL, ENV_TIMEOUT + RUN_TIMEOUT + END_TIMEOUT)
    sys.exit(asyncio.run(_main(run)))


async def _main(run: Callable[[AgiSession, CallDesk], Awaitable[None]]) -> int:
    try:
        session = await open_session()
        desk = ForkedDesk(RelaySettings.from_environment(os.environ))
        await within(ENV_TIMEOUT, session.ready)
        await within(RUN_TIMEOUT, run(session, desk))
    except (HungUp, SessionClosed) as error:
        log.info("ended by the caller: %s", error)
        return 0
    except (AgiError, OSError, ValueError) as error:
        log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400 - Asterisk's log is no place for a trace
        return 1
    return 0


class ForkedDesk(AskingDesk):
    """Asks the relay, for one script."""

    def __init__(self, settings: RelaySettings) -> None:
        self._socket = Address(str(settings.socket), 0)
        self._fallback = FallbackDesk(
            Spool(settings.reports), queue=settings.queue, abandon_message=settings.playable
        )

    async def ask(self, name: str, record: Record) -> Any:
        """Ask the relay, then ourselves."""
        try:
            link = await open_link(self._socket, None, _CONNECT_TIMEOUT)
            try:
                return await link.ask(name, record, _ASK_TIMEOUT)
            finally:
                link.close()
        except AgiError as error:
            log.warning("no relay answers (%s)", error)
            return await QUESTIONS[name].put(self._fallback, record, 0.0)


async def open_session(stdin: int = 0, stdout: int = 1) -> AgiSession:
    """Open a session over two file descriptors. SIGHUP, Asterisk's way to tell a child, counts as HANGUP.

    Raises:
        SessionClosed: standard input is a file or a terminal; there is no Asterisk at the other end.
    """
    mode = os.fstat(stdin).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        raise SessionClosed("standard input is no pipe: this is to be run by Asterisk, as AGI(name.py)")
    loop = asyncio.get_running_loop()
    session = AgiSession(lambda data: _write_all(stdout, data), lambda: None)
    loop.add_signal_handler(signal.SIGHUP, session.hang_up)
    await loop.connect_read_pipe(lambda: _Input(session), os.fdopen(os.dup(stdin), "rb", 0))
    return session


def _write_all(descriptor: int, data: bytes) -> None:
    """Write a command. It is short (8 KiB at most) and the pipe is empty, so this does not block."""
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except BrokenPipeError:
        log.debug("Asterisk closed the pipe")  # the reader sees the end too, and tells the session


class _Input(asyncio.Protocol):
    def __init__(self, session: AgiSession) -> None:
        self._session = session

    def data_received(self, data: bytes) -> None:
        self._session.data_received(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self._session.connection_lost()
