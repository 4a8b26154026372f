"""The bridges that a relay can ask, and which of them it asks: the first in the list that answers."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import Iterable
from typing import Any

from bridge.agi.desk_link import Address, DeskLink, open_link
from bridge.agi.errors import AgiError, DeskUnavailable
from bridge.agi.wire import Record

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 2.0
"""Seconds for connection and handshake."""

RETRY_FIRST, RETRY_LAST = 0.1, 1.0
"""Seconds between two tries to connect: the first wait, and the longest. A bridge that is back should be
found at once: until then every caller gets the fallback, and a refused connection costs next to nothing."""

HOLD_ON = 0.5
"""Seconds that a question waits for a connection if there is none: a bridge that restarts may be back."""


class Bridge:
    """One bridge: a connection that is made again whenever it is lost."""

    def __init__(
        self, address: Address, secret: str, tls: ssl.SSLContext | None = None, asterisk: str = ""
    ) -> None:
        self.address = address
        self.link: DeskLink | None = None
        self._secret = secret
        self._tls = tls
        self._asterisk = asterisk

    async def keep_connected(self, changed: asyncio.Event) -> None:
        """Connect for ever, with a jittered back-off; `changed` is set at each connection."""
        wait = RETRY_FIRST
        while True:
            try:
                link = await open_link(self.address, self._secret, CONNECT_TIMEOUT, self._tls, self._asterisk)
            except AgiError as error:
                log.log(logging.WARNING if wait == RETRY_FIRST else logging.DEBUG, "%s", error)
                await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                wait = min(wait * 2, RETRY_LAST)
                continue
            log.info("connected to the bridge at %s", self.address)
            self.link, wait = link, RETRY_FIRST
            changed.set()
            try:
                await link.closed
            finally:
                self.link = None
                link.close()


class Bridges:
    """All bridges of a relay.

    Args:
        addresses: in the order in which they are asked.
        secret: shared with all of them.
        tls: a client's TLS context, if they listen with TLS.
        asterisk: the name that they all have for the relay's Asterisk; empty: their first.
    """

    def __init__(
        self,
        addresses: Iterable[Address],
        secret: str,
        tls: ssl.SSLContext | None = None,
        asterisk: str = "",
    ) -> None:
        self.all = [Bridge(address, secret, tls, asterisk) for address in addresses]
        self.secret = secret
        self.tls = tls
        self.asterisk = asterisk
        self.connected = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect."""
        self._tasks = [asyncio.ensure_future(bridge.keep_connected(self.connected)) for bridge in self.all]

    async def stop(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_connected(self) -> bool:
        """Whether there is one to ask."""
        return any(bridge.link is not None for bridge in self.all)

    async def ask(self, name: str, record: Record, timeout: float) -> Any:
        """Ask the first bridge that is there; if it goes away or answers nothing of use, ask the next.

        Asking twice is safe: every question is idempotent.

        Raises:
            DeskUnavailable: no bridge answered within `timeout` seconds.
            DeskError: the last that answered could not.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        asked: set[DeskLink] = set()
        failure: AgiError = DeskUnavailable("no bridge is connected")
        while (left := deadline - loop.time()) > 0:
            link = self._next_link(asked)
            if link is None:
                if asked or not await self._connection(min(HOLD_ON, left)):
                    break
                continue
            asked.add(link)
            try:
                return await link.ask(name, record, self._share(left, asked))
            except AgiError as error:
                failure = error
        raise failure

    def _next_link(self, asked: set[DeskLink]) -> DeskLink | None:
        return next((b.link for b in self.all if b.link is not None and b.link not in asked), None)

    def _share(self, left: float, asked: set[DeskLink]) -> float:
        """Leave half of the time for the others, if there are others."""
        return left / 2 if self._next_link(asked) is not None else left

    async def _connection(self, timeout: float) -> bool:
        self.connected.clear()
        waiting = asyncio.ensure_future(self.connected.wait())
        done, _ = await asyncio.wait({waiting}, timeout=timeout)
        waiting.cancel()
        return bool(done)
