"""How agents have spent a time, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pytest
from sqlalchemy import insert
from test_reports_store import EVERYTHING, ExplainedStore, all_of

from bridge.agents.model import AgentState
from bridge.reports import service
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.service import Reports
from bridge.reports.sight import Sight
from bridge.store.database import Database, Transaction
from bridge.store.schema import agent_spans, users

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = OfAgents(begin=NOW - timedelta(hours=12), end=NOW + timedelta(hours=12))


async def worked(db: Database, user: str, state: AgentState, seconds: int = 10, **more: Any) -> None:
    known: dict[str, Any] = {"session_id": f"shift of {user}", "campaign": "A", "began_at": NOW}
    row = {**known, "user": user, "state": state.value, "milliseconds": seconds * 1000, **more}
    row["ended_at"] = row["began_at"] + timedelta(seconds=seconds)

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(agent_spans).values(row))

    await db.write(work)


@pytest.fixture
async def agents(db: Database) -> Database:
    """Two of group G, one of another."""

    async def work(tx: Transaction) -> None:
        for user, group in (("1000", "G"), ("1001", "G"), ("1002", "H")):
            await tx.conn.execute(
                insert(users).values(user=user, name=f"Agent {user}", group=group, updated_at=NOW)
            )

    await db.write(work)
    return db


async def found(db: Database, sight: Sight = EVERYTHING, **wanted: Any) -> list[AgentTime]:
    asked = OfAgents(**{"begin": DAY.begin, "end": DAY.end, **wanted})
    return await all_of(Reports(db).agents_time(asked, sight))


async def test_times_are_summed_by_what_was_done(agents: Database) -> None:
    for state, seconds in ((AgentState.READY, 5), (AgentState.OFFERED, 1)):
        await worked(agents, "1000", state, seconds)
    for state, seconds in ((AgentState.DIALING, 7), (AgentState.INCALL, 60), (AgentState.WRAPUP, 9)):
        await worked(agents, "1000", state, seconds, call_id="call-1")
    await worked(agents, "1000", AgentState.OFFERED, 2, call_id="call-2")
    await worked(agents, "1000", AgentState.PAUSED, 3, pause_reason="LOGIN")
    await worked(agents, "1000", AgentState.PAUSED, 4, session_id="another shift")
    (one,) = await found(agents)
    assert one == AgentTime(
        user="1000",
        name="Agent 1000",
        group="G",
        sessions=2,
        calls=1,
        pauses=2,
        pause=7000,
        wait=8000,
        talk=67000,
        wrapup=9000,
    )


async def test_only_what_began_in_the_time_counts(agents: Database) -> None:
    await worked(agents, "1000", AgentState.READY, 1, began_at=DAY.begin - timedelta(milliseconds=1))
    await worked(agents, "1000", AgentState.READY, 2, began_at=DAY.begin)
    await worked(agents, "1000", AgentState.READY, 4, began_at=DAY.end)
    assert [one.wait for one in await found(agents)] == [2000]


async def test_by_campaign_and_of_one(agents: Database) -> None:
    await worked(agents, "1000", AgentState.INCALL, 2, campaign="B", call_id="call-1")
    await worked(agents, "1000", AgentState.INCALL, 1, call_id="call-2")
    await worked(agents, "1001", AgentState.INCALL, 3, call_id="call-3")
    rows = await found(agents, by_campaign=True)
    assert [(one.user, one.campaign, one.talk) for one in rows] == [
        ("1000", "A", 1000),
        ("1000", "B", 2000),
        ("1001", "A", 3000),
    ]
    assert [(one.user, one.talk) for one in await found(agents, campaign="B")] == [("1000", 2000)]
    assert [one.user for one in await found(agents, user="1001")] == ["1001"]
    assert await Reports(agents).agents_calls(DAY, EVERYTHING) == 3


@pytest.mark.parametrize(
    ("sight", "seen"),
    [
        (Sight(campaigns=frozenset({"B"})), []),
        (Sight(groups=frozenset({"H"})), ["1002"]),
        (Sight(agents=frozenset({"1001"})), ["1001"]),
        (Sight(lists=frozenset({101})), ["1000", "1001", "1002"]),
    ],
    ids=["campaigns", "groups", "agents", "lists are of leads"],
)
async def test_the_callers_limits_hold(agents: Database, sight: Sight, seen: list[str]) -> None:
    for user in ("1000", "1001", "1002"):
        await worked(agents, user, AgentState.INCALL, call_id=user)
    assert [one.user for one in await found(agents, sight)] == seen
    assert await Reports(agents).agents_calls(DAY, sight) == len(seen)


async def test_pages_leave_nobody_out(agents: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 1)
    for user in ("1000", "1002"):
        await worked(agents, user, AgentState.READY)
    assert [one.user for one in await found(agents)] == ["1000", "1002"]


async def test_pauses_are_told_by_code(agents: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 1)
    for user, code, seconds in (
        ("1000", "LUNCH", 3),
        ("1000", "LUNCH", 4),
        ("1000", "", 1),
        ("1002", "BRK", 2),
    ):
        await worked(agents, user, AgentState.PAUSED, seconds, pause_reason=code)
    await worked(agents, "1001", AgentState.READY)
    await worked(agents, "1002", AgentState.PAUSED, 9, began_at=DAY.end)
    await worked(agents, "gone", AgentState.PAUSED, 5, campaign="B")
    rows = await all_of(Reports(agents).pauses(DAY, EVERYTHING))
    assert [(one.user, one.name, one.group, one.code, one.pauses, one.milliseconds) for one in rows] == [
        ("1000", "Agent 1000", "G", "", 1, 1000),
        ("1000", "Agent 1000", "G", "LUNCH", 2, 7000),
        ("1002", "Agent 1002", "H", "BRK", 1, 2000),
        ("gone", "", "", "", 1, 5000),
    ]
    of_one = msgspec.structs.replace(DAY, user="1002")
    assert [one.user for one in await all_of(Reports(agents).pauses(of_one, EVERYTHING))] == ["1002"]
    seen = await all_of(Reports(agents).pauses(DAY, Sight(campaigns=frozenset({"B"}))))
    assert [one.user for one in seen] == ["gone"]


async def test_it_reads_ranges_of_indexes(agents: Database) -> None:
    for user in ("1000", "1001"):
        await worked(agents, user, AgentState.INCALL, call_id=user)
    store = ExplainedStore(agents)
    reports = Reports(cast("Database", store))
    await all_of(reports.agents_time(DAY, EVERYTHING))
    await reports.agents_calls(DAY, EVERYTHING)
    await all_of(reports.pauses(DAY, EVERYTHING))
    text = "\n".join(store.plans)
    if agents.kind == "sqlite":
        assert "ix_agent_spans_user (user=? AND began_at>? AND began_at<?)" in text
        assert "ix_agent_spans_began_at (began_at>? AND began_at<?)" in text
    assert "Seq Scan on agent_spans" not in text
    assert "SCAN agent_spans" not in text
