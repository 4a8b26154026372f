"""The hopper on both databases: its order, each lead once, pulls that nobody shares."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert as sql_insert

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer import queries
from bridge.dialer.hopper import FIRST, Hopper
from bridge.dialer.model import Entry, HopperRow, HopperStatus, Source
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.schema import hopper as table

LATER = datetime(2050, 1, 1, tzinfo=UTC)


async def put(db: Database, lead_id: int, campaign: str = "TEST", **fields: Any) -> int | None:
    entry = Entry(lead_id=lead_id, campaign=campaign, list_id=101, **fields)
    return await db.write(lambda tx: Hopper(db).insert(tx, entry))


async def pull(db: Database, count: int, campaign: str = "TEST", by: str = "one") -> list[HopperRow]:
    return await db.write(lambda tx: Hopper(db).pull(tx, campaign, count, by))


async def fill(db: Database, level: int, *statuses: str, most_calls: int = 0) -> int:
    return await db.write(lambda tx: Hopper(db).fill(tx, "TEST", statuses, level, most_calls))


async def listed(db: Database, status: HopperStatus = HopperStatus.READY, **how: Any) -> list[int]:
    return [row.lead_id for row in await Hopper(db).page("TEST", status=status, **how)]


async def furnish(db: Database) -> Leads:
    site = Site(db)
    await site.put(Campaign(id="TEST"))
    for item in (
        LeadList(id=101, campaign="TEST"),
        LeadList(id=102, campaign="TEST"),
        LeadList(id=103, campaign="TEST", active=False),
        LeadList(id=104),
    ):
        await site.put(item)
    return Leads(db)


async def add(leads: Leads, list_id: int = 101, **fields: Any) -> int:
    return await leads.add(NewLead(list_id=list_id, phone_number="7275550100", **fields))


async def test_by_priority_then_by_age(db: Database) -> None:
    for lead_id, priority in ((1, 0), (2, 99), (3, -5), (4, 0), (5, 25)):
        await put(db, lead_id, priority=priority)
    await put(db, 6, campaign="OTHER", priority=50)
    assert await listed(db) == [2, 5, 1, 4, 3]
    assert [row.lead_id for row in await pull(db, 3)] == [2, 5, 1]
    assert await listed(db) == [4, 3]
    assert [row.lead_id for row in await pull(db, 9)] == [4, 3]
    assert await pull(db, 9) == []
    assert [row.lead_id for row in await pull(db, 9, campaign="OTHER")] == [6]


async def test_a_lead_is_in_it_once(db: Database) -> None:
    first = await put(db, 1, source=Source.API, priority=7, alt="ALT")
    assert first is not None
    assert await put(db, 1, priority=99) is None
    assert await put(db, 1, campaign="OTHER") is None
    row = await Hopper(db).get(1)
    assert row is not None
    assert (row.id, row.priority, row.source, row.alt) == (first, 7, Source.API, "ALT")
    (taken,) = await pull(db, 1)
    assert (taken.id, taken.campaign) == (first, "TEST")
    assert await put(db, 1) is None, "it is just being dialled"


@pytest.mark.parametrize("priority", [-100, 100])
def test_a_priority_out_of_range_is_refused(priority: int) -> None:
    with pytest.raises(ValueError, match="priority"):
        Entry(lead_id=1, campaign="TEST", list_id=101, priority=priority)


async def ready(db: Database, count: int = 9) -> list[HopperRow]:
    return await Hopper(db).ready("TEST", count, datetime.now(UTC))


async def unchanged(db: Database, row: HopperRow) -> bool:
    return await db.write(lambda tx: Hopper(db).unchanged(tx, row))


async def test_what_is_ready_is_given_as_it_stands(db: Database) -> None:
    for lead_id, priority in ((1, 0), (2, 99), (3, -5)):
        await put(db, lead_id, priority=priority)
    rows = await ready(db, 2)
    assert [row.lead_id for row in rows] == [2, 1]
    assert await listed(db) == [2, 1, 3]
    assert await unchanged(db, rows[0])


async def test_what_is_ready_waits_for_what_is_due_before_it(db: Database) -> None:
    await put(db, 1)
    await put(db, 2, priority=50, due_at=LATER)
    assert [row.lead_id for row in await ready(db)] == [1]
    assert await Hopper(db).ready("TEST", 9, LATER) == []


async def test_what_was_taken_held_or_deleted_meanwhile_is_not_what_it_was(db: Database) -> None:
    for lead_id in (1, 2, 3):
        await put(db, lead_id)
    first, second, third = await ready(db)
    assert [row.lead_id for row in await pull(db, 1)] == [1]
    await db.write(lambda tx: Hopper(db).hold(tx, second, LATER, "asked"))
    await db.write(lambda tx: Hopper(db).remove(tx, 3))
    assert [await unchanged(db, row) for row in (first, second, third)] == [False] * 3


async def test_many_at_once_share_nothing(db: Database) -> None:
    for lead_id in range(1, 25):
        await put(db, lead_id)
    got = await asyncio.gather(*(pull(db, 3, by=f"bridge{number}") for number in range(8)))
    assert sorted(row.lead_id for rows in got for row in rows) == list(range(1, 25))
    assert await listed(db) == []


async def test_a_pull_waits_for_nobody(db: Database) -> None:
    """Another bridge holds the first rows in a transaction of its own: who comes gets the next."""
    if db.kind != "postgresql":
        return  # one writer
    for lead_id in (1, 2, 3):
        await put(db, lead_id)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Any) -> list[int]:
        rows = await Hopper(db).pull(tx, "TEST", 2, "slow")
        held.set()
        await go_on.wait()
        return [row.lead_id for row in rows]

    other = Database(db._url.render_as_string(hide_password=False))
    await other.open(migrate=False)
    try:
        first = asyncio.create_task(db.write(slow))
        await held.wait()
        second = await other.write(lambda tx: Hopper(other).pull(tx, "TEST", 2, "quick"))
        go_on.set()
        assert await first == [1, 2]
        assert [row.lead_id for row in second] == [3]
    finally:
        go_on.set()
        await other.close()


async def test_given_back_after_a_crash(db: Database) -> None:
    """Killed between pull and intent: the next to dial gets the same leads in order."""
    for lead_id in (1, 2, 3):
        await put(db, lead_id, priority=lead_id)
    taken = await pull(db, 2)
    await put(db, 4, campaign="OTHER")
    await pull(db, 1, campaign="OTHER")
    assert await db.write(lambda tx: Hopper(db).reclaim(tx, "TEST")) == 2
    assert await listed(db) == [3, 2, 1]
    assert await pull(db, 1, campaign="OTHER") == []
    assert not await db.write(lambda tx: Hopper(db).unchanged(tx, taken[0])), "the one before has it no more"
    again = await pull(db, 1, by="two")
    assert await db.write(lambda tx: Hopper(db).unchanged(tx, again[0]))
    assert await db.write(lambda tx: Hopper(db).release(tx, again[0]))
    assert not await db.write(lambda tx: Hopper(db).unchanged(tx, again[0]))
    assert not await db.write(lambda tx: Hopper(db).release(tx, again[0]))
    assert await listed(db) == [3, 2, 1]


async def test_what_is_dialled_is_gone(db: Database) -> None:
    await put(db, 1)
    (row,) = await pull(db, 1)
    assert await db.write(lambda tx: Hopper(db).done(tx, row))
    assert await Hopper(db).get(1) is None
    assert await db.write(lambda tx: Hopper(db).reclaim(tx, "TEST")) == 0
    again = await put(db, 1)
    assert again is not None
    assert again > row.id, "an id is never given out twice"


async def test_held_until_its_time(db: Database) -> None:
    hopper, soon = Hopper(db), datetime.now(UTC) + timedelta(milliseconds=1)
    await put(db, 1)
    await put(db, 2, due_at=LATER)
    (row,) = await pull(db, 5)
    assert row.lead_id == 1
    assert await hopper.first_due("TEST") == LATER
    assert await db.write(lambda tx: hopper.hold(tx, row, soon, "call_time"))
    assert await hopper.first_due("TEST") == soon
    assert await listed(db, HopperStatus.HOLD) == [1, 2]
    while not await db.write(lambda tx: hopper.due(tx, "TEST")):
        assert await pull(db, 5) == []
    assert await listed(db) == [1]
    assert await listed(db, HopperStatus.HOLD) == [2]
    assert await hopper.first_due("NONE") is None


async def test_removed_unless_it_is_being_dialled(db: Database) -> None:
    hopper = Hopper(db)
    await put(db, 1)
    await put(db, 2)
    await pull(db, 1)
    there = await db.write(lambda tx: hopper.remove(tx, 1))
    assert there is not None
    assert there.status is HopperStatus.QUEUE
    assert await hopper.get(1) is not None
    assert (await db.write(lambda tx: hopper.remove(tx, 2))) is not None
    assert await hopper.get(2) is None
    assert await db.write(lambda tx: hopper.remove(tx, 2)) is None


async def test_flushed(db: Database) -> None:
    for lead_id in range(1, 8):
        await put(db, lead_id, due_at=LATER if lead_id > 5 else None)
    await put(db, 9, campaign="OTHER")
    (row,) = await pull(db, 1)
    assert await Hopper(db).flush("TEST") == 6
    assert await Hopper(db).get(row.lead_id) is not None, "it is just being dialled"
    assert await Hopper(db).get(9) is not None
    assert await Hopper(db).flush("TEST") == 0


async def test_shown_by_pages(db: Database) -> None:
    for lead_id in range(1, 8):
        await put(db, lead_id, priority=lead_id // 3)
    seen: list[int] = []
    after = FIRST
    while page := await Hopper(db).page("TEST", limit=2, after=after):
        seen += [row.lead_id for row in page]
        after = (page[-1].priority, page[-1].id)
    assert seen == await listed(db)
    assert len(seen) == 7


async def test_filled_from_the_active_lists_by_rank_and_age(db: Database) -> None:
    leads = await furnish(db)
    first = await add(leads)
    second = await add(leads, 102, status="NA")
    best = await add(leads, 102, rank=9)
    await add(leads, 103)
    await add(leads, 104)
    await add(leads, status="SALE")
    await add(leads, called_since_last_reset="Y")
    assert await fill(db, 2, "NEW", "NA") == 2
    assert await listed(db) == [best, first]
    assert await fill(db, 2, "NEW", "NA") == 0, "there are enough"
    await pull(db, 1)
    assert await fill(db, 9, "NEW", "NA") == 1, "what is in it is not added again"
    assert await listed(db) == [first, second]
    assert await fill(db, 9) == 0
    events = [row for row in await pages(db) if row[0] == "hopper.filled"]
    assert events == [("hopper.filled", "hopper/TEST"), ("hopper.filled", "hopper/TEST")]


async def test_leads_that_were_called_too_often_are_passed_over_and_those_behind_them_found(
    db: Database,
) -> None:
    leads, hopper, woken = await furnish(db), Hopper(db), list[str]()
    hopper.on_change(woken.append)
    spent = [await add(leads, called_count=3, rank=5) for _ in range(3)]
    fresh = await add(leads, called_count=2)
    assert await db.write(lambda tx: hopper.fill(tx, "TEST", ["NEW"], 2, 3)) == 0
    assert woken == ["TEST"], "somebody is to look behind them"
    assert await fill(db, 2, "NEW", most_calls=3) == 1
    assert await listed(db) == [fresh]
    found = [await leads.get(lead_id) for lead_id in spent]
    assert [lead.called_since_last_reset for lead in found if lead] == ["Y"] * 3


async def test_leads_that_wait_to_be_recycled_keep_nobody_from_filling(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.dialer.hopper.MOST_HELD", 2)
    leads = await furnish(db)
    for lead_id in range(90, 94):
        await put(db, lead_id, source=Source.RECYCLE, due_at=LATER)
    await add(leads)
    assert await fill(db, 2, "NEW") == 1
    for lead_id in range(80, 82):
        await put(db, lead_id, due_at=LATER)
    await add(leads)
    assert await fill(db, 9, "NEW") == 0


async def test_who_dials_is_woken_by_the_commit_and_by_nothing_else(db: Database) -> None:
    hopper, woken = Hopper(db), list[str]()
    hopper.on_change(woken.append)
    entry = Entry(lead_id=1, campaign="TEST", list_id=101)

    async def fails(tx: Any) -> None:
        await hopper.insert(tx, entry)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await db.write(fails)
    assert woken == []
    await db.write(lambda tx: hopper.insert(tx, entry))
    assert woken == ["TEST"]
    await db.write(lambda tx: hopper.insert(tx, entry))
    assert woken == ["TEST"], "nothing is new"


async def test_a_pull_reads_no_more_than_it_gives(db: Database) -> None:
    """With rows by the thousand of other states and campaigns around it."""
    rows = [
        {"lead_id": n, "campaign": f"C{n % 3}", "list_id": 1, "status": ("HOLD", "QUEUE", "READY")[n % 7 % 3]}
        for n in range(3000)
    ]

    async def work(tx: Any) -> None:
        await tx.conn.execute(sql_insert(table), [row | {"created_at": tx.now} for row in rows])

    await db.write(work)
    if db.kind == "sqlite":
        async with db.read() as conn:
            plan = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {queries._NEXT.sql}", ("C1", 5, 0))
            details = [row.detail for row in plan]
        assert details == ["SEARCH hopper USING INDEX ix_hopper_next (campaign=? AND status=?)"]
        return

    async def explain(tx: Any) -> str:
        await tx.conn.exec_driver_sql("ANALYZE hopper")
        found = await tx.conn.exec_driver_sql(
            "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) SELECT * FROM hopper WHERE campaign = 'C1' AND "
            "status = 'READY' ORDER BY priority DESC, id LIMIT 5 FOR UPDATE SKIP LOCKED"
        )
        return "\n".join(row[0] for row in found)

    plan_text = await db.write(explain)
    assert "Index Scan using ix_hopper_next" in plan_text
    assert "Sort" not in plan_text
    assert re.search(r"rows=5(\.00)? ", plan_text)  # newer PostgreSQL writes two decimals


async def pages(db: Database) -> list[tuple[str, str]]:
    async with db.read() as conn:
        return [
            (row.type, row.subject)
            for row in await conn.exec_driver_sql("SELECT type, subject FROM events ORDER BY seq")
        ]
