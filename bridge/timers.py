"""Deadlines of calls: a coroutine at a time, by a key, so that it can be put off or called off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

import structlog

from bridge.store.errors import StoreInDoubt, StoreUnavailable

RETRY: Final = 1.0
"""Seconds until an action that the store could not take is tried again."""

_log = structlog.get_logger(__name__)


class Timers:
    """Nothing here is kept: after a restart the deadlines are worked out again from the store."""

    def __init__(self) -> None:
        self._handles: dict[Hashable, asyncio.TimerHandle] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._stopped = False

    def start(self, key: Hashable, seconds: float, action: Callable[[], Awaitable[object]]) -> None:
        """Run `action` in `seconds`, in place of what the key waited for; never again after `stop`."""
        self.cancel(key)
        if self._stopped:  # the store is about to be closed
            return
        loop = asyncio.get_running_loop()
        self._handles[key] = loop.call_later(max(seconds, 0.0), self._fire, key, action)

    def cancel(self, key: Hashable) -> None:
        """Forget what the key waits for, if anything."""
        if handle := self._handles.pop(key, None):
            handle.cancel()

    async def stop(self) -> None:
        """Forget everything that waits, and wait for what runs; that is the end."""
        self._stopped = True
        for key in tuple(self._handles):
            self.cancel(key)
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    def _fire(self, key: Hashable, action: Callable[[], Awaitable[object]]) -> None:
        self._handles.pop(key, None)
        task = asyncio.ensure_future(self._run(key, action))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, key: Hashable, action: Callable[[], Awaitable[object]]) -> None:
        try:
            await action()
        except (StoreUnavailable, StoreInDoubt) as error:  # the deadline has passed all the same
            _log.warning("a deadline's action has to wait for the store", key=repr(key), error=str(error))
            if key not in self._handles:
                self.start(key, RETRY, action)
        except Exception:  # noqa: BLE001 - nobody waits for it: the log is where it can be told
            _log.exception("a deadline's action failed", key=repr(key))
