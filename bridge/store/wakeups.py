"""A bell that rings whenever new events are committed: nobody has to ask the database for them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bridge.events.envelope import EventRecord


class Wakeups:
    """Counts the rings, so that one between two waits is not missed."""

    def __init__(self) -> None:
        self._rings = 0
        self._latest: Sequence[EventRecord] = ()
        self._waiting: asyncio.Future[None] | None = None

    @property
    def rings(self) -> int:
        """How often it has rung: read it, look into the log, then wait for a higher number."""
        return self._rings

    @property
    def latest(self) -> Sequence[EventRecord]:
        """What was committed before the last ring, if whoever rang knew; one who follows need not read it."""
        return self._latest

    def ring(self, committed: Sequence[EventRecord] = ()) -> None:
        """New events are readable. Only from the event loop's own thread.

        Args:
            committed: these; empty if another process wrote them.
        """
        self._rings += 1
        self._latest = committed
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
