"""Imported do-not-call lists, on each database: a version holds whole, or not at all."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from bridge.dnc.model import Entry, Stretch, Version, key_of
from bridge.dnc.service import DncLists
from bridge.events.log import EventLog
from bridge.imports.errors import OutOfPlace, Unusable
from bridge.imports.model import Refusal
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncKind
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.schema import dnc_numbers, import_refusals

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock:
    """What time it is for the lists."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lists(db: Database, clock: Clock) -> DncLists:
    return DncLists(db, clock)


@pytest.fixture
def leads(db: Database) -> Leads:
    return Leads(db, country="US")


def new(dated: date = date(2026, 11, 2), total: int = 2, **more: Any) -> Version:
    stated = Version(
        key="", **({"name": "US", "source": "FTC", "version": str(dated)} | more), dated=dated, total=total
    )
    return msgspec.structs.replace(stated, key=key_of("a" * 64, stated, (0,)))


def entry(number: str, kind: DncKind = DncKind.NUMBER) -> Entry:
    return Entry(number=number, kind=kind)


async def take(lists: DncLists, version: Version, *entries: Entry) -> Version:
    """All of it at once."""
    begun = await lists.begin(version)
    return await lists.take(begun.key, Stretch(start=0, end=version.total, entries=entries))


async def found(leads: Leads, number: str, campaign: str = "SALES") -> list[tuple[str, str]]:
    return [(hit.list, hit.version) for hit in await leads.dnc_hits(number, campaign)]


async def stored(db: Database) -> int:
    async with db.read() as conn:
        return int((await conn.execute(select(func.count()).select_from(dnc_numbers))).scalar_one())


async def test_a_list_forbids_from_its_last_row_on(db: Database, lists: DncLists, leads: Leads) -> None:
    begun = await lists.begin(new(total=3))
    bad = Refusal(row=2, column="", why="'x' is none", cells=("x",))
    half = Stretch(start=0, end=2, entries=(entry("7275550100"),), refused=(bad,))
    state = await lists.take(begun.key, half)
    assert (state.position, state.numbers, state.refused, state.in_force) == (2, 1, 1, False)
    assert await found(leads, "7275550100") == []
    again = await lists.begin(new(total=3))
    assert (again.position, again.done) == (2, False)
    last = Stretch(start=2, end=3, entries=(entry("7275550101"), entry("7275550100")))
    state = await lists.take(begun.key, last)
    assert (state.numbers, state.in_force, state.in_force_at) == (2, True, NOW)
    assert await found(leads, "+1 (727) 555-0100") == [("US", "2026-11-02")]
    assert await found(leads, "7275550102") == []
    page = await EventLog(db).read_after(0)
    (event,) = [json.loads(bytes(one.data)) for one in page.records if one.type == "dnc.list"]
    assert (event["list"], event["dated"], event["numbers"]) == ("US", "2026-11-02", 2)
    with pytest.raises(OutOfPlace):
        await lists.take(begun.key, last)


async def test_a_new_version_takes_the_place_of_the_one_before_at_once(
    lists: DncLists, leads: Leads, clock: Clock
) -> None:
    await take(lists, new(), entry("7275550100"))
    later = new(date(2026, 11, 20))
    begun = await lists.begin(later)
    await lists.take(begun.key, Stretch(start=0, end=1, entries=(entry("7275550101"),)))
    assert await found(leads, "7275550100") == [("US", "2026-11-02")]
    assert await found(leads, "7275550101") == []
    clock.now += timedelta(days=1)
    await lists.take(begun.key, Stretch(start=1, end=2, entries=()))
    assert await found(leads, "7275550100") == []
    assert await found(leads, "7275550101") == [("US", "2026-11-20")]
    old, young = await lists.versions()
    assert (old.replaced_at, old.in_force, young.in_force) == (clock.now, False, True)
    with pytest.raises(Unusable, match="list US is of 2026-11-20 already"):
        await lists.begin(new(date(2026, 11, 10)))
    with pytest.raises(Unusable, match="was in force until 2026-11-27 12:00 UTC"):
        await lists.begin(new())


async def test_two_who_go_on_at_once_take_each_row_once(lists: DncLists) -> None:
    begun = await lists.begin(new())
    stretch = Stretch(start=0, end=2, entries=(entry("7275550100"),))
    ends = await asyncio.gather(*(lists.take(begun.key, stretch) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, Version) for one in ends) == 1
    assert sum(isinstance(one, OutOfPlace) for one in ends) == 5


async def test_a_file_without_a_number_changes_nothing(lists: DncLists, leads: Leads) -> None:
    await take(lists, new(), entry("7275550100"))
    state = await take(lists, new(date(2026, 11, 20)))
    assert (state.done, state.in_force) == (True, False)
    assert await found(leads, "7275550100") == [("US", "2026-11-02")]


async def test_a_list_of_one_campaign_forbids_to_it_alone(lists: DncLists, leads: Leads) -> None:
    await take(lists, new(campaign="SALES"), entry("7275550100"))
    assert await found(leads, "7275550100", "SALES") == [("US", "2026-11-02")]
    assert await found(leads, "7275550100", "OTHER") == []
    with pytest.raises(InvalidLead, match="holds for campaign SALES"):
        await lists.begin(new(date(2026, 11, 20)))


@pytest.mark.parametrize(
    ("of", "number", "hit"),
    [
        (entry("1727555", DncKind.PREFIX), "7275550100", True),
        (entry("1727556", DncKind.PREFIX), "7275550100", False),
        (entry("4990", DncKind.PREFIX), "+49 900 1234567", True),
        (entry("4990", DncKind.PREFIX), "+49 30 1234567", False),
        (entry("727", DncKind.AREA_CODE), "17275550100", True),
        (entry("727", DncKind.AREA_CODE), "+49 7275 50100", False),
        (entry("17275550100", DncKind.PREFIX), "7275550100", True),
    ],
)
async def test_area_codes_and_prefixes_of_a_list(
    lists: DncLists, leads: Leads, of: Entry, number: str, *, hit: bool
) -> None:
    await take(lists, new(), of)
    assert bool(await found(leads, number)) is hit


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 900*", "+49 900 1234567"),
        ("727555*", "(727) 555-0100"),
        ("1 727 555*", "7275550100"),
        ("+1727*", "+17275550100"),
    ],
)
async def test_prefixes_of_the_sites_own_list(leads: Leads, written: str, number: str) -> None:
    assert await leads.add_dnc(written, by="cli")
    assert not await leads.add_dnc(written)
    (hit,) = await leads.dnc_hits(number)
    assert (hit.kind, hit.list) == (DncKind.PREFIX, "")
    assert await leads.dnc_hits("8135550100") == []
    assert await leads.remove_dnc(written)
    assert await leads.dnc_hits(number) == []


@pytest.mark.parametrize("written", ["*", "+*", "+0*", "12x*", "+1234567890123456*", "**", "+49*1*"])
async def test_what_is_no_prefix_forbids_nothing(leads: Leads, written: str) -> None:
    with pytest.raises(InvalidLead, match="a prefix is 1 to 15 digits"):
        await leads.add_dnc(written)


async def test_a_withdrawn_list_holds_no_more(lists: DncLists, leads: Leads) -> None:
    await take(lists, new(), entry("7275550100"))
    assert await lists.withdraw("US")
    assert not await lists.withdraw("US")
    assert await found(leads, "7275550100") == []


async def test_old_numbers_go_and_what_was_when_stays(
    db: Database, lists: DncLists, leads: Leads, clock: Clock
) -> None:
    bad = Refusal(row=1, column="", why="'x' is none", cells=("x",))
    first = await lists.begin(new())
    whole = Stretch(start=0, end=2, entries=(entry("7275550100"), entry("727", DncKind.AREA_CODE)))
    await lists.take(first.key, msgspec.structs.replace(whole, refused=(bad,)))
    await take(lists, new(date(2026, 11, 20)), entry("7275550101"))
    left = await lists.begin(new(date(2026, 11, 21)))
    await lists.take(left.key, Stretch(start=0, end=1, entries=(entry("7275550102"),)))
    clock.now += timedelta(days=40)
    await lists.trim(clock.now - timedelta(days=30))
    clock.now += timedelta(hours=2)
    await lists.trim(clock.now - timedelta(days=30))
    assert await stored(db) == 1
    assert await found(leads, "7275550101") == [("US", "2026-11-20")]
    assert [one.version for one in await lists.versions()] == ["2026-11-02", "2026-11-20", "2026-11-21"]
    async with db.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(import_refusals))).scalar_one() == 0
    assert (await lists.begin(new(date(2026, 11, 21)))).position == 0, "its rows are gone: it begins anew"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "U S"),
        ("name", ""),
        ("source", ""),
        ("version", "a\nb"),
        ("campaign", "a b"),
        ("date", date(2026, 11, 27)),
    ],
)
async def test_what_a_version_cannot_be(lists: DncLists, field: str, value: Any) -> None:
    with pytest.raises(InvalidLead) as wrong:
        await lists.begin(msgspec.structs.replace(new(), **{"dated" if field == "date" else field: value}))
    assert wrong.value.field == field
    assert await lists.versions() == []
