"""A subscription's queue: bounded, in order, honest about what is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bridge.ami.events.base import AmiEvent
from bridge.ami.state import CloseKind, CloseReason
from bridge.ami.subscriptions import MARKER_ROOM, Gap, Item, LinkDown, LinkUp, Policy, Subscription

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DOWN = LinkDown(NOW, CloseReason(CloseKind.PEER, "", at=NOW, last_heard=NOW))
UP = LinkUp(NOW, "22.10.1", "2026-11-24 01:00:00", first=False)


def event(number: int) -> AmiEvent:
    return AmiEvent(f"Event: E\r\nN: {number}".encode())


def subscription(maxsize: int = 3, policy: Policy = "gap") -> Subscription:
    return Subscription(maxsize, policy, lambda _: None)


async def drain(queue: Subscription) -> list[Item]:
    queue.close()
    return [item async for item in queue]


async def test_gives_items_in_order() -> None:
    queue = subscription(10)
    queue.put(event(1))
    queue.put_report(DOWN)
    queue.put(event(2))
    assert await drain(queue) == [event(1), DOWN, event(2)]


async def test_waits_for_the_next_event() -> None:
    queue = subscription()
    waiting = asyncio.create_task(anext(queue))
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.put(event(1))
    assert await waiting == event(1)


async def test_a_full_queue_is_discarded_as_a_whole_and_a_gap_put_in_its_place() -> None:
    queue = subscription(3)
    before = datetime.now(UTC)
    for number in range(5):
        queue.put(event(number))
    gap, *rest = await drain(queue)
    assert isinstance(gap, Gap)
    assert gap.reason == "overflow"
    assert not gap.restarted
    assert before <= gap.since <= gap.until <= datetime.now(UTC)
    assert rest == [event(3), event(4)]
    assert queue.dropped == 3


async def test_a_second_overflow_widens_the_first_gap() -> None:
    queue = subscription(3)
    for number in range(4):
        queue.put(event(number))
    (first,) = [item for item in queue._queue if isinstance(item, Gap)]
    for number in range(4, 9):
        queue.put(event(number))
    gap, *rest = await drain(queue)
    assert isinstance(gap, Gap)
    assert gap.since == first.since
    assert gap.until >= first.until
    assert queue.dropped + len(rest) == 9
    assert rest[-1] == event(8)


async def test_an_overflow_keeps_the_last_word_about_the_link_and_a_restart() -> None:
    queue = subscription(3)
    earlier = NOW - timedelta(hours=1)
    queue.put(event(0))
    queue.put_report(DOWN)
    queue.put_report(UP)
    queue.put_report(Gap(earlier, NOW, "link", restarted=True))
    queue.put(event(1))
    items = await drain(queue)
    assert items[0] == UP
    assert isinstance(items[1], Gap)
    assert (items[1].since, items[1].restarted) == (earlier, True)
    assert items[2:] == [event(1)]


async def test_the_drop_policy_leaves_out_what_does_not_fit_and_counts_it() -> None:
    queue = subscription(2, "drop")
    for number in range(5):
        queue.put(event(number))
    assert queue.dropped == 3
    assert await drain(queue) == [event(0), event(1)]


async def test_a_full_queue_still_takes_reports() -> None:
    queue = subscription(1, "drop")
    queue.put(event(0))
    queue.put_report(DOWN)
    assert await drain(queue) == [event(0), DOWN]


async def test_reports_to_nobody_do_not_pile_up() -> None:
    queue = subscription(3, "drop")
    for _ in range(1000):
        queue.put_report(DOWN)
        queue.put_report(UP)
        queue.put_report(Gap(NOW, NOW, "link"))
    assert len(queue) <= 3 + MARKER_ROOM + 2
    items = await drain(queue)
    assert any(isinstance(item, Gap) for item in items)
    assert [item for item in items if isinstance(item, LinkUp | LinkDown)][-1] == UP


async def test_ends_when_closed_after_what_is_queued() -> None:
    left: list[Subscription] = []
    queue = Subscription(3, "gap", left.append)
    queue.put(event(1))
    queue.close()
    queue.close()
    assert left == [queue]
    assert [item async for item in queue] == [event(1)]


async def test_closing_wakes_the_consumer() -> None:
    queue = subscription()
    waiting = asyncio.create_task(anext(queue))
    await asyncio.sleep(0)
    queue.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_leaving_the_context_closes() -> None:
    left: list[Subscription] = []
    async with Subscription(3, "gap", left.append) as queue:
        assert left == []
    assert left == [queue]


async def test_a_cancelled_wait_loses_nothing() -> None:
    queue = subscription()
    waiting = asyncio.create_task(anext(queue))
    await asyncio.sleep(0)
    queue.put(event(1))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await anext(queue) == event(1)


async def test_has_one_consumer() -> None:
    queue = subscription()
    waiting = asyncio.create_task(anext(queue))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one consumer"):
        await anext(queue)
    queue.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


def test_needs_room_for_one_event() -> None:
    with pytest.raises(ValueError, match="room"):
        subscription(0)
