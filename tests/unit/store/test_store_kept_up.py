from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from bridge.store.kept_up import keep_up


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that each pause can be; none takes time."""
    asked: list[float] = []

    def uniform(_least: float, most: float) -> float:
        asked.append(most)
        return 0.0

    monkeypatch.setattr(random, "uniform", uniform)
    return asked


async def keep_up_for(times: int, end: Callable[[], Awaitable[None]], longest: float = 1.0) -> int:
    """How often the session was begun until it was cancelled in the last of so many times."""
    begun = 0

    async def session() -> None:
        nonlocal begun
        begun += 1
        if begun == times:
            raise asyncio.CancelledError
        await end()

    with pytest.raises(asyncio.CancelledError):
        await keep_up(session, longest, "not connected")
    return begun


@pytest.mark.parametrize("error", [OSError("refused"), TimeoutError(), RuntimeError("a bug of ours")])
async def test_a_session_that_fails_is_begun_again_and_told_of(pauses: list[float], error: Exception) -> None:
    async def fail() -> None:
        raise error

    with capture_logs() as logs:
        assert await keep_up_for(3, fail) == 3
    assert [entry["event"] for entry in logs] == ["not connected"] * 2
    assert len(pauses) == 2


async def test_one_that_ends_by_itself_is_begun_again_in_silence(pauses: list[float]) -> None:
    async def end() -> None:
        pass

    with capture_logs() as logs:
        assert await keep_up_for(3, end) == 3
    assert logs == []
    assert len(pauses) == 2


async def test_the_pauses_grow_up_to_the_longest(pauses: list[float]) -> None:
    async def fail() -> None:
        raise OSError

    await keep_up_for(7, fail, longest=1.0)
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


async def test_after_one_that_stood_for_long_the_pause_is_short_again(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock)
    ends = iter([0.0, 0.0, 5.0, 0.0])

    async def stand() -> None:
        nonlocal clock
        clock += next(ends)

    await keep_up_for(5, stand, longest=1.0)
    assert pauses == [0.1, 0.2, 0.1, 0.2]
