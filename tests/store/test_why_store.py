"""What `why` reads, on both databases: counts by the index, the dialler's words, who has a duty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer.causes import Block, Reason
from bridge.dialer.words import EVERY, Words, words_of
from bridge.leads import callbacks
from bridge.leads.callbacks import Callback
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.why import counting
from bridge.why.counting import stock_of, waiting_callbacks

NOW = datetime.now(UTC).replace(microsecond=0)
SALES = Campaign(id="SALES", dial_statuses=("NEW", "NA"))


async def furnish(db: Database) -> None:
    site, leads = Site(db), Leads(db)
    for item in (
        SALES,
        LeadList(id=101, campaign="SALES"),
        LeadList(id=102, campaign="SALES", active=False),
        LeadList(id=103, campaign="SALES", expires_at=NOW - timedelta(hours=1)),
    ):
        await site.put(item)
    for list_id, status, called, count in (
        *((101, "NEW", "N", 3), (101, "NEW", "Y", 2), (101, "NA", "Y1", 1)),
        *((101, "SALE", "Y", 4), (101, "DNC", "N", 1), (102, "NEW", "N", 5)),
        (103, "NEW", "N", 2),
    ):
        for _ in range(count):
            lead = NewLead(
                list_id=list_id, phone_number="7275550100", status=status, called_since_last_reset=called
            )
            await leads.add(lead)


async def test_leads_by_cause(db: Database) -> None:
    await furnish(db)
    async with db.read() as conn:
        stock = await stock_of(conn, SALES, NOW)
    assert (stock.lists, stock.active, stock.not_called) == (3, 1, 3)
    told = {count.why: (count.cause, count.leads) for count in stock.counts}
    assert told == {
        "4 leads have status SALE, which is not among dial_statuses": (Block.STATUS, 4),
        "1 lead has status DNC, which is not among dial_statuses": (Block.STATUS, 1),
        "3 leads were called since the reset of the list": (Block.CALLED, 3),
        "5 leads are in lists that are not active": (Block.LIST_INACTIVE, 5),
        "2 leads are in lists that have expired": (Block.LIST_EXPIRED, 2),
    }


async def test_counts_end_and_say_so(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ALTOGETHER", 6)
    monkeypatch.setattr(counting, "MOST", 4)
    await furnish(db)
    async with db.read() as conn:
        stock = await stock_of(conn, SALES, NOW)
    assert all(count.leads <= 4 for count in stock.counts)
    assert any(count.at_least for count in stock.counts)
    assert sum(count.leads for count in stock.counts) <= 6


@pytest.mark.parametrize(
    ("query", "values", "index"),
    [
        (counting._OF_LIST, (101, 10, 0), "ix_leads"),
        (counting._OF_STATUS, (101, "NEW", 10, 0), "ix_leads"),
        (counting._NOT_CALLED, (101, "NEW", "N", 10, 0), "ix_leads_next"),
        (counting._NEXT_STATUS, (101, "", 1, 0), "ix_leads"),
    ],
)
async def test_each_count_reads_an_index_alone(
    db: Database, query: Prepared, values: tuple[Any, ...], index: str
) -> None:
    if db.kind != "sqlite":
        return
    async with db.read() as conn:
        rows = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.sql}", values)
        plan = [row.detail for row in rows]
    assert any(f"SEARCH leads USING COVERING INDEX {index}" in step for step in plan), plan
    assert not any("SCAN leads" in step for step in plan), plan


async def test_callbacks_whose_time_has_not_come(db: Database) -> None:
    async def work(tx: Any) -> None:
        for number, (hours, campaign) in enumerate(((2, "SALES"), (1, "SALES"), (-1, "SALES"), (3, "OTHER"))):
            callback = Callback(
                call_id=str(number),
                lead_id=None,
                campaign=campaign,
                user="",
                status="CALLBK",
                asked="",
                due_at=NOW + timedelta(hours=hours),
                comments="",
                made_at=NOW,
            )
            await callbacks.put(tx, callback)

    await db.write(work)
    async with db.read() as conn:
        count = await waiting_callbacks(conn, "SALES", NOW)
        none = await waiting_callbacks(conn, "NONE", NOW)
    assert count is not None
    assert (count.leads, count.at_least, count.until) == (2, False, NOW + timedelta(hours=1))
    assert none is None


async def test_the_last_word_stands(db: Database) -> None:
    words = Words(db, "first")
    refuses = Reason(cause=Block.ASTERISK_REFUSES, why="it has refused", until=NOW + timedelta(minutes=1))
    words.say("main", "SALES", refuses)
    words.say("main", EVERY, None)
    await words.stop()
    other = Words(db, "second")
    other.say("main", EVERY, Reason(cause=Block.AUTOMATIC_OFF, why="off"))
    await other.stop()
    async with db.read() as conn:
        every, of_sales = await words_of(conn, "main", "SALES")
        assert await words_of(conn, "east", "SALES") == []
    assert (every.bridge, every.cause, every.holds(NOW)) == ("second", Block.AUTOMATIC_OFF, True)
    assert (of_sales.bridge, of_sales.cause, of_sales.until) == ("first", refuses.cause, refuses.until)
    assert of_sales.holds(NOW)
    assert not of_sales.holds(NOW + timedelta(minutes=2))


async def test_whether_anybody_has_a_duty(db: Database) -> None:
    ours, looking = db.duties("ours"), db.duties("looking")
    async with db.read() as conn:
        assert not await looking.is_held(conn, "asterisk:main")
    duty = ours.duty("asterisk:main")
    duty.want()
    await ours.start()
    try:
        await duty.taken()
        async with db.read() as conn:
            assert await ours.is_held(conn, "asterisk:main")
            assert not await ours.is_held(conn, "asterisk:east")
            # An SQLite file has one bridge: what another process may see of its duties is nothing.
            assert await looking.is_held(conn, "asterisk:main") == db.shared
    finally:
        await ours.close()
