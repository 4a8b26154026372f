"""Parts of the service that run all the time: it does not go on without one of them."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def background(run: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run a coroutine for as long as the context stands. If it fails, the whole service must not go on."""
    task = asyncio.create_task(run(), name=getattr(run, "__qualname__", "background"))
    task.add_done_callback(_died)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _died(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("a part of the bridge died; stopping", part=task.get_name(), exc_info=error)
        signal.raise_signal(signal.SIGTERM)
