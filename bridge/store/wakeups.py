"""A bell that rings whenever new events are committed: nobody has to ask the database."""

from __future__ import annotations

import asyncio


class Wakeups:
    """Counts the rings, so that one between two waits is not missed."""

    def __init__(self) -> None:
        self._rings = 0
        self._waiting: asyncio.Future[None] | None = None

    @property
    def rings(self) -> int:
        """How often it has rung: read it, look into the log, then wait for a higher number."""
        return self._rings

    def ring(self) -> None:
        """New events are readable. Only from the event loop's own thread."""
        self._rings += 1
        if self._waiting is not None:
            self._waiting.set_result(None)
            self._waiting = None

    async def wait(self, seen: int) -> int:
        """Return as soon as it has rung more than `seen` times; the count then."""
        while self._rings <= seen:
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._waiting)
        return self._rings
