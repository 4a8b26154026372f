"""The next lead of a campaign, on both databases: in its order, and never given to two agents."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.leads import next as next_leads
from bridge.leads.model import Lead, LeadList, NewLead
from bridge.leads.next import NextLead
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.transaction import Transaction

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


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


async def order(db: Database, *statuses: str) -> list[int]:
    async with db.read() as conn:
        return [lead.id for lead in await next_leads.candidates(conn, "TEST", statuses, NOW)]


async def take(db: Database, lead: NextLead, user: str = "1000") -> bool:
    async def work(tx: Transaction) -> bool:
        return await next_leads.take(tx.conn, lead, user, tx.now)

    return await db.write(work)


async def give_back(db: Database, lead_id: int, *, passed_over: bool) -> None:
    async def work(tx: Transaction) -> None:
        await next_leads.give_back(tx.conn, lead_id, "NEW", tx.now, passed_over=passed_over)

    await db.write(work)


async def stored(leads: Leads, lead_id: int) -> Lead:
    found = await leads.get(lead_id)
    assert found is not None
    return found


async def test_by_rank_then_by_age_from_the_active_lists(db: Database) -> None:
    leads = await furnish(db)
    first = await add(leads)
    second = await add(leads, 102, status="NA")
    best = await add(leads, 102, rank=9)
    last = await add(leads, rank=-1)
    await add(leads, 103)
    await add(leads, 104)
    await add(leads, status="SALE")
    await add(leads, called_since_last_reset="Y")
    assert await order(db, "NEW", "NA") == [best, first, second, last]
    assert await order(db, "NA") == [second]
    assert await order(db) == []


async def test_of_a_long_list_only_the_first_are_read(db: Database) -> None:
    leads = await furnish(db)
    ids = [await add(leads, rank=number % 3) for number in range(40)]
    found = await order(db, "NEW")
    assert found == [lead_id for number, lead_id in enumerate(ids) if number % 3 == 2][:10]


async def test_page_by_page_all_of_them_come_once(db: Database) -> None:
    leads = await furnish(db)
    ids = [await add(leads, (101, 102)[number % 2], rank=number % 3) for number in range(25)]
    expected = [ids[number] for rank in (2, 1, 0) for number in range(25) if number % 3 == rank]
    found, last = [], next_leads.FIRST
    async with db.read() as conn:
        while page := await next_leads.candidates(conn, "TEST", ["NEW"], NOW, last):
            found += [lead.id for lead in page]
            last = page[-1]
    assert found == expected


async def test_a_list_is_not_read_in_full(db: Database) -> None:
    await furnish(db)
    if db.kind != "sqlite":
        return
    same, lower = next_leads._BEHIND
    key = "list_id=? AND status=? AND called_since_last_reset=?"
    for query, rank, values in ((same, " AND rank=? AND id>?", (5, 7)), (lower, " AND rank<?", (5,))):
        async with db.read() as conn:
            text_ = f"EXPLAIN QUERY PLAN {query.sql}"
            rows = await conn.exec_driver_sql(text_, (101, "NEW", "N", *values, 10, 0))
            plan = [row.detail for row in rows]
        assert plan == [f"SEARCH leads USING COVERING INDEX ix_leads_next ({key}{rank})"]


async def test_many_at_once_get_a_lead_each(db: Database) -> None:
    leads = await furnish(db)
    ids = [await add(leads) for _ in range(8)]

    async def next_of(user: str) -> int:
        while True:
            async with db.read() as conn:
                found = await next_leads.candidates(conn, "TEST", ["NEW"], NOW)
            for lead in found:
                if await take(db, lead, user):
                    return lead.id

    got = await asyncio.gather(*(next_of(f"agent{number}") for number in range(8)))
    assert sorted(got) == ids
    assert await order(db, "NEW") == []
    for number, lead_id in enumerate(got):
        lead = await stored(leads, lead_id)
        assert (lead.status, lead.called_since_last_reset, lead.user) == ("QUEUE", "Y", f"agent{number}")


async def test_given_back(db: Database) -> None:
    leads = await furnish(db)
    lead_id = await add(leads)
    lead = NextLead(id=lead_id, status="NEW", rank=0)
    assert await take(db, lead)
    assert not await take(db, lead), "it is somebody's"
    await give_back(db, lead_id, passed_over=True)
    assert (await stored(leads, lead_id)).status == "NEW"
    assert await order(db, "NEW") == [], "passed over until the reset"
    await db.write(lambda tx: tx.conn.execute(text("UPDATE leads SET called_since_last_reset = 'N'")))
    assert await take(db, lead)
    await give_back(db, lead_id, passed_over=False)
    assert await order(db, "NEW") == [lead_id]


async def test_what_was_dialled_meanwhile_is_not_given_back(db: Database) -> None:
    leads = await furnish(db)
    lead_id = await add(leads, status="SALE", called_since_last_reset="Y")
    await give_back(db, lead_id, passed_over=False)
    lead = await stored(leads, lead_id)
    assert (lead.status, lead.called_since_last_reset) == ("SALE", "Y")
