"""The relay: a small process beside Asterisk that the dialplan talks to, and that always answers in time.

    python3 -m bridge.agi.relay --bridges 192.0.2.10:4574 --secret-file /etc/agent-bridge/relay.secret

The five steps of a call (`bridge.agi.steps.STEPS`) run here; only their questions go to a bridge, and if none
answers, the relay does (`bridge.agi.fallback`). Any other script runs in a bridge, its session passed on
command by command (`bridge.agi.proxy`). Nothing but Python 3.9 is needed. Why it is so:
docs/decisions/0002-own-agi-engine.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

import agi_scripts
from bridge.agi.bridges import Bridges
from bridge.agi.deadline import within
from bridge.agi.delivery import Delivery
from bridge.agi.desk_server import DeskConnection
from bridge.agi.fallback import FallbackDesk
from bridge.agi.loader import ScriptLoader, script_name
from bridge.agi.proxy import SessionProxy
from bridge.agi.relay_desk import RelayDesk
from bridge.agi.relay_settings import RelaySettings
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession
from bridge.agi.spool import Spool
from bridge.agi.steps import STEPS
from bridge.agi.watchdog import Watchdog
from bridge.agi.watcher import Watcher

log = logging.getLogger("agent-bridge.relay")

STEP_LIMIT = 9.5
"""Seconds for a whole step, after which its session is closed: just under the 10 s of the dialplan's own
limit."""

DRAIN_TIME = 2.0
"""Seconds at the end for steps under way; a step usually takes milliseconds."""


class Relay:
    """All parts of the relay, put together. Make it inside a running event loop."""

    def __init__(self, settings: RelaySettings, secret: str) -> None:
        self.settings = settings
        self.spool = Spool(settings.reports)
        tls = ssl.create_default_context(cafile=settings.tls_ca) if settings.tls_ca else None
        self.bridges = Bridges(settings.bridges, secret, tls, settings.asterisk)
        fallback = FallbackDesk(self.spool, queue=settings.queue, abandon_message=settings.playable)
        self.desk = RelayDesk(self.bridges, fallback, self.spool)
        self.server = FastAgiServer(
            self._serve,
            settings.listen.host,
            settings.listen.port,
            max_sessions=settings.max_sessions,
            allow=settings.allow or None,
        )
        self._proxy = SessionProxy(self.bridges, step_timeout=settings.step_timeout)
        self._scripts = ScriptLoader(Path(agi_scripts.__path__[0]))
        self._delivery: asyncio.Task[None] | None = None
        self._socket: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        """Listen, connect, and begin to deliver what waits.

        Raises:
            OSError: the address is taken, or the folder cannot be written.
        """
        self.spool.prepare()
        for step in STEPS:  # all at once now, rather than one in a call
            self._scripts.load(step)
        self.bridges.start()
        self._delivery = asyncio.ensure_future(Delivery(self.spool, self.bridges).run())
        if self.settings.abandon_message and self.settings.unstated:
            log.warning(
                "abandon_message is not played: %s not stated in the settings",
                ", ".join(self.settings.unstated),
            )
        await self.server.start()  # first: where another relay runs, this fails and leaves its socket alone
        self._socket = await self._listen_for_forked()
        log.info("listening on %s:%s", self.server.host, self.server.port)

    async def stop(self) -> None:
        """Take no more, let steps under way end, hang up."""
        await self.server.drain(DRAIN_TIME)
        if self._socket is not None:
            self._socket.close()
            with contextlib.suppress(OSError):
                self.settings.socket.unlink()
        if self._delivery is not None:
            self._delivery.cancel()
            await asyncio.gather(self._delivery, return_exceptions=True)
        await self.bridges.stop()

    async def _serve(self, agi: AgiSession) -> None:
        name = script_name(agi.script)
        if name in STEPS:
            await within(STEP_LIMIT, self._scripts.load(name)(agi, self.desk))
        else:
            await self._proxy.run(agi)

    async def _listen_for_forked(self) -> asyncio.AbstractServer:
        path = self.settings.socket
        with contextlib.suppress(OSError):
            path.unlink()  # of a relay that was killed
        loop = asyncio.get_running_loop()
        server = await loop.create_unix_server(lambda: DeskConnection(self.desk), str(path))
        path.chmod(0o660)
        return server


async def run(settings: RelaySettings) -> None:
    """Run a relay until SIGTERM or SIGINT.

    Raises:
        OSError, ValueError: it cannot start.
    """
    settings.check()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    relay = Relay(settings, settings.secret())
    await relay.start()
    with Watchdog(loop, watcher=Watcher()):
        await ended.wait()
        await relay.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run as a program. Exit status 2 if the settings are wrong or it cannot start."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = RelaySettings.from_arguments(sys.argv[1:] if arguments is None else arguments, os.environ)
        asyncio.run(run(settings))
    except (OSError, ValueError) as error:
        log.error("cannot start: %s", error)  # noqa: TRY400 - for an administrator, who needs no trace
        sys.exit(2)


if __name__ == "__main__":
    main()
