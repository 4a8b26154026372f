"""A limit of time that holds, whatever the work does with its cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bridge.agi.errors import CommandTimeout

_T = TypeVar("_T")


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
