"""The bell."""

from __future__ import annotations

import asyncio

from bridge.store.wakeups import Wakeups


async def test_everybody_who_waits_is_woken() -> None:
    bell = Wakeups()
    waiting = [asyncio.create_task(bell.wait(0)) for _ in range(5)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    bell.ring()
    assert await asyncio.gather(*waiting) == [1] * 5


async def test_a_ring_between_looking_and_waiting_is_not_missed() -> None:
    bell = Wakeups()
    seen = bell.rings
    bell.ring()
    assert await asyncio.wait_for(bell.wait(seen), 1) == 1


async def test_one_who_stops_waiting_takes_nothing_from_the_others() -> None:
    bell = Wakeups()
    first, second = (asyncio.create_task(bell.wait(0)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait((first,))
    bell.ring()
    assert await asyncio.wait_for(second, 1) == 1
    assert first.cancelled()
