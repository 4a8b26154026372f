"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def eventually(condition: Callable[[], object], within: float = 5.0) -> None:
    """Return as soon as the condition holds; fail if it does not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not condition():
        assert loop.time() < deadline, f"not within {within} s"
        await asyncio.sleep(0.005)


async def never(condition: Callable[[], object], during: float = 0.3) -> None:
    """Return when the condition has not held for the whole time; fail as soon as it does."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + during
    while loop.time() < deadline:
        assert not condition()
        await asyncio.sleep(0.005)
