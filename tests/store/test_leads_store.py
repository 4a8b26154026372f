"""Leads and the do-not-call list on each database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.events.catalogue import LeadAdded, LeadChanged
from bridge.events.log import EventLog
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncKind, Lead, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database, Transaction

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def leads(db: Database) -> Leads:
    return Leads(db, clock=lambda: NOW)


def new(number: str, **fields: Any) -> NewLead:
    usual: dict[str, Any] = {"list_id": 101, "phone_number": number}
    return NewLead(**usual | fields)


async def test_everything_of_a_lead_comes_back(leads: Leads) -> None:
    texts = {
        name: f"{name} Ö"
        for name in ("first_name", "last_name", "address1", "city", "comments", "owner", "email", "title")
    }
    lead = new(
        "7275550201",
        status="CALLBK",
        entry_list_id=102,
        rank=-5,
        called_count=3,
        gmt_offset_minutes=-300,
        custom={"favcolor": "blue"},
        **texts,
    )
    lead_id = await leads.add(lead)
    found = await leads.get(lead_id)
    fields = {name: getattr(lead, name) for name in NewLead.__struct_fields__}
    assert found == Lead(id=lead_id, entry_date=NOW, modify_date=NOW, **fields)


async def test_ids_grow(leads: Leads) -> None:
    first, second = await leads.add(new("7275550201")), await leads.add(new("7275550202"))
    assert second > first > 0


@pytest.mark.parametrize("lead_id", [0, -1, 999_999, 2**63, 10**30])
async def test_a_lead_that_is_not_there_is_none(leads: Leads, lead_id: int) -> None:
    assert await leads.get(lead_id) is None


async def test_a_new_lead_is_told_of(db: Database, leads: Leads) -> None:
    lead_id = await leads.add(new("7275550201"), campaign="TESTCAMP", source="crm")
    async with db.read() as conn:
        row = (await conn.exec_driver_sql("SELECT type, subject, data FROM events")).one()
    assert (row.type, row.subject) == (LeadAdded.type, f"leads/{lead_id}")
    assert '"campaign":"TESTCAMP"' in row.data


async def test_a_lead_of_a_work_that_fails_is_not_there(db: Database, leads: Leads) -> None:
    async def work(tx: Transaction) -> None:
        await leads.add_in(tx, new("7275550201"))
        raise RuntimeError("the call cannot be made")

    with pytest.raises(RuntimeError):
        await db.write(work)
    assert await leads.by_number("7275550201") == []


@pytest.mark.parametrize("caller", ["7275550201", "17275550201", "+17275550201", "727-555-0201"])
async def test_a_caller_is_found_however_her_number_is_sent(leads: Leads, caller: str) -> None:
    lead_id = await leads.add(new("7275550201"))
    assert [lead.id for lead in await leads.by_number(caller)] == [lead_id]


async def test_the_main_number_comes_before_the_alternative_then_the_newest(leads: Leads) -> None:
    old = await leads.add(new("7275550201"))
    young = await leads.add(new("7275550201"))
    other = await leads.add(new("7275550202", alt_phone="7275550201"))
    assert [lead.id for lead in await leads.by_number("7275550201")] == [young, old, other]
    assert [lead.id for lead in await leads.by_number("7275550201", limit=1)] == [young]


@pytest.mark.parametrize("caller", ["", "anonymous", "+", "\0", "' OR 1=1 --"])
async def test_a_caller_without_a_number_is_nobody(leads: Leads, caller: str) -> None:
    await leads.add(new("7275550201", alt_phone=""))
    assert await leads.by_number(caller) == []


@pytest.mark.parametrize("number", ["3125559999", "13125559999", "+13125559999", "(312) 555-9999"])
async def test_a_forbidden_number_is_forbidden_in_every_form(leads: Leads, number: str) -> None:
    assert await leads.add_dnc("+1 312 555 9999", by="6666")
    hits = await leads.dnc_hits(number, "TESTCAMP")
    assert [(hit.number, hit.campaign, hit.added_by, hit.added_at) for hit in hits] == [
        ("3125559999", "", "6666", NOW)
    ]


async def test_what_one_campaign_may_not_call_others_may(leads: Leads) -> None:
    await leads.add_dnc("3125558888", campaign="TESTCAMP")
    assert len(await leads.dnc_hits("3125558888", "TESTCAMP")) == 1
    assert await leads.dnc_hits("3125558888", "OTHERCMP") == []
    assert await leads.dnc_hits("3125558888") == []


async def test_an_area_code_forbids_all_its_numbers(leads: Leads) -> None:
    await leads.add_dnc("900")
    await leads.add_dnc("901", campaign="TESTCAMP")
    (hit,) = await leads.dnc_hits("19005551234")
    assert (hit.kind, hit.number) == (DncKind.AREA_CODE, "900")
    assert len(await leads.dnc_hits("9015551234", "TESTCAMP")) == 1
    assert await leads.dnc_hits("7275559001", "TESTCAMP") == []


async def test_a_number_is_forbidden_once(leads: Leads) -> None:
    assert await leads.add_dnc("3125559999")
    assert not await leads.add_dnc("+13125559999")
    assert await leads.add_dnc("3125559999", campaign="TESTCAMP")


@pytest.mark.parametrize("number", ["", "12", "x", "1" * 40, "00442079460000", "5559999", "79460000"])
async def test_what_is_no_number_cannot_be_forbidden(leads: Leads, number: str) -> None:
    with pytest.raises(InvalidLead, match="number"):
        await leads.add_dnc(number)


async def test_a_removed_entry_forbids_no_more(leads: Leads) -> None:
    await leads.add_dnc("3125559999")
    await leads.add_dnc("3125559999", campaign="TESTCAMP")
    assert await leads.remove_dnc("+1 312 555 9999")
    assert not await leads.remove_dnc("3125559999")
    assert [hit.campaign for hit in await leads.dnc_hits("3125559999", "TESTCAMP")] == ["TESTCAMP"]


async def test_entries_are_listed_by_campaign_and_page(leads: Leads) -> None:
    for number in ("3125559999", "900", "3125550000"):
        await leads.add_dnc(number)
    await leads.add_dnc("3125558888", campaign="TESTCAMP")
    assert [entry.number for entry in await leads.dnc()] == ["3125550000", "3125559999", "900"]
    assert [entry.number for entry in await leads.dnc(after="3125550000", limit=1)] == ["3125559999"]
    assert [entry.number for entry in await leads.dnc("TESTCAMP")] == ["3125558888"]


async def test_an_area_code_and_a_prefix_of_the_same_digits_are_both_on_the_pages(leads: Leads) -> None:
    for number in ("727", "+727*", "7275550100"):
        await leads.add_dnc(number)
    whole = [(entry.number, entry.kind) for entry in await leads.dnc()]
    assert [number for number, _ in whole].count("727") == 2
    paged, after = [], ""
    while page := await leads.dnc(after=after, limit=1):
        paged += [(entry.number, entry.kind) for entry in page]
        after = f"{page[0].number}_{page[0].kind}"
    assert paged == whole


async def change(db: Database, leads: Leads, lead_id: int, **changes: Any) -> bool | None:
    async def work(tx: Transaction) -> bool | None:
        return await leads.change_in(tx, lead_id, **changes)

    return await db.write(work)


async def test_fields_of_a_lead_change_and_are_told_of_without_their_values(
    db: Database, leads: Leads
) -> None:
    lead_id = await leads.add(new("7275550201", city="Chicago", first_name="Pat"))
    later = Leads(db, clock=lambda: NOW.replace(hour=10))
    assert await change(db, later, lead_id, city="", first_name="Pat", rank=7) is True
    found = await leads.get(lead_id)
    assert found is not None
    assert (found.city, found.first_name, found.rank) == ("", "Pat", 7)
    assert (found.entry_date, found.modify_date) == (NOW, NOW.replace(hour=10))
    events = [record.event for record in await EventLog(db).timeline(f"leads/{lead_id}")]
    assert events[1:] == [LeadChanged(lead_id=lead_id, fields=("city", "rank"))]


async def test_a_lead_that_has_these_values_already_stays_as_it_is(db: Database, leads: Leads) -> None:
    lead_id = await leads.add(new("7275550201", city="Chicago"))
    assert await change(db, leads, lead_id, city="Chicago") is False
    assert await change(db, leads, lead_id + 1, city="Chicago") is None
    assert len(await EventLog(db).timeline(f"leads/{lead_id}")) == 1


async def test_a_value_that_cannot_be_changes_nothing(db: Database, leads: Leads) -> None:
    lead_id = await leads.add(new("7275550201", city="Chicago"))
    with pytest.raises(InvalidLead):
        await change(db, leads, lead_id, city="Tampa", phone_number="none")
    found = await leads.get(lead_id)
    assert found is not None
    assert found.city == "Chicago"


async def test_the_newest_lead_of_a_vendor_code(leads: Leads) -> None:
    await leads.add(new("7275550201", vendor_lead_code="VLC205"))
    newest = await leads.add(new("7275550202", vendor_lead_code="VLC205"))
    await leads.add(new("7275550203"))
    found = await leads.by_vendor_code("VLC205")
    assert found is not None
    assert found.id == newest
    assert await leads.by_vendor_code("") is None
    assert await leads.by_vendor_code("VLC\0") is None
