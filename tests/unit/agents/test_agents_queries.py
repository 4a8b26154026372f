"""The SQL of agents' sessions, on real stores."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from core_bench import Bench
from session_makers import LATER, NOW, a_session

from bridge.agents import queries
from bridge.agents.model import AgentSession, AgentState
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict


def session(number: int, state: AgentState = AgentState.READY, **more: Any) -> AgentSession:
    """One of several sessions that do not get in each other's way."""
    unlike: dict[str, Any] = {
        "id": f"session-{number}",
        "user": f"agent{number}",
        "phone": str(1000 + number),
        "room": str(8_600_051 + number),
    }
    if state in (AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL, AgentState.WRAPUP):
        unlike["call_id"] = f"call-{number}"
    return a_session(state, **(unlike | more))


async def stored(db: Database, *sessions: AgentSession) -> None:
    async def work(tx: Transaction) -> None:
        for one in sessions:
            await queries.add(tx.conn, one)

    await db.write(work)


async def longest(db: Database, campaign: str = "TEST", asterisk: str = "main") -> str:
    async def work(tx: Transaction) -> AgentSession | None:
        return await queries.longest_ready(tx.conn, asterisk, campaign)

    found = await db.write(work)
    return "" if found is None else found.id


@pytest.mark.parametrize("state", AgentState)
async def test_session_comes_back_as_it_was(db: Database, state: AgentState) -> None:
    one = a_session(state, queues=("sales", "support"), after_call=AgentState.PAUSED)
    await stored(db, one)

    async def work(tx: Transaction) -> AgentSession | None:
        return await queries.locked(tx.conn, one.id)

    assert await db.write(work) == one


async def test_open_session_is_found_by_user_phone_and_room(db: Database) -> None:
    one, over = session(1), session(2, AgentState.LOGGED_OUT)
    await stored(db, one, over)

    async def work(tx: Transaction) -> list[AgentSession | None]:
        return [
            found
            for who in (one, over)
            for found in (
                await queries.of_user(tx.conn, who.user),
                await queries.of_user_locked(tx.conn, who.user),
                await queries.of_phone(tx.conn, who.phone),
                await queries.of_room_locked(tx.conn, who.asterisk, who.room),
            )
        ]

    assert await db.write(work) == [one] * 4 + [None] * 4


async def test_room_is_one_of_an_asterisk(db: Database) -> None:
    here, there = session(1, room="8600051"), session(2, room="8600051", asterisk="east")
    await stored(db, here, there)

    async def work(tx: Transaction) -> list[Any]:
        return [
            await queries.of_room_locked(tx.conn, "east", "8600051"),
            await queries.of_room_locked(tx.conn, "west", "8600051"),
            await queries.rooms(tx.conn, "main"),
            await queries.rooms(tx.conn, "west"),
        ]

    assert await db.write(work) == [there, None, frozenset({"8600051"}), frozenset()]


async def test_room_is_free_again_after_the_shift(db: Database) -> None:
    await stored(db, session(1, AgentState.LOGGED_OUT), session(2))

    async def work(tx: Transaction) -> frozenset[str]:
        return await queries.rooms(tx.conn, "main")

    assert await db.write(work) == {session(2).room}


async def test_written_over_is_the_one_session_and_no_other(db: Database) -> None:
    one, two = session(1), session(2)
    await stored(db, one, two)
    changed = msgspec.structs.replace(one, state=AgentState.PAUSED, state_since=LATER, ready_since=None)

    async def work(tx: Transaction) -> list[AgentSession | None]:
        await queries.save(tx.conn, changed)
        return [await queries.locked(tx.conn, name) for name in (one.id, two.id, "nobody")]

    assert await db.write(work) == [changed, two, None]


async def test_open_sessions_by_user(db: Database) -> None:
    await stored(db, session(2), session(1, asterisk="east"), session(3, AgentState.LOGGED_OUT))
    async with db.read() as conn:
        everywhere, east = await queries.open_sessions(conn), await queries.open_sessions(conn, "east")
    assert [one.id for one in everywhere] == ["session-1", "session-2"]
    assert [one.id for one in east] == ["session-1"]


@pytest.mark.parametrize(
    "second",
    [{"user": "agent1"}, {"room": "8600052"}, {"call_id": "call-1", "state": AgentState.INCALL}],
    ids=["user", "room", "call"],
)
async def test_nobody_and_nothing_is_in_two_open_sessions(db: Database, second: dict[str, Any]) -> None:
    state = second.pop("state", AgentState.READY)
    await stored(db, session(1, AgentState.OFFERED))
    with pytest.raises(StoreConflict):
        await stored(db, session(2, state, **second))


class TestTheLongestReady:
    async def test_is_first(self, db: Database) -> None:
        for number, minutes in ((1, 3), (2, 9), (3, 5)):
            await stored(db, session(number, ready_since=NOW - timedelta(minutes=minutes)))
        assert await longest(db) == "session-2"

    async def test_of_two_equals_is_always_the_same(self, db: Database) -> None:
        await stored(db, session(2), session(1))
        assert await longest(db) == "session-1"

    @pytest.mark.parametrize("state", sorted(set(AgentState) - {AgentState.READY}))
    async def test_is_nobody_who_is_not_ready(self, db: Database, state: AgentState) -> None:
        await stored(db, session(1, state))
        assert await longest(db) == ""

    async def test_is_of_the_campaign_and_the_asterisk(self, db: Database) -> None:
        await stored(db, session(1, campaign="OTHER"), session(2, asterisk="east"))
        assert await longest(db) == ""
        assert await longest(db, "OTHER") == "session-1"
        assert await longest(db, asterisk="east") == "session-2"

    async def test_is_passed_over_while_another_takes_her(self, any_bench: Bench) -> None:
        """Nobody waits for an agent who is just being given a call: the next one is free now."""
        db = any_bench.core.db
        await stored(db, session(1), session(2))
        both = asyncio.Barrier(2) if db.kind == "postgresql" else None

        async def take(tx: Transaction) -> str:
            found = await queries.longest_ready(tx.conn, "main", "TEST")
            assert found is not None
            if both is not None:
                await asyncio.wait_for(both.wait(), 5)  # each holds its own before either goes on
            moved = msgspec.structs.replace(found, state=AgentState.PAUSED, ready_since=None)
            await queries.save(tx.conn, moved)
            return found.id

        assert sorted(await asyncio.gather(db.write(take), db.write(take))) == ["session-1", "session-2"]
