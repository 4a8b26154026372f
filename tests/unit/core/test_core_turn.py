"""One transaction, and what is done after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from core_bench import Bench
from structlog.testing import capture_logs

from bridge import turn as turn_module
from bridge.ami.errors import NotConnected
from bridge.events.catalogue import BridgeStarted
from bridge.store.errors import StoreClosed, StoreConflict
from bridge.turn import Turn, Turns

Work = Callable[[Turn], Awaitable[str]]


class Diary:
    """Actions that write down that they were done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def note(self, what: str) -> Callable[[], Awaitable[None]]:
        async def action() -> None:
            self.done.append(what)

        return action

    def fail(self, what: str) -> Callable[[], Awaitable[None]]:
        async def action() -> None:
            self.done.append(what)
            raise NotConnected

        return action


@pytest.fixture
def turns(bench: Bench) -> Turns:
    return Turns(bench.core.db)


@pytest.fixture
def diary() -> Diary:
    return Diary()


def work_of(diary: Diary, *, fails: str = "") -> Work:
    """Emits an event and leaves three actions; one of them may fail."""

    async def work(turn: Turn) -> str:
        turn.tx.emit(BridgeStarted(bridge="b", version="1"))
        for name in ("first", "second", "third"):
            turn.after(diary.fail(name) if name == fails else diary.note(name))
        return "result"

    return work


async def test_actions_follow_the_commit_in_their_order(bench: Bench, turns: Turns, diary: Diary) -> None:
    seen: list[list[str]] = []

    async def work(turn: Turn) -> str:
        async def look() -> None:
            seen.append(await bench.told("bridge/b"))

        turn.after(look)
        return await work_of(diary)(turn)

    assert await turns.run(work) == "result"
    assert seen == [["bridge.started"]], "the first action can read what was committed"
    assert diary.done == ["first", "second", "third"]


async def test_time_of_a_turn_is_that_of_its_transaction(turns: Turns) -> None:
    async def work(turn: Turn) -> bool:
        await asyncio.sleep(0.001)
        return turn.at == turn.tx.now

    assert await turns.run(work)


async def test_failing_action_leaves_the_commit(bench: Bench, turns: Turns, diary: Diary) -> None:
    with pytest.raises(NotConnected):
        await turns.run(work_of(diary, fails="second"))
    assert diary.done == ["first", "second"], "the one that fails ends it"
    assert await bench.told("bridge/b") == ["bridge.started"]


async def test_failing_action_of_news_keeps_no_other_from_being_done(
    bench: Bench, turns: Turns, diary: Diary
) -> None:
    with capture_logs() as logged:
        assert await turns.run_all(work_of(diary, fails="first")) == "result"
    assert diary.done == ["first", "second", "third"]
    assert [line["error"] for line in logged if line["log_level"] == "warning"] == [repr(NotConnected())]
    assert await bench.told("bridge/b") == ["bridge.started"]


@pytest.mark.parametrize("how", ["run", "run_all"])
async def test_work_that_raises_leaves_nothing_and_does_nothing(
    bench: Bench, turns: Turns, diary: Diary, how: str
) -> None:
    async def work(turn: Turn) -> str:
        await work_of(diary)(turn)
        raise LookupError

    with pytest.raises(LookupError):
        await getattr(turns, how)(work)
    assert diary.done == []
    assert await bench.told("bridge/b") == []


async def test_who_comes_second_finds_what_is_taken(bench: Bench, turns: Turns, diary: Diary) -> None:
    """On PostgreSQL two works can both have seen that a room is free."""
    tries: list[int] = []

    async def work(turn: Turn) -> str:
        tries.append(len(tries))
        turn.after(diary.note(f"try {tries[-1]}"))
        if len(tries) < 3:
            raise StoreConflict("agent_sessions", frozenset({"room"}), "")
        turn.tx.emit(BridgeStarted(bridge="b", version="1"))
        return "the next room"

    assert await turns.run(work) == "the next room"
    assert diary.done == ["try 2"]
    assert await bench.told("bridge/b") == ["bridge.started"]


async def test_rule_that_forbids_it_every_time_is_told(turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    monkeypatch.setattr(turn_module, "ATTEMPTS", 3)

    async def work(_turn: Turn) -> str:
        tries.append(1)
        raise StoreConflict("calls", frozenset({"id"}), "")

    with pytest.raises(StoreConflict):
        await turns.run(work)
    assert len(tries) == 3


@pytest.mark.parametrize("how", ["run", "run_all"])
async def test_nothing_is_done_without_a_store(bench: Bench, turns: Turns, diary: Diary, how: str) -> None:
    await bench.core.db.close()
    with pytest.raises(StoreClosed):
        await getattr(turns, how)(work_of(diary))
    assert diary.done == []


async def test_work_that_the_database_runs_twice_is_followed_once(bench: Bench, diary: Diary) -> None:
    real = bench.core.db.write

    async def twice(work: Callable[[object], Awaitable[str]]) -> str:
        async def both(tx: object) -> str:
            await work(tx)
            return await work(tx)

        return await real(both)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.core.db, "write", twice)
        await Turns(bench.core.db).run(work_of(diary))
    assert diary.done == ["first", "second", "third"]
