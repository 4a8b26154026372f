"""The event log on both databases: order, pages, cursors, retention, the last state of what lives."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource
from bridge.events import log as log_module
from bridge.events import queries
from bridge.events.catalogue import (
    CATALOGUE,
    AgentPaused,
    AgentReady,
    BridgeStarted,
    CallDisposed,
    CallRefused,
    CallRinging,
    Event,
    LeadAdded,
)
from bridge.events.filters import EVERYTHING, Filter
from bridge.events.log import EventLog
from bridge.services import EventQuery
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.sqlite_thread import SqliteConnection

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def emit(db: Database, *events: Event, at: datetime | None = None) -> None:
    async def work(tx: Transaction) -> None:
        for event in events:
            tx.emit(event, at=at)

    await db.write(work)


def started(count: int, first: int = 1) -> list[BridgeStarted]:
    return [BridgeStarted(bridge=str(number)) for number in range(first, first + count)]


async def test_events_come_back_as_they_were_given(db: Database) -> None:
    event = LeadAdded(lead_id=7, list_id=101, campaign="TESTCAMP", source="wëb")
    await emit(db, event, at=NOON)
    (record,) = (await EventLog(db).read_after(0)).records
    assert (record.seq, record.type, record.subject, record.time) == (1, "lead.added", "leads/7", NOON)
    assert record.event == event


async def test_pages_follow_one_another(db: Database) -> None:
    await emit(db, *started(25))
    log, seen, seq = EventLog(db), [], 0
    while (page := await log.read_after(seq, limit=10)).seq > seq:
        assert len(page.records) <= 10
        seen += [record.seq for record in page.records]
        seq = page.seq
    assert seen == list(range(1, 26))


async def test_a_page_says_how_far_it_looked_though_nothing_passed(db: Database) -> None:
    await emit(db, *started(5))
    page = await EventLog(db).read_after(0, wanted=Filter(types=("lead",)))
    assert (list(page.records), page.seq) == ([], 5)


async def test_what_is_older_than_the_memory_is_read_from_the_table(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "TAIL", 10)
    monkeypatch.setattr(log_module, "PAGE", 4)
    log = EventLog(db)
    await emit(db, *started(30))
    for after in range(30):
        page = await log.read_after(after, limit=7)
        assert [record.seq for record in page.records] == list(range(after + 1, min(after + 8, 31)))
    await emit(db, *started(3))
    assert [record.seq for record in (await log.read_after(30)).records] == [31, 32, 33]


async def test_a_follower_is_woken_by_a_commit(db: Database) -> None:
    async def seqs() -> list[int]:
        found: list[int] = []
        async for page in EventLog(db).follow(2):
            found += [record.seq for record in page.records]
            if found[-1] >= 6:
                return found
        raise AssertionError

    await emit(db, *started(4))
    following = asyncio.create_task(seqs())
    done, _ = await asyncio.wait((following,), timeout=0.1)
    assert not done
    await emit(db, *started(2, first=5))
    assert await asyncio.wait_for(following, 2) == [3, 4, 5, 6]


async def test_what_a_commit_here_has_written_is_not_read_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await emit(db, *started(4))
    log = EventLog(db)
    await log.read_after(0)
    if db.kind == "sqlite":  # on PostgreSQL others write, too
        monkeypatch.setattr(db, "read", None)
    await emit(db, *started(2, first=5))
    known = (await log.read_after(3)).records
    monkeypatch.undo()
    assert known == (await EventLog(db).read_after(3)).records
    assert [record.seq for record in known] == [4, 5, 6]


async def test_commits_that_nobody_looked_at_between_are_read(db: Database) -> None:
    await emit(db, *started(4))
    log = EventLog(db)
    await log.read_after(0)
    await emit(db, *started(2, first=5))
    await emit(db, *started(2, first=7))
    assert [record.seq for record in (await log.read_after(3)).records] == [4, 5, 6, 7, 8]


async def test_readers_never_see_a_number_before_the_one_below_it(db: Database, url: str) -> None:
    """With many writers in two programs: a number skipped by a reader would be lost to it for ever."""
    other = Database(url)
    await other.open()
    log, seen = EventLog(db), list[int]()

    async def read() -> None:
        async for page in log.follow(0):
            seen.extend(record.seq for record in page.records)
            if len(seen) >= 300:
                return

    async def slowly(tx: Transaction, number: int) -> None:
        tx.emit(BridgeStarted(bridge=str(number)))
        await asyncio.sleep(0.001 * (number % 4))  # so that they do not end as they began

    reading = asyncio.create_task(read())
    writes = [(db, other)[n % 2].write(lambda tx, n=n: slowly(tx, n)) for n in range(300)]  # type: ignore[misc]
    await asyncio.gather(*writes)
    if db.kind == "sqlite":  # there another process cannot ring
        await emit(db, *started(1))
    await asyncio.wait_for(reading, 10)
    await other.close()
    assert seen[:300] == list(range(1, 301))


async def test_another_program_wakes_the_followers_on_postgresql(postgres_url: str) -> None:
    async with Database(postgres_url) as ours, Database(postgres_url) as other:
        log = EventLog(ours)
        await log.read_after(0)
        rings = log.rings
        await emit(other, *started(1))
        while not (page := await log.read_after(0)).records:  # the first ring may be the listener's own
            assert await log.wait(rings, 5)
            rings = log.rings
        assert [record.seq for record in page.records] == [1]


async def test_the_timeline_of_one_subject(db: Database) -> None:
    await emit(db, *started(3), *started(3))
    found = await EventLog(db).timeline("bridge/2")
    assert [record.seq for record in found] == [2, 5]
    assert [record.seq for record in await EventLog(db).timeline("bridge/2", after=2)] == [5]


async def test_cursors_go_forward_only(db: Database) -> None:
    log = EventLog(db)
    assert await log.cursor("mqtt") is None
    await log.advance("mqtt", 5)
    await log.advance("mqtt", 9)
    await log.advance("mqtt", 7)
    await log.advance("other", 1)
    assert (await log.cursor("mqtt"), await log.cursor("other")) == (9, 1)


async def test_old_events_go_and_numbers_go_on(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "TRIM", 7)
    await emit(db, *started(20), at=NOON - timedelta(days=8))
    await emit(db, *started(3), at=NOON)
    log = EventLog(db)
    assert await log.trim(NOON - timedelta(days=7), NOON) == 20
    assert await log.span() == log_module.Span(21, 23)
    assert await log.trim(NOON + timedelta(days=1), NOON + timedelta(days=8)) == 3
    assert await log.span() == log_module.Span(24, 23)
    await emit(db, *started(1))
    assert await log.span() == log_module.Span(24, 24)


@pytest.mark.parametrize(
    ("days", "left"),
    [
        ([9, -40, 8, 1], [4]),
        ([9, *[-40] * 20, 8, 1], [23]),
        ([*[-40] * 20, 1, 8], list(range(1, 23))),
        ([9, 1, -40, 8], [2, 3, 4]),
        ([9, -40], [2]),
        ([-40, 9, -40], [3]),
        ([*[9] * 20, -40, *[9] * 20, 0], [42]),
    ],
)
async def test_an_event_that_is_dated_ahead_holds_up_nothing_behind_it(
    db: Database, monkeypatch: pytest.MonkeyPatch, days: list[int], left: list[int]
) -> None:
    """It is of before the clock was set back: it goes with an old one behind it.

    A young one stays, and so does what has come after it, whatever its time says.
    """
    monkeypatch.setattr(log_module, "TRIM", 7)
    for age in days:
        await emit(db, *started(1), at=NOON - timedelta(days=age))
    log = EventLog(db)
    assert await log.trim(NOON - timedelta(days=7), NOON) == len(days) - len(left)
    assert [record.seq for record in (await EventLog(db).read_after(0)).records] == left


async def test_what_can_be_followed(db: Database) -> None:
    await emit(db, *started(10), at=NOON)
    await emit(db, *started(5), at=NOON + timedelta(days=1))
    log = EventLog(db)
    await log.trim(NOON + timedelta(hours=1), NOON + timedelta(days=1))
    span = await log.span()
    assert [span.can_follow(seq) for seq in (9, 10, 15, 16)] == [False, True, True, False]


async def session(tx: Transaction, user: str, *, logged_out: bool) -> None:
    await tx.conn.execute(
        insert(schema.agent_sessions).values(
            id=f"s{user}",
            user=user,
            room=user,
            asterisk="a",
            state=AgentState.LOGGED_OUT if logged_out else AgentState.PAUSED,
            state_since=NOON,
            logged_out_at=NOON if logged_out else None,
        )
    )


async def call(tx: Transaction, name: str, *, disposed: bool) -> None:
    await tx.conn.execute(
        insert(schema.calls).values(
            id=name,
            legacy_id=name,
            legacy_uniqueid=name,
            kind="M",
            state=CallState.DISPOSED if disposed else CallState.RINGING,
            status="NA" if disposed else "",
            asked_at=NOON,
            disposed_at=NOON if disposed else None,
        )
    )


async def test_the_last_state_of_agents_and_calls_that_are_still_there(db: Database) -> None:
    agent: dict[str, Any] = {"session_id": "s", "campaign": "c"}
    of_call: dict[str, Any] = {"legacy_id": "l", "kind": "M", "number": "1", "campaign": "c"}

    async def work(tx: Transaction) -> None:
        for user in ("1000", "1001"):
            await session(tx, user, logged_out=user == "1001")
            tx.emit(AgentPaused(user=user, state=AgentState.PAUSED, **agent))
            tx.emit(AgentReady(user=user, state=AgentState.READY, **agent))
        for name in ("one", "two"):
            await call(tx, name, disposed=name == "two")
            tx.emit(CallRinging(call_id=name, state=CallState.RINGING, **of_call))
        tx.emit(CallRefused(call_id="one", number="1", rule="dnc", why="asked not to be called"))
        tx.emit(
            CallDisposed(
                call_id="two",
                state=CallState.DISPOSED,
                status="NA",
                source=StatusSource.NETWORK,
                **of_call,
            )
        )

    await db.write(work)
    states = [name for name, kind in CATALOGUE.items() if kind.retained]
    async with db.read() as conn:
        found = await queries.last_of_living(conn, states)
        assert [(record.seq, record.subject) for record in found] == [(2, "agents/1000"), (5, "calls/one")]
        last = await queries.last_of(conn, "agents/1001", states)
        assert last is not None
        assert last.seq == 4
        assert await queries.last_of(conn, "agents/1002", states) is None


async def test_no_query_of_the_log_reads_a_whole_table(sqlite_url: str) -> None:
    said: list[str] = []
    async with Database(sqlite_url) as db, db.read() as conn:
        assert isinstance(conn, SqliteConnection)
        await conn.drive(lambda driver: driver.set_trace_callback(said.append))
        await queries.after(conn, 5, 10)
        await queries.of_subject(conn, "agents/1000", 5, 10)
        await queries.oldest(conn)
        await queries.newest(conn)
        await queries.cursor(conn, "mqtt")
        await queries.last_of_living(conn, ["agent.paused"])
        await queries.last_of(conn, "agents/1000", ["agent.paused"])
        asked = [statement for statement in said if not statement.startswith("PRAGMA")]
        for statement in asked:
            plan = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
            steps = [row.detail for row in plan]
            assert steps
            assert not [step for step in steps if step.startswith("SCAN") and "USING" not in step], statement
    assert len(asked) == 8


def past(**asked: Any) -> EventQuery:
    return EventQuery(**{"wanted": EVERYTHING, **asked})


async def test_the_past_by_time(db: Database) -> None:
    for minute in range(8):
        await emit(db, *started(2), at=NOON + timedelta(minutes=minute))
    found = await EventLog(db).past(
        past(since=NOON + timedelta(minutes=3), until=NOON + timedelta(minutes=5))
    )
    assert ([record.seq for record in found.records], found.after) == ([7, 8, 9, 10], None)
    log = EventLog(db)
    assert (await log.past(past(since=NOON + timedelta(days=1)))).records == []
    assert len((await log.past(past(since=NOON - timedelta(days=1)))).records) == 16
    assert (await log.past(past(until=NOON))).records == []


async def test_the_past_by_page(db: Database) -> None:
    await emit(db, *started(5))
    log, seen, after = EventLog(db), [], 0
    while True:
        page = await log.past(past(after=after, limit=2))
        seen += [record.seq for record in page.records]
        if page.after is None:
            break
        after = page.after
    assert seen == [1, 2, 3, 4, 5]


async def test_the_past_is_never_looked_through_as_a_whole(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "PAGE", 2)
    monkeypatch.setattr(log_module, "LOOKED", 4)
    await emit(db, *started(5), LeadAdded(lead_id=7, list_id=101))
    wanted = Filter(types=("lead",))
    page = await EventLog(db).past(past(wanted=wanted))
    assert (list(page.records), page.after) == ([], 4)
    page = await EventLog(db).past(past(wanted=wanted, after=4))
    assert [record.seq for record in page.records] == [6]


async def test_the_past_after_old_records_are_gone(db: Database) -> None:
    await emit(db, *started(3), at=NOON - timedelta(days=40))
    await emit(db, *started(2), at=NOON)
    log = EventLog(db)
    await log.trim(NOON - timedelta(days=30), datetime.now(UTC))
    found = await log.past(past(since=NOON - timedelta(days=50)))
    assert [record.seq for record in found.records] == [4, 5]


async def test_there_is_no_past_yet(db: Database) -> None:
    found = await EventLog(db).past(past(since=NOON))
    assert (list(found.records), found.after) == ([], None)
