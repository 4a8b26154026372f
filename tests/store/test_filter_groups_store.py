"""Groups of filtered numbers, on both databases: a number is in a group once, however it is written."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert

from bridge.campaigns.errors import InvalidField, ItemExists, NoSuchItem
from bridge.leads.filter_groups import FilterGroup, FilterGroups
from bridge.store.database import Database, Transaction
from bridge.store.schema import filter_numbers

NUMBER = "7275550100"


@pytest.fixture
async def filters(db: Database) -> FilterGroups:
    found = FilterGroups(db, "US")
    await found.make(FilterGroup(name="BAD", title="Nuisance callers"))
    return found


@pytest.mark.parametrize("written", [NUMBER, "+17275550100", "17275550100", "(727) 555-0100"])
async def test_a_number_is_in_a_group_once(filters: FilterGroups, written: str) -> None:
    assert [await filters.add("BAD", number) for number in (NUMBER, written)] == [True, False]
    assert await filters.has("BAD", written)
    assert await filters.numbers("BAD", limit=9) == [NUMBER]
    assert [await filters.remove("BAD", written) for _ in range(2)] == [True, False]
    assert not await filters.has("BAD", NUMBER)


async def test_what_was_kept_as_it_was_written_is_found_and_goes(db: Database, filters: FilterGroups) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(filter_numbers).values(group="BAD", number="17275550100"))

    await db.write(work)
    assert await filters.has("BAD", NUMBER)
    assert await filters.add("BAD", NUMBER) is False
    assert await filters.remove("BAD", NUMBER)
    assert await filters.numbers("BAD", limit=9) == []


async def test_a_group_is_made_once_and_goes_with_its_numbers(filters: FilterGroups) -> None:
    await filters.add("BAD", NUMBER)
    with pytest.raises(ItemExists):
        await filters.make(FilterGroup(name="BAD"))
    await filters.drop("BAD")
    await filters.make(FilterGroup(name="BAD"))
    assert await filters.numbers("BAD", limit=9) == []


async def test_groups_and_numbers_by_page(filters: FilterGroups) -> None:
    await filters.make(FilterGroup(name="ANY"))
    assert [one.name for one in await filters.groups(limit=9)] == ["ANY", "BAD"]
    assert await filters.groups(after="ANY", limit=9) == [FilterGroup(name="BAD", title="Nuisance callers")]
    for last in (2, 1, 3):
        await filters.add("BAD", f"727555010{last}")
    await filters.add("ANY", "7275550109")
    assert await filters.numbers("BAD", limit=2) == ["7275550101", "7275550102"]
    assert await filters.numbers("BAD", after="7275550102", limit=2) == ["7275550103"]


async def test_a_group_that_is_not_there(filters: FilterGroups) -> None:
    for attempt in (
        filters.add("NONE", NUMBER),
        filters.remove("NONE", NUMBER),
        filters.has("NONE", NUMBER),
        filters.numbers("NONE", limit=1),
        filters.drop("NONE"),
    ):
        with pytest.raises(NoSuchItem):
            await attempt


async def test_of_two_who_put_the_same_in_at_once_one_has_done_it(filters: FilterGroups) -> None:
    added = await asyncio.gather(*(filters.add("BAD", NUMBER) for _ in range(8)))
    assert sorted(added) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("name", "title", "field"), [("", "", "name"), ("A B", "", "name"), ("A", "x\ny", "title")]
)
def test_what_is_no_group(name: str, title: str, field: str) -> None:
    with pytest.raises(InvalidField) as told:
        FilterGroup(name=name, title=title)
    assert told.value.field == field
