"""Lists as wholes, on both databases: counted, reset, emptied, called and expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from bridge.campaigns.errors import InvalidField, ItemInUse
from bridge.campaigns.model import Campaign
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.service import Site
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry
from bridge.leads import dialled
from bridge.leads import next as next_leads
from bridge.leads.adding import Adding, ToCallBack
from bridge.leads.alternates import AltNumber
from bridge.leads.desk import LeadDesk
from bridge.leads.errors import InvalidLead
from bridge.leads.lists import CHUNK, ListCounts, ListDesk
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database, Transaction
from bridge.store.schema import alt_numbers, callbacks, events, leads, lists

NUMBER = "7275550100"
LIST = LeadList(id=101, campaign="TEST")


@pytest.fixture
async def desk(db: Database) -> ListDesk:
    site = Site(db)
    await site.put(Campaign(id="TEST", dial_statuses=("NEW", "NA")))
    for item in (LIST, LeadList(id=102, campaign="TEST")):
        await site.put(item)
    return ListDesk(db, Hopper(db), UTC)


async def add(db: Database, list_id: int = 101, **fields: Any) -> int:
    return await Leads(db).add(NewLead(list_id=list_id, phone_number=NUMBER, **fields))


async def rows(db: Database, table: Any) -> list[Any]:
    async with db.read() as conn:
        return list(await conn.execute(select(table)))


async def fill(db: Database) -> int:
    return await db.write(lambda tx: Hopper(db).fill(tx, "TEST", ("NEW", "NA"), 100))


async def test_a_reset_list_is_dialled_anew_and_others_stay(db: Database, desk: ListDesk) -> None:
    for status in ("NEW", "NA", "SALE"):
        await add(db, status=status, called_since_last_reset="Y")
    other = await add(db, 102, called_since_last_reset="Y")
    assert await fill(db) == 0
    assert await desk.dialable(101, ("NEW", "NA")) == 0
    assert await desk.reset(101, "TEST") == 3
    assert await desk.dialable(101, ("NEW", "NA")) == 2
    assert await fill(db) == 2
    called = {row.id: row.called_since_last_reset for row in await rows(db, leads)}
    assert [key for key, value in called.items() if value == "Y"] == [other]
    assert [row.subject for row in await rows(db, events) if row.type == "list.reset"] == ["lists/101"]


async def test_a_reset_wakes_who_dials_for_the_campaign(db: Database) -> None:
    woken: list[str] = []
    hopper = Hopper(db)
    hopper.on_change(woken.append)
    await Site(db).put(Campaign(id="TEST"))
    await ListDesk(db, hopper, UTC).reset(101, "TEST")
    assert woken == ["TEST"]


async def test_resets_are_counted_by_day(db: Database, desk: ListDesk) -> None:
    now = datetime.now(UTC)
    for _ in range(2):
        await desk.reset(101, "TEST")
    facts = await desk.facts(101, now)
    assert facts is not None
    assert facts.resets_today == 2
    await db.write(lambda tx: tx.conn.execute(update(lists).values(reset_at=now - timedelta(days=1))))
    facts = await desk.facts(101, now)
    assert facts is not None
    assert facts.resets_today == 0
    await desk.reset(101, "TEST")
    facts = await desk.facts(101, datetime.now(UTC))
    assert facts is not None
    assert facts.resets_today == 1


async def test_leads_are_counted(db: Database, desk: ListDesk) -> None:
    for status in ("NEW", "NEW", "NA", "A"):
        await add(db, status=status)
    await add(db, 102)
    assert await desk.counts(101) == ListCounts(all=4, new=2, statuses={"A": 1, "NA": 1, "NEW": 2})
    assert await desk.counts(999) == ListCounts(all=0, new=0)


async def test_leads_go_with_all_that_hangs_on_them(db: Database, desk: ListDesk) -> None:
    site, hopper = Site(db), Hopper(db)
    lead_desk = LeadDesk(db, Leads(db), hopper, site, "US")
    back = ToCallBack(campaign="TEST", at="2026-12-01 10:00:00", due_at=None, status="CALLBK")
    numbers = (AltNumber(number="7275550109"),)
    for list_id in (101, 102):
        lead = NewLead(list_id=list_id, phone_number=NUMBER)
        await lead_desk.add(Adding(lead=lead, numbers=numbers, callback=back))
    assert await fill(db) == 2
    assert await desk.delete_leads(101) == 1
    assert [row.list_id for row in await rows(db, leads)] == [102]
    assert len(await rows(db, alt_numbers)) == len(await rows(db, callbacks)) == 1
    assert [row.list_id for row in await hopper.page("TEST", limit=10)] == [102]
    assert [row.subject for row in await rows(db, events) if row.type == "list.leads_removed"] == [
        "lists/101"
    ]


async def test_a_lead_that_is_just_being_dialled_stays(db: Database, desk: ListDesk) -> None:
    taken, _ = [await add(db) for _ in range(2)]
    hopper = Hopper(db)

    async def take(tx: Transaction) -> None:
        await hopper.insert(tx, Entry(lead_id=taken, campaign="TEST", list_id=101))
        assert len(await hopper.pull(tx, "TEST", 1, "here")) == 1

    await db.write(take)
    assert await desk.delete_leads(101) == 1
    assert [row.id for row in await rows(db, leads)] == [taken]


async def test_more_leads_than_one_transaction_takes(db: Database, desk: ListDesk) -> None:
    values = [
        {"list_id": 101, "phone_number": NUMBER, "called_since_last_reset": "Y"} for _ in range(CHUNK + 1)
    ]
    await db.write(lambda tx: tx.conn.execute(leads.insert(), values))
    assert await desk.reset(101, "TEST") == CHUNK + 1
    assert await desk.delete_leads(101) == CHUNK + 1


async def test_a_call_is_noted_on_its_list_to_the_minute(db: Database, desk: ListDesk) -> None:
    lead_id, now = await add(db), datetime(2026, 11, 26, 12, tzinfo=UTC)
    seen = []
    for seconds in (0, 30, 90):
        at = now + timedelta(seconds=seconds)
        await db.write(lambda tx, at=at: dialled.went_out(tx.conn, lead_id, "", at))  # type: ignore[misc]
        facts = await desk.facts(101, now)
        assert facts is not None
        seen.append(facts.called_at)
    assert seen == [now, now, now + timedelta(seconds=90)]
    other = await desk.facts(102, now)
    assert other is not None
    assert other.called_at is None


async def test_a_list_that_has_expired_fills_no_hopper(db: Database, desk: ListDesk) -> None:
    lead_id, now = await add(db), datetime.now(UTC)
    site = Site(db)
    await site.put(msgspec.structs.replace(LIST, expires_at=now - timedelta(hours=1)))
    assert await fill(db) == 0
    async with db.read() as conn:
        assert await next_leads.candidates(conn, "TEST", ["NEW"], now) == []
        earlier = await next_leads.candidates(conn, "TEST", ["NEW"], now - timedelta(hours=2))
    assert [lead.id for lead in earlier] == [lead_id]
    await site.put(msgspec.structs.replace(LIST, expires_at=now + timedelta(hours=1)))
    assert await fill(db) == 1
    assert await desk.leave_hopper(101, "TEST") == 1


async def test_what_is_kept_for_the_line_format_comes_back(db: Database, desk: ListDesk) -> None:
    ends = datetime(2027, 1, 1, 5, tzinfo=UTC)
    item = msgspec.structs.replace(
        LIST, description="Web leads", expires_at=ends, line_settings={"am_message": "hello", "script": "X"}
    )
    before = await desk.facts(101, ends)
    assert await Site(db).put(item) == ("description", "expires_at", "line_settings")
    assert await Site(db).get(LeadList, "101") == item
    after = await desk.facts(101, ends)
    assert before is not None
    assert after is not None
    assert before.changed_at is not None
    assert after.changed_at is not None
    assert after.changed_at > before.changed_at


async def test_a_list_shows_numbers_of_the_site_only(db: Database) -> None:
    site = Site(db)
    await site.put(Campaign(id="TEST"))
    await site.put(LIST)
    item = msgspec.structs.replace(LIST, caller_id="7275550177")
    with pytest.raises(InvalidField, match="none of the site's own numbers"):
        await site.put(item)
    assert await site.get(LeadList, "101") == LIST
    await site.put(item, vouched=True)
    assert await site.get(OwnNumber, "+17275550177") is not None
    with pytest.raises(ItemInUse, match="list 101"):
        await site.remove(OwnNumber, "+17275550177")


@pytest.mark.parametrize(
    "fields",
    [
        {"caller_id": "+17275550100"},
        {"description": "a\nb"},
        {"description": "a" * 256},
        {"expires_at": datetime(2027, 1, 1)},  # noqa: DTZ001  that is what is wrong with it
        {"line_settings": {"A B": ""}},
        {"line_settings": {"script": "a" * 2001}},
    ],
)
def test_a_list_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidLead, match=next(iter(fields))):
        LeadList(id=101, **fields)
