"""Leads with all that hangs on them, on both databases: added once, changed, archived and called back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select, update

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.consent.model import Given
from bridge.dialer.hopper import Hopper
from bridge.events.catalogue import decode
from bridge.leads import callbacks as callback_queries
from bridge.leads.adding import Added, Adding, ToCallBack, ToHopper
from bridge.leads.alternates import AltNumber
from bridge.leads.callbacks import FIRST, ChangedCallback, Place, Wanted
from bridge.leads.changing import CallbackIs, Changing, Dearchived
from bridge.leads.desk import LeadDesk
from bridge.leads.duplicates import checks
from bridge.leads.errors import InvalidLead
from bridge.leads.lists import ListDesk
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database, Transaction
from bridge.store.schema import (
    alt_numbers,
    archived_leads,
    callbacks,
    consents,
    events,
    hopper,
    leads,
)

NUMBER = "7275550100"


@pytest.fixture
async def desk(db: Database) -> LeadDesk:
    site = Site(db)
    await site.put(Campaign(id="TEST"))
    for item in (LeadList(id=101, campaign="TEST"), LeadList(id=102, campaign="TEST"), LeadList(id=201)):
        await site.put(item)
    return LeadDesk(db, Leads(db), Hopper(db), site, "US")


async def add(desk: LeadDesk, mode: str = "", list_id: int = 101, **fields: Any) -> Added:
    lead = NewLead(list_id=list_id, **{"phone_number": NUMBER, **fields})
    return await desk.add(Adding(lead=lead, unless=checks(mode)))


async def rows(db: Database, table: Any) -> list[Any]:
    async with db.read() as conn:
        return list(await conn.execute(select(table)))


@pytest.mark.parametrize(
    ("mode", "list_id", "fields", "found"),
    [
        ("DUPLIST", 101, {}, "PHONE"),
        ("DUPLIST", 102, {}, None),
        ("duplist", 101, {}, "PHONE"),
        ("DUPCAMP", 102, {}, "PHONE"),
        ("DUPCAMP", 201, {}, None),
        ("DUPSYS", 201, {}, "PHONE"),
        ("DUPSYS", 201, {"phone_number": "7275550101"}, None),
        ("DUPPHONEALTLIST", 101, {"phone_number": "7275550102"}, "ALT"),
        (
            "DUPTITLEALTPHONESYS",
            201,
            {"phone_number": "7275550109", "alt_phone": "7275550102", "title": "Ms"},
            "ALT",
        ),
        ("DUPTITLEALTPHONESYS", 201, {"alt_phone": "7275550102", "title": "Mr"}, None),
        ("DUPNAMEPHONECAMP", 102, {"first_name": "Ann", "last_name": "Lee"}, "PHONE"),
        ("DUPNAMEPHONECAMP", 102, {"first_name": "Ann", "last_name": "Low"}, None),
        ("DUPLIST-DUPSYS", 201, {}, "PHONE"),
        ("DUPSYS7DAY", 201, {}, None),
        ("DUPSYS7DAY-30DAY", 201, {}, "PHONE"),
        ("NODUP", 101, {}, None),
    ],
)
async def test_a_duplicate_is_found_as_it_was_asked_for(
    db: Database, desk: LeadDesk, mode: str, list_id: int, fields: dict[str, str], found: str | None
) -> None:
    first = await add(desk, alt_phone="7275550102", title="Ms", first_name="Ann", last_name="Lee")
    await age(db, first.lead_id, days=20)
    second = await add(desk, mode, list_id, **fields)
    assert (second.duplicate.field if second.duplicate else None) == found
    assert (second.lead_id == 0) == (found is not None)
    if second.duplicate:
        assert (second.duplicate.lead_id, second.duplicate.list_id) == (first.lead_id, 101)


async def age(db: Database, lead_id: int, *, days: int) -> None:
    async def work(tx: Transaction) -> None:
        since = datetime.now(UTC) - timedelta(days=days)
        await tx.conn.execute(update(leads).where(leads.c.id == lead_id).values(entry_date=since))

    await db.write(work)


async def test_of_many_at_once_one_is_added(db: Database, desk: LeadDesk) -> None:
    done = await asyncio.gather(*(add(desk, "DUPSYS") for _ in range(8)))
    assert len([one for one in done if one.duplicate is None]) == 1
    assert len(await rows(db, leads)) == 1


async def test_all_that_comes_with_a_lead_is_there_with_it(db: Database, desk: LeadDesk) -> None:
    wish = Adding(
        lead=NewLead(list_id=101, phone_number=NUMBER, custom={"colour": "red"}),
        numbers=[AltNumber(number="7275550101", note="work"), AltNumber(number="7275550102")],
        hopper=ToHopper(campaign="TEST", priority=50),
        callback=ToCallBack(
            campaign="TEST", at="2026-12-01 10:00:00", due_at=datetime(2026, 12, 1, tzinfo=UTC)
        ),
    )
    added = await desk.add(wish)
    assert [(row.lead_id, row.number, row.rank) for row in await rows(db, alt_numbers)] == [
        (added.lead_id, "7275550101", 1),
        (added.lead_id, "7275550102", 2),
    ]
    waiting = await Hopper(db).page("TEST")
    assert [(row.id, row.lead_id, row.priority, row.source) for row in waiting] == [
        (added.hopper_id, added.lead_id, 50, "P")
    ]
    (kept,) = await desk.callbacks(added.lead_id, archived=False)
    assert (kept.campaign, kept.list_id, kept.state) == ("TEST", 101, "ACTIVE")


async def test_a_lead_is_changed_in_one_step(desk: LeadDesk) -> None:
    lead_id = (await add(desk, custom={"colour": "red"})).lead_id
    change = Changing(lead_id=lead_id, fields={"city": "Tampa"}, custom={"size": "L"}, custom_list=101)
    assert (await desk.change(change)).rows == 1
    assert (await desk.change(Changing(lead_id=lead_id, fields={"city": "Tampa"}))).rows == 0
    lead = await desk.get(str(lead_id))
    assert lead is not None
    assert (lead.city, lead.entry_list_id, lead.custom) == ("Tampa", 101, {"colour": "red", "size": "L"})
    with pytest.raises(InvalidLead):
        await desk.change(Changing(lead_id=lead_id, fields={"city": "x" * 300}, leave_hopper=True))
    assert (
        await desk.change(Changing(lead_id=9999, fields={"city": "x"})) == type(await desk.change(change))()
    )


async def test_a_callback_is_changed_and_put_away(desk: LeadDesk) -> None:
    lead_id = (await add(desk)).lead_id
    new = ToCallBack(campaign="TEST", at="", due_at=None, user="1000", made_by="1000")
    wish = Changing(
        lead_id=lead_id, callback=new, changed_callback=ChangedCallback(user="", comments="later")
    )
    assert [(await desk.change(wish)).callback for _ in range(2)] == [CallbackIs.ADDED, CallbackIs.CHANGED]
    (kept,) = await desk.callbacks(lead_id, archived=False)
    assert (kept.user, kept.comments, kept.made_by) == ("", "later", "1000")
    assert (await desk.change(Changing(lead_id=lead_id, drop_callbacks=True))).callbacks == 1
    assert await desk.callbacks(lead_id, archived=False) == []
    assert [one.state for one in await desk.callbacks(lead_id, archived=True)] == ["INACTIVE"]


DUE = datetime(2026, 12, 1, 15, tzinfo=UTC)


def at(hours: float = 0, **more: Any) -> ToCallBack:
    due = DUE + timedelta(hours=hours)
    return ToCallBack(**{"campaign": "TEST", "at": f"{due:%Y-%m-%d %H:%M:%S}", "due_at": due, **more})


async def test_a_lead_waits_for_what_was_promised(db: Database, desk: LeadDesk) -> None:
    lead = NewLead(list_id=101, phone_number=NUMBER)
    lead_id = (await desk.add(Adding(lead=lead, hopper=ToHopper(campaign="TEST")))).lead_id
    first, second = [await desk.promise(lead_id, at(hours, user="1000")) for hours in (1, 2)]
    assert first is not None
    assert second is not None
    assert (first.new, second.new) == (True, False)
    assert second.callback == first.callback, "it stays as it was promised"
    kept = await desk.get(str(lead_id))
    assert kept is not None
    assert (kept.status, await Hopper(db).page("TEST")) == ("CBHOLD", [])
    assert await desk.promise(9999, at()) is None
    told = [row.type for row in await rows(db, events)]
    assert told.count("lead.callback") == 1


async def test_of_two_promises_at_once_one_is_kept(desk: LeadDesk) -> None:
    lead_id = (await add(desk)).lead_id
    done = await asyncio.gather(*(desk.promise(lead_id, at(hours)) for hours in range(6)))
    assert [one.new for one in done if one is not None].count(True) == 1
    assert len(await desk.callbacks(lead_id, archived=False)) == 1


async def test_one_callback_is_changed_and_taken_back_by_its_id(db: Database, desk: LeadDesk) -> None:
    made = await desk.promise((await add(desk)).lead_id, at(user="1000", comments="noon"))
    assert made is not None
    key = made.callback.call_id
    later = DUE + timedelta(days=1)
    changed = await desk.change_callback(key, ChangedCallback(at="tomorrow", due_at=later, user=""))
    assert changed == await desk.callback(key)
    assert changed is not None
    assert (changed.due_at, changed.asked, changed.user, changed.comments) == (later, "tomorrow", "", "noon")
    assert [row.type for row in await rows(db, events)].count("lead.callback") == 2
    assert [await desk.take_back(key) for _ in range(2)] == [True, False]
    assert await desk.change_callback(key, ChangedCallback(comments="x")) is None
    kept = await desk.callback(key)
    assert kept is not None
    assert (kept.archived, kept.state, kept.comments) == (True, "INACTIVE", "noon")
    assert await desk.take_back("nothing") is False


async def some_callbacks(desk: LeadDesk) -> list[str]:
    """Of leads that were promised to be called in 1, 3, 2 hours, in two, and some time."""
    found = []
    wishes = (at(1), at(3, user="1000"), at(2, campaign="OTHER", status="CB2"), at(2.5, user="1001"))
    for list_id, wish in zip((101, 101, 102, 201), wishes, strict=True):
        made = await desk.promise((await add(desk, list_id=list_id)).lead_id, wish)
        assert made is not None
        found.append(made.callback.call_id)
    some_time = await desk.promise((await add(desk)).lead_id, at(at="some time", due_at=None))
    assert some_time is not None
    return [*found, some_time.callback.call_id]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Wanted(), [0, 2, 3, 1, 4]),
        (Wanted(user="1000"), [1]),
        (Wanted(anyone=True), [0, 2, 4]),
        (Wanted(anyone=False), [3, 1]),
        (Wanted(campaign="OTHER"), [2]),
        (Wanted(status="CB2"), [2]),
        (Wanted(list_id=101), [0, 1, 4]),
        (Wanted(since=DUE + timedelta(hours=2)), [2, 3, 1]),
        (Wanted(until=DUE + timedelta(hours=2)), [0]),
        (Wanted(since=DUE + timedelta(hours=1.5), until=DUE + timedelta(hours=2.6), user="1001"), [3]),
        (Wanted(taken_back=True), []),
    ],
)
async def test_callbacks_are_found_in_the_order_in_which_they_are_due(
    desk: LeadDesk, wanted: Wanted, places: list[int]
) -> None:
    made = await some_callbacks(desk)
    found = [one.call_id for one in await desk.callback_page(wanted, FIRST, 10)]
    assert found == [made[place] for place in places]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_pages_of_callbacks_hold_each_once(desk: LeadDesk, size: int) -> None:
    made = await some_callbacks(desk)
    for _ in range(2):  # at the same moment as the first one
        assert await desk.promise((await add(desk)).lead_id, at(1))
    found, place = [], FIRST
    while part := await desk.callback_page(Wanted(), place, size):
        found += [one.call_id for one in part]
        place = Place(part[-1].due_at, part[-1].call_id)
    assert (len(found), len(set(found))) == (7, 7)
    assert made[0] in found[:3]
    assert found[3:] == [made[place] for place in (2, 3, 1, 4)]


async def test_callbacks_that_stand_no_more_are_found_by_why(db: Database, desk: LeadDesk) -> None:
    first, second, *others = await some_callbacks(desk)
    await desk.take_back(first)
    kept = await desk.callback(second)
    assert kept is not None
    await db.write(lambda tx: callback_queries.done(tx, kept, "call"))

    async def found(**wanted: Any) -> list[str]:
        return [one.call_id for one in await desk.callback_page(Wanted(**wanted), FIRST, 9)]

    assert await found(taken_back=True) == [first]
    assert await found(done=True) == [second]
    assert await found(done=True, taken_back=True) == [first, second]
    assert set(await found()) == set(others)
    assert await found(lead_id=kept.lead_id) == []
    assert await desk.take_back(second) is False
    assert await desk.change_callback(second, ChangedCallback(comments="x")) is None


async def told_of(db: Database, callback_id: str) -> list[Any]:
    async with db.read() as conn:
        of_it = select(events).where(events.c.subject == f"callbacks/{callback_id}").order_by(events.c.seq)
        return [decode(row.type, row.data) for row in await conn.execute(of_it)]


async def test_who_has_a_callback_is_told_what_becomes_of_it(db: Database, desk: LeadDesk) -> None:
    made = await desk.promise((await add(desk)).lead_id, at(user="1000"))
    assert made is not None
    key = made.callback.call_id
    await desk.change_callback(key, ChangedCallback(user="1001", comments="noon"))
    await desk.change_callback(key, ChangedCallback(user=""))
    await desk.change_callback(key, ChangedCallback(at="later", due_at=DUE + timedelta(days=1)))
    await desk.take_back(key)
    seen = [
        (one.type.removeprefix("callback."), one.user, getattr(one, "fields", getattr(one, "why", "")))
        for one in await told_of(db, key)
    ]
    assert seen == [
        ("made", "1000", ""),
        ("removed", "1000", "moved"),
        ("changed", "1001", ("user", "comments")),
        ("removed", "1001", "moved"),
        ("changed", "", ("user",)),
        ("changed", "", ("due_at",)),
        ("removed", "", "taken_back"),
    ]


@pytest.mark.parametrize("how", ["lead", "list", "REMOVE"])
async def test_an_agent_is_told_that_her_callback_is_gone(db: Database, desk: LeadDesk, how: str) -> None:
    keys, ids = [], []
    for user in ("1000", ""):
        made = await desk.promise((await add(desk)).lead_id, at(user=user))
        assert made is not None
        keys.append(made.callback.call_id)
        ids.append(made.callback.lead_id or 0)
    if how == "list":
        assert await ListDesk(db, Hopper(db), UTC).delete_leads(101) == 2
    for lead_id in ids if how != "list" else ():
        wish: dict[str, Any] = {"delete": True} if how == "lead" else {"drop_callbacks": True}
        assert (await desk.change(Changing(lead_id=lead_id, **wish))).callbacks == 1
    own, anyones = [(await told_of(db, key))[1:] for key in keys]
    why = "taken_back" if how == "REMOVE" else "deleted"
    assert [(one.type, one.user, one.why) for one in own] == [("callback.removed", "1000", why)]
    assert len(anyones) == (how == "REMOVE"), "of the others the event of their leads tells"


async def test_other_numbers_are_kept_as_a_whole(db: Database, desk: LeadDesk) -> None:
    wish = Adding(lead=NewLead(list_id=101, phone_number=NUMBER), numbers=[AltNumber(number="7275550101")])
    lead_id = (await desk.add(wish)).lead_id
    new = [AltNumber(number="7275550103", note="work"), AltNumber(number="7275550102", active=False)]
    assert [await desk.set_numbers(lead_id, new) for _ in range(2)] == [True, True]
    assert await desk.numbers(lead_id) == new
    assert [(row.number, row.rank, row.active) for row in await rows(db, alt_numbers)] == [
        ("7275550103", 1, True),
        ("7275550102", 2, False),
    ]
    assert [row.type for row in await rows(db, events)].count("lead.changed") == 1, "the second changed none"
    assert await desk.set_numbers(lead_id, [])
    assert await desk.numbers(lead_id) == []
    assert await desk.set_numbers(9999, new) is False
    assert await rows(db, alt_numbers) == []


async def test_a_lead_is_deleted_with_what_hangs_on_it(db: Database, desk: LeadDesk) -> None:
    wish = Adding(
        lead=NewLead(list_id=101, phone_number=NUMBER),
        numbers=[AltNumber(number="7275550101")],
        hopper=ToHopper(campaign="TEST"),
        callback=ToCallBack(campaign="TEST", at="", due_at=None),
    )
    lead_id = (await desk.add(wish)).lead_id
    done = await desk.change(Changing(lead_id=lead_id, delete=True))
    assert (done.rows, done.callbacks) == (1, 1)
    for table in (leads, alt_numbers, callbacks):
        assert await rows(db, table) == []
    assert await Hopper(db).page("TEST") == []
    assert "lead.removed" in [row.type for row in await rows(db, events)]


async def test_a_lead_that_is_being_dialled_is_not_deleted(db: Database, desk: LeadDesk) -> None:
    added = await desk.add(
        Adding(lead=NewLead(list_id=101, phone_number=NUMBER), hopper=ToHopper(campaign="TEST"))
    )
    await db.write(lambda tx: Hopper(db).pull(tx, "TEST", 1, "one"))
    assert (await desk.change(Changing(lead_id=added.lead_id, delete=True))).rows == 0
    assert await desk.get(str(added.lead_id)) is not None


async def test_a_lead_comes_back_from_the_archive_once(db: Database, desk: LeadDesk) -> None:
    async def work(tx: Transaction) -> None:
        row = {"id": 77, "list_id": 101, "phone_number": NUMBER, "custom": {"colour": "red"}}
        await tx.conn.execute(insert(archived_leads).values(row))

    await db.write(work)
    assert await desk.get("77") is None
    change = Changing(lead_id=77, archived=True, fields={"city": "Tampa"})
    assert [(await desk.change(change)).rows for _ in range(2)] == [1, 0]
    assert await desk.dearchive(77) is Dearchived.DONE
    lead = await desk.get("77")
    assert lead is not None
    assert (lead.city, lead.custom) == ("Tampa", {"colour": "red"})
    assert await desk.dearchive(77) is Dearchived.NOT_ARCHIVED
    await db.write(work)
    assert await desk.dearchive(77) is Dearchived.THERE_ALREADY


async def test_searches_are_exact_and_have_an_end(desk: LeadDesk) -> None:
    ids = [(await add(desk, list_id=list_id)).lead_id for list_id in (101, 101, 102)]
    found = await desk.find("phone_number", NUMBER, lists_only=[101], limit=10)
    assert [lead.id for lead in found] == [ids[1], ids[0]]
    assert [lead.id for lead in await desk.find("phone_number", NUMBER, limit=1)] == [ids[2]]
    behind = await desk.find("phone_number", NUMBER, limit=10, before=ids[2])
    assert [lead.id for lead in behind] == [ids[1], ids[0]]
    assert await desk.find("phone_number", NUMBER[:-1], limit=10) == []
    for odd in ("", "0", "9" * 30, "x", "-1"):
        assert await desk.get(odd) is None
    assert await desk.lists_of_campaign("TEST") == [101, 102]
    assert [lead.id for lead in await desk.by_ids([*ids, 2**70], 2)] == [ids[2], ids[1]]


GIVEN = Given(purpose="sales", given_at=datetime(2026, 11, 24, tzinfo=UTC), source="form")


async def test_a_lead_comes_with_its_consent_or_not_at_all(db: Database, desk: LeadDesk) -> None:
    lead = NewLead(list_id=101, phone_number=NUMBER)
    added = await desk.add(Adding(lead=lead, consent=GIVEN, recorded_by="crm"))
    (given,) = await rows(db, consents)
    assert (given.lead_id, given.e164, given.purpose) == (added.lead_id, "+17275550100", "sales")
    assert given.recorded_by == "crm"
    late = msgspec.structs.replace(GIVEN, given_at=datetime.now(UTC) + timedelta(days=1))
    wanted = Adding(lead=lead, consent=late, hopper=ToHopper(campaign="TEST"))
    with pytest.raises(InvalidLead, match="still to come"):
        await desk.add(wanted)
    again = await desk.add(Adding(lead=lead, consent=GIVEN, unless=checks("DUPLIST")))
    assert again.duplicate is not None
    assert (len(await rows(db, leads)), len(await rows(db, consents)), await rows(db, hopper)) == (1, 1, [])
