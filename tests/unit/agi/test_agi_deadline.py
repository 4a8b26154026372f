from __future__ import annotations

import asyncio
import contextlib

import pytest

from bridge.agi.deadline import within
from bridge.agi.errors import CommandTimeout


async def test_work_done_in_time_gives_its_result_or_its_error() -> None:
    async def fail() -> None:
        raise ValueError("wrong")

    assert await within(1, asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ValueError, match="wrong"):
        await within(1, fail())


async def test_work_that_takes_too_long_is_cancelled() -> None:
    work = asyncio.ensure_future(asyncio.sleep(60))
    with pytest.raises(CommandTimeout, match=r"0\.05"):
        await within(0.05, work)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    assert work.cancelled()


async def test_the_limit_holds_also_for_work_that_will_not_be_cancelled() -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await release.wait()

    work = asyncio.ensure_future(stubborn())
    with pytest.raises(CommandTimeout):
        await within(0.05, work)
    release.set()
    await work


async def test_cancelling_the_wait_cancels_the_work() -> None:
    work = asyncio.ensure_future(asyncio.sleep(60))
    waiting = asyncio.ensure_future(within(60, work))
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    with contextlib.suppress(asyncio.CancelledError):
        await work
    assert work.cancelled()
