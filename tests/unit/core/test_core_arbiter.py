"""One arbiter: whatever is answered or offered at once, no agent has two calls, and no call two agents."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from core_bench import Bench, ami_event
from desk_questions import PHONE, all_calls, answered, caller

from bridge.agents.model import AgentState
from bridge.ami.events import Hangup
from bridge.calls.model import LIVE, Call

AGENTS = ("1000", "1001", "1002")


async def calls_with_agents(bench: Bench) -> list[Call]:
    return [call for call in await all_calls(bench) if call.session_id and call.state in LIVE]


async def clear(bench: Bench) -> None:
    """All callers hang up, and all agents wait again."""
    for call in await all_calls(bench):
        if call.state in LIVE:
            await bench.happens(ami_event(Hangup, Uniqueid=call.channel or call.id, Cause=16))
    for user in AGENTS:
        assert (await bench.session(user)).state is AgentState.READY


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_agents_who_take_both_never_have_two_calls(any_bench: Bench, seed: int) -> None:
    """Outbound and inbound at the same moment, in any order, each question asked twice."""
    chosen = random.Random(seed)  # noqa: S311 - no secret
    bench, desk = any_bench, any_bench.core.desk
    rooms = {user: (await bench.ready(user, "QUICK")).room for user in AGENTS}
    for turn in range(4):
        outbound = [await answered(bench, "QUICK") for _ in range(chosen.randint(1, 3))]
        inbound = [await caller(bench, f"{PHONE}{turn}{n}") for n in range(chosen.randint(1, 3))]
        questions: list[Callable[[], Awaitable[object]]] = [
            partial(desk.call_answered, call.id, "") for call in outbound
        ]
        questions += [
            partial(desk.agent_offer, room, call.call_id, "", "")
            for call in inbound
            for room in chosen.sample(sorted(rooms.values()), 2)
        ]
        questions *= 2
        chosen.shuffle(questions)
        await asyncio.gather(*(question() for question in questions))

        taken = await calls_with_agents(bench)
        assert max(Counter(call.session_id for call in taken).values(), default=0) <= 1
        sessions = {user: await bench.session(user) for user in AGENTS}
        has = {session.call_id: session.id for session in sessions.values() if session.call_id}
        assert {call.id: call.session_id for call in taken} == has
        free = [user for user in AGENTS if not sessions[user].call_id]
        assert all(sessions[user].state is AgentState.READY for user in free)
        assert len(taken) >= min(len(AGENTS), len(outbound)), "nobody who was answered waits for nothing"
        await clear(bench)
