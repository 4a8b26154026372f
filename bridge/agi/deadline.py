"""Limits of time: one for a piece of work, and one that is cheap to move."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bridge.agi.errors import CommandTimeout

_T = TypeVar("_T")

NEVER = float("inf")


async def within(seconds: float, work: Awaitable[_T]) -> _T:
    """Await `work` for `seconds` at most; then cancel it and do not wait for it.

    (`asyncio.wait_for` waits until the cancelled work has ended, which may be never.)

    Raises:
        CommandTimeout: it was not done in time.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise CommandTimeout(f"not done within {seconds:g} s")
    finally:
        task.cancel()


def _nothing() -> None:
    """What a cancelled alarm rings, lest it keeps its owner alive: a cycle in each session."""


class Alarm:
    """Calls `ring` once the time set last is up.

    Setting and clearing cost next to nothing, however often it is done: the loop's timer stays as it is and
    looks, when it fires, whether the time is really up. (A timer for each command was a tenth of a session's
    cost.)
    """

    __slots__ = ("_due", "_loop", "_ring", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], object]) -> None:
        self._loop = loop
        self._ring = ring
        self._due: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, seconds: float) -> None:
        """Ring in so many seconds, and not when it was set to before."""
        self._due = due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > due:
            self._arm(due)

    def clear(self) -> None:
        """Do not ring."""
        self._due = None

    def cancel(self) -> None:
        """Never ring any more, and let go of everything."""
        self._due = None
        self._ring = _nothing
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        due, self._timer = self._due, None
        if due is None:
            return
        if self._loop.time() < due - 0.001:
            self._arm(due)
            return
        self._due = None
        self._ring()


class Mark(Alarm):
    """An alarm without a timer of its own: whoever owns many of them looks, now and then, which are `due`."""

    __slots__ = ("due",)

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:  # rings nothing, so it needs no more
        self._loop = loop
        self.due = NEVER

    def set(self, seconds: float) -> None:
        """Be due in so many seconds."""
        self.due = self._loop.time() + seconds

    def clear(self) -> None:
        """Be due never."""
        self.due = NEVER

    def cancel(self) -> None:
        """Be due never."""
        self.due = NEVER
