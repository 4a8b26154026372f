"""A session with PostgreSQL that is begun again whenever it ends, for as long as somebody wants it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import structlog

from bridge.store.faults import FOREIGN

FIRST_PAUSE: Final = 0.1
"""Seconds before the second attempt, at most; twice as many before each one after it."""

_log = structlog.get_logger(__name__)


async def keep_up(session: Callable[[], Awaitable[None]], longest_pause: float, complaint: str) -> NoReturn:
    """Run `session` again and again, until cancelled.

    Args:
        session: from connecting to the end of the connection.
        longest_pause: seconds between two attempts, at most; one that has lasted longer begins anew with
            the shortest.
        complaint: what is logged when it ends by a fault.
    """
    pause = FIRST_PAUSE
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await session()
        except (*FOREIGN, TimeoutError) as error:
            _log.warning(complaint, error=str(error) or type(error).__name__)
        except Exception:  # noqa: BLE001  a bug must not end the only task that does this
            _log.exception(complaint)
        if asyncio.get_running_loop().time() - began > longest_pause:
            pause = FIRST_PAUSE
        await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311  no secret
        pause = min(pause * 2, longest_pause)
