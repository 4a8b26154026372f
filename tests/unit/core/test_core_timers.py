"""Deadlines: at a time, put off, called off, and let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bridge.store.errors import StoreError, StoreFull, StoreInDoubt
from bridge.timers import Timers


@pytest.fixture
async def timers() -> AsyncIterator[Timers]:
    made = Timers()
    yield made
    await made.stop()


class Bell:
    """Counts how often it rang."""

    def __init__(self) -> None:
        self.rings = 0
        self.rang = asyncio.Event()

    async def ring(self) -> None:
        self.rings += 1
        self.rang.set()

    async def heard(self) -> None:
        await asyncio.wait_for(self.rang.wait(), 2)


async def test_action_runs_when_its_time_has_come(timers: Timers) -> None:
    bell, loop = Bell(), asyncio.get_running_loop()
    began = loop.time()
    timers.start("call", 0.02, bell.ring)
    await bell.heard()
    assert loop.time() - began >= 0.019
    assert bell.rings == 1


async def test_time_that_has_passed_already_is_now(timers: Timers) -> None:
    bell = Bell()
    timers.start("call", -5, bell.ring)
    await bell.heard()


async def test_a_key_has_one_deadline_the_last(timers: Timers) -> None:
    first, second = Bell(), Bell()
    timers.start("call", 0.001, first.ring)
    timers.start("call", 0.002, second.ring)
    await second.heard()
    assert first.rings == 0


async def test_keys_do_not_disturb_each_other(timers: Timers) -> None:
    first, second = Bell(), Bell()
    timers.start(("truth", "1"), 0, first.ring)
    timers.start(("truth", "2"), 0, second.ring)
    await first.heard()
    await second.heard()


async def test_what_is_called_off_does_not_happen(timers: Timers) -> None:
    called_off, after = Bell(), Bell()
    timers.start("call", 0.001, called_off.ring)
    timers.cancel("call")
    timers.cancel("a key that nobody knows")
    timers.start("later", 0.005, after.ring)
    await after.heard()
    assert called_off.rings == 0


async def test_deadline_can_be_set_again_from_its_own_action(timers: Timers) -> None:
    bell = Bell()

    async def first() -> None:
        timers.start("call", 0, bell.ring)

    timers.start("call", 0, first)
    await bell.heard()


async def test_failure_is_told_and_harms_no_other(timers: Timers) -> None:
    async def fail() -> None:
        raise LookupError("nobody there")

    bell = Bell()
    with capture_logs() as logged:
        timers.start(("truth", "1"), 0, fail)
        timers.start("other", 0.001, bell.ring)
        await bell.heard()
    assert [(line["key"], line["log_level"]) for line in logged] == [("('truth', '1')", "error")]


async def test_stop_lets_what_runs_finish_and_starts_nothing_more() -> None:
    timers, running, may_end, waiting = Timers(), Bell(), asyncio.Event(), Bell()
    ended: list[str] = []

    async def long() -> None:
        await running.ring()
        await may_end.wait()
        ended.append("long")

    timers.start("long", 0, long)
    timers.start("waiting", 0.01, waiting.ring)
    await running.heard()
    stopping = asyncio.create_task(timers.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await stopping
    assert ended == ["long"]
    assert not timers._handles
    assert waiting.rings == 0


async def test_what_runs_at_a_stop_can_leave_no_new_deadline_behind() -> None:
    timers, running, may_go_on, late = Timers(), Bell(), asyncio.Event(), Bell()

    async def starts_another() -> None:
        await running.ring()
        await may_go_on.wait()
        timers.start("another", 0.01, late.ring)

    timers.start("first", 0, starts_another)
    await running.heard()
    stopping = asyncio.create_task(timers.stop())
    await asyncio.sleep(0)
    may_go_on.set()
    await stopping
    assert not timers._handles, "the store is closed by the time it would ring"
    assert late.rings == 0


@pytest.mark.parametrize("error", [StoreFull, StoreInDoubt])
async def test_what_the_store_cannot_take_now_is_tried_again(
    timers: Timers, monkeypatch: pytest.MonkeyPatch, error: type[StoreError]
) -> None:
    monkeypatch.setattr("bridge.timers.RETRY", 0.01)
    bell, tries = Bell(), 0

    async def on_a_full_disk() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise error
        await bell.ring()

    timers.start("call", 0, on_a_full_disk)
    await bell.heard()
    assert tries == 3


async def test_a_stop_ends_the_tries(timers: Timers) -> None:
    tried = asyncio.Event()

    async def on_a_full_disk() -> None:
        tried.set()
        raise StoreFull

    timers.start("call", 0, on_a_full_disk)
    await asyncio.wait_for(tried.wait(), 2)
    await timers.stop()
    assert not timers._handles
