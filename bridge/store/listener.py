"""PostgreSQL: rings the bell when another process has committed events, and hears what it has to say."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import URL
from sqlalchemy.pool import NullPool

from bridge.events.outbox import CHANNEL
from bridge.store.kept_up import keep_up
from bridge.store.notices import CHANNEL as NOTICES
from bridge.store.notices import Notices
from bridge.store.server import server_engine
from bridge.store.wakeups import Wakeups

SIGN_OF_LIFE_SECONDS = 20.0
"""How often a silent connection is asked whether it still stands."""
ANSWER_SECONDS = 5.0
"""How long its answer may take, and a connect."""
LONGEST_PAUSE = 5.0
"""Seconds between two attempts to connect, at most."""


class Listener:
    """Listens for as long as it runs; a lost connection is made again.

    Args:
        url: The database, parsed.
        wakeups: The bell.
        notices: Told what the other processes say.
    """

    def __init__(self, url: URL, wakeups: Wakeups, notices: Notices) -> None:
        connect = {
            "timeout": ANSWER_SECONDS,
            "server_settings": {"application_name": "agent-bridge listener"},
        }
        self._engine = server_engine(url, connect, poolclass=NullPool)
        self._wakeups = wakeups
        self._notices = notices
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        standing = keep_up(self._listen, LONGEST_PAUSE, "not told of other processes' events")
        self._task = asyncio.create_task(standing, name="store-listener")

    async def close(self) -> None:
        """Stop, and wait until it has stopped."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self._engine.dispose()

    async def _listen(self) -> None:
        try:
            await self._session()
        finally:
            self._notices.listening = False

    async def _session(self) -> None:
        async with self._engine.connect() as conn:
            driver: Any = (await conn.get_raw_connection()).driver_connection
            gone = asyncio.Event()
            driver.add_termination_listener(lambda _: gone.set())
            await driver.add_listener(CHANNEL, lambda *_: self._wakeups.ring())
            await driver.add_listener(NOTICES, lambda _c, _p, _n, text: self._notices.heard(text))
            self._wakeups.ring()  # for what was committed while nobody listened
            self._notices.missed()
            while not gone.is_set():
                try:
                    await asyncio.wait_for(gone.wait(), SIGN_OF_LIFE_SECONDS)
                except TimeoutError:
                    await driver.fetchval("SELECT 1", timeout=ANSWER_SECONDS)
