"""What an agent has done from when to when is on record: the spans of a shift fill it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from core_bench import Bench
from session_makers import NOW, a_session
from sqlalchemy import select

from bridge.agents import signals, spans, state
from bridge.agents.model import AgentSession, AgentState
from bridge.calls.notices import Bridged, CallOver
from bridge.store.connection import Connection
from bridge.store.schema import agent_spans
from bridge.turn import Turn, Turns

CONNECTING, PAUSED, READY, OFFERED, DIALING, INCALL, WRAPUP, LOGGED_OUT = AgentState


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


SHIFT: Sequence[signals.Signal] = (
    signals.Resume(at=at(10)),
    signals.Offer(at=at(30), call_id="call-1", lead_id=7),
    Bridged(at=at(31), call_id="call-1"),
    CallOver(at=at(91), call_id="call-1", wrapup=True),
    signals.Disposed(at=at(100), call_id="call-1"),
    signals.Pause(at=at(110), reason="BREAK"),
    signals.SetPauseReason(at=at(125), reason="LUNCH"),
    signals.Pause(at=at(130), reason="LUNCH"),
    signals.Logout(at=at(170)),
)
TOLD = [
    (PAUSED, "LOGIN", "", 10),
    (READY, "", "", 20),
    (OFFERED, "", "call-1", 1),
    (INCALL, "", "call-1", 60),
    (WRAPUP, "", "call-1", 9),
    (READY, "", "", 10),
    (PAUSED, "BREAK", "", 15),
    (PAUSED, "LUNCH", "", 45),
]


def shift() -> list[spans.Span]:
    session, found = a_session(PAUSED), list[spans.Span]()
    for signal in SHIFT:
        after = state.step(session, signal).session
        if (span := spans.ended(session, after)) is not None:
            found.append(span)
        session = after
    assert session.state is LOGGED_OUT
    return found


def test_the_spans_of_a_shift_fill_it() -> None:
    found = shift()
    assert [(one.state, one.pause_reason, one.call_id, one.milliseconds // 1000) for one in found] == TOLD
    assert [one.began_at for one in found] == [NOW, *(one.ended_at for one in found[:-1])]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_session(CONNECTING), a_session(PAUSED, state_since=at(9))),
        (a_session(PAUSED), a_session(PAUSED, queues=())),
        (a_session(READY), a_session(INCALL)),
        (a_session(READY), a_session(INCALL, state_since=NOW - timedelta(hours=1))),
    ],
    ids=["her phone rings", "nothing of it changes", "no time", "the clock is put back"],
)
def test_there_is_no_span_of(before: AgentSession, after: AgentSession) -> None:
    assert spans.ended(before, after) is None


async def rows(bench: Bench) -> Sequence[Any]:
    async with bench.core.db.read() as conn:
        return (await conn.execute(select(agent_spans).order_by(agent_spans.c.id))).all()


async def test_a_step_writes_the_span_that_it_ends_in_one_statement(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, ran = await bench.log_in(), list[object]()

    async def resume(turn: Turn) -> None:
        known = await bench.core.sessions.of_user_locked(turn, "1000")
        assert known is not None
        kind, execute = type(turn.tx.conn), turn.tx.conn.execute

        async def noted(_: Connection, statement: Any, values: Any = None) -> Any:
            ran.append(statement)
            return await execute(statement, values)

        monkeypatch.setattr(kind, "execute", noted)
        resumed = signals.Resume(at=session.state_since + timedelta(seconds=5))
        await bench.core.sessions.signal(turn, known, resumed)
        monkeypatch.undo()

    await Turns(bench.core.db).run_all(resume)
    assert [one for one in ran if "agent_spans" in str(getattr(one, "sql", one))] == [spans._INSERT]
    (span,) = await rows(bench)
    assert (span.user, span.campaign, span.state, span.pause_reason) == ("1000", "TEST", "paused", "LOGIN")
    agent = await bench.core.access.principal("1000")
    assert agent is not None
    assert (span.group, span.milliseconds) == (agent.group, 5000)


async def test_a_step_that_fails_writes_none(bench: Bench) -> None:
    session = await bench.log_in()

    async def broken(turn: Turn) -> None:
        known = await bench.core.sessions.of_user_locked(turn, "1000")
        assert known is not None
        await bench.core.sessions.signal(
            turn, known, signals.Resume(at=session.state_since + timedelta(seconds=5))
        )
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await Turns(bench.core.db).run_all(broken)
    assert not await rows(bench)


async def test_old_spans_are_forgotten(bench: Bench) -> None:
    old, new = shift()[0], shift()[-1]

    async def write(turn: Turn) -> None:
        for one in (old, new):
            await spans.add(turn.tx.conn, one)

    await Turns(bench.core.db).run_all(write)
    await spans.trim(bench.core.db, new.began_at)
    assert [row.began_at for row in await rows(bench)] == [new.began_at]
