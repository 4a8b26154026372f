"""The site's own numbers in the store: which caller ids are taken, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert

from bridge.access.hashing import Hasher
from bridge.access.service import Access
from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.campaigns.errors import InvalidField, ItemInUse
from bridge.campaigns.item import SiteItem
from bridge.campaigns.load import load
from bridge.campaigns.model import Campaign, GroupAlias, InGroup
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import read
from bridge.store import schema
from bridge.store.database import Database, Transaction

FILE = """
    [[groupalias]]
    name = "DESK"
    caller_id = "7275550100"
    [[ingroup]]
    name = "SALES"
    caller_id = "17275550101"
    [[campaign]]
    id = "A"
    caller_id = "7275550102"
    [[campaign]]
    id = "PBX"
    caller_id = "1000"
    [[did]]
    number = "+17275551234"
    queue = "SALES"
"""


@pytest.fixture
def site(db: Database) -> Site:
    return Site(db)


@pytest.fixture
async def access(db: Database) -> AsyncIterator[Access]:
    found = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
    yield found
    found.close()


async def own(site: Site) -> list[str]:
    return [number.number for number in await site.list(OwnNumber)]


async def before_the_table(db: Database) -> None:
    """A site as the version before has left it."""

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(schema.group_aliases), {"name": "DESK", "caller_id": "7275550100"})
        await tx.conn.execute(insert(schema.group_aliases), {"name": "ODD", "caller_id": "0000000"})
        await tx.conn.execute(insert(schema.in_groups), {"name": "SALES", "caller_id": "7275550100"})
        await tx.conn.execute(insert(schema.campaigns), {"id": "A", "caller_id": "7275550102"})
        await tx.conn.execute(insert(schema.dids), {"number": "+17275551234", "queue": "SALES"})

    await db.write(work)


@pytest.mark.parametrize(
    "item",
    [
        Campaign(id="A", caller_id="7275550199"),
        InGroup(name="SALES", caller_id="7275550199"),
        GroupAlias(name="DESK", caller_id="7275550199"),
        CallerIdGroup(name="LOCAL", entries=(CallerIdEntry(area="727", number="7275550199"),)),
    ],
)
async def test_only_numbers_of_the_table_are_shown(site: Site, item: SiteItem) -> None:
    for write in (site.add, site.put):
        with pytest.raises(InvalidField, match="none of the site's own numbers: agent-bridge ownnumber add"):
            await write(item)
    assert await site.get(type(item), item.key) is None
    await site.add(OwnNumber(number="+17275550199"))
    await site.add(item)
    assert await site.get(type(item), item.key) == item


async def test_a_caller_id_is_read_as_at_home_and_as_e164(site: Site, db: Database) -> None:
    await site.add(OwnNumber(number="+17275550100"))
    for spelling in ("7275550100", "17275550100", "+17275550100", "+1 727 555 0100"):
        assert await site.is_own(spelling), spelling
    for other in ("7275550101", "447275550100", "", "1000", "+447275550100"):
        assert not await site.is_own(other), other
    await site.add(OwnNumber(number="+493023125000"))
    assert await Site(db, "DE").is_own("03023125000")
    assert await site.is_own("493023125000")


async def test_extensions_of_an_exchange_need_no_entry(site: Site) -> None:
    await site.add(Campaign(id="A", caller_id="1000"))


async def test_what_is_shown_is_not_taken_away(site: Site) -> None:
    await site.add(OwnNumber(number="+17275550100"))
    await site.add(Campaign(id="A", caller_id="17275550100"))
    with pytest.raises(ItemInUse, match="in use by campaign A"):
        await site.remove(OwnNumber, "+17275550100")
    await site.put(CallerIdGroup(name="B", entries=(CallerIdEntry(area="727", number="7275550100"),)))
    await site.put(Campaign(id="A"))
    with pytest.raises(ItemInUse, match="in use by cidgroup B"):
        await site.remove(OwnNumber, "+17275550100")
    await site.remove(CallerIdGroup, "B")
    await site.remove(OwnNumber, "+17275550100")
    assert not await site.is_own("7275550100")


async def test_a_site_from_before_keeps_its_numbers(db: Database, site: Site) -> None:
    await before_the_table(db)
    await site.take_own_numbers()
    assert await own(site) == ["+17275550100", "+17275550102", "+17275551234"]
    odd = await site.get(GroupAlias, "ODD")
    assert odd is not None
    assert await site.put(msgspec.structs.replace(odd, title="Odd")) == ("title",), "set earlier, it stays"


async def test_numbers_are_taken_once_only(db: Database, site: Site) -> None:
    await site.take_own_numbers()
    await before_the_table(db)
    await site.take_own_numbers()
    assert await own(site) == [], "a DID that is added later is no number to show"


async def test_a_site_file_is_an_administrators_word(db: Database, site: Site, access: Access) -> None:
    file = read(FILE, base=Path(), environ={})
    tried = await load(db, site, access, file, dry_run=True)
    assert await own(site) == []
    done = await load(db, site, access, file)
    assert tried.changes == done.changes
    added = [change.key for change in done.changes if change.kind == "ownnumber"]
    assert (
        await own(site) == sorted(added) == [f"+1727555{last}" for last in ("0100", "0101", "0102", "1234")]
    )
    assert not (await load(db, site, access, file)).some


async def test_a_site_file_may_name_its_numbers(db: Database, site: Site, access: Access) -> None:
    named = FILE + '[[ownnumber]]\nnumber = "+17275550100"\nname = "Front desk"\n'
    await load(db, site, access, read(named, base=Path(), environ={}))
    assert await site.get(OwnNumber, "+17275550100") == OwnNumber(number="+17275550100", name="Front desk")
