"""That a callback is due is told once, at its time, whatever bridges start and end meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from bridge.background import background
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.dialer.hopper import Hopper
from bridge.dialer.promised import PromisedLeads
from bridge.events.catalogue import CallbackDue, Right
from bridge.events.filters import Filter
from bridge.events.log import EventLog
from bridge.leads import reminding
from bridge.leads.adding import ToCallBack
from bridge.leads.callbacks import ChangedCallback
from bridge.leads.desk import LeadDesk
from bridge.leads.model import LeadList, NewLead
from bridge.leads.reminding import AT_ONCE, DUTY, Reminders
from bridge.leads.service import Leads
from bridge.store.database import Database, Transaction
from bridge.store.prepared import Prepared
from bridge.store.schema import callbacks

SECONDS = 15
"""For anything that has to come true."""
SOON = timedelta(seconds=0.4)


def now() -> datetime:
    return datetime.now(UTC)


async def eventually(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.005)


class Place:
    """A store with one list, and what is promised there."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.desk = LeadDesk(db, Leads(db), Hopper(db), Site(db), "US")

    async def furnish(self) -> None:
        await Site(self.db).put(Campaign(id="TEST"))
        await Site(self.db).put(LeadList(id=101, campaign="TEST"))

    async def promise(self, due: datetime | None, user: str = "1000") -> str:
        """A new lead is to be called; the callback's id."""
        lead_id = await Leads(self.db).add(NewLead(list_id=101, phone_number="7275550100"))
        made = await self.desk.promise(lead_id, ToCallBack(campaign="TEST", at="then", due_at=due, user=user))
        assert made is not None
        return made.callback.call_id

    async def state(self, key: str) -> str:
        kept = await self.desk.callback(key)
        assert kept is not None
        return kept.state

    async def told(self, key: str = "") -> list[tuple[str, str]]:
        """Of which callbacks was told that they are due, and to whom."""
        page = await EventLog(self.db).read_after(0, 1000, Filter(types=(CallbackDue.type,)))
        found = [record.event for record in page.records]
        return [
            (one.callback_id, one.user)
            for one in found
            if isinstance(one, CallbackDue) and key in ("", one.callback_id)
        ]

    async def is_told(self, *expected: tuple[str, str]) -> None:
        """Wait until these were told, and no others."""

        async def so() -> bool:
            return len(await self.told()) >= len(expected)

        await eventually(so)
        assert await self.told() == list(expected)


@pytest.fixture
async def place(db: Database) -> Place:
    made = Place(db)
    await made.furnish()
    return made


@asynccontextmanager
async def bridge(db: Database, name: str = "a") -> AsyncIterator[None]:
    """A bridge reminds."""
    duties = db.duties(name)
    await duties.start()
    promised = PromisedLeads(Leads(db), Hopper(db), Site(db))
    reminders = Reminders(db, EventLog(db), duties.duty(DUTY), promised.due)
    try:
        async with background(reminders.run):
            yield
        await reminders.stop()
    finally:
        await duties.close()


async def test_what_came_due_while_no_bridge_ran_is_told_once(place: Place) -> None:
    second = await place.promise(now() - timedelta(minutes=1), user="1001")
    first = await place.promise(now() - timedelta(hours=1))
    await place.promise(now() + timedelta(hours=1))
    await place.promise(None)
    for _ in range(2):
        async with bridge(place.db):
            await place.is_told((first, "1000"), (second, "1001"))
    last = await place.promise(now() - timedelta(hours=2), user="")
    async with bridge(place.db):
        await place.is_told((first, "1000"), (second, "1001"), (last, ""))
    assert [await place.state(key) for key in (first, second, last)] == ["LIVE"] * 3


async def test_it_is_told_at_its_time(place: Place) -> None:
    async with bridge(place.db):
        due = now() + SOON
        key = await place.promise(due)
        await place.is_told((key, "1000"))
    (record,) = (await EventLog(place.db).read_after(0, 1000, Filter(types=(CallbackDue.type,)))).records
    late = (record.time - due).total_seconds()
    assert 0 <= late < 2, "neither before nor long after"
    event = record.event
    assert isinstance(event, CallbackDue)
    assert (event.due_at, event.campaign, event.status) == (due, "TEST", "CALLBK")


async def test_one_that_is_due_earlier_is_told_earlier(place: Place) -> None:
    async with bridge(place.db):
        await place.promise(now() + timedelta(hours=1))
        key = await place.promise(now() + SOON)
        await place.is_told((key, "1000"))


async def test_the_agents_screen_shows_it(place: Place) -> None:
    key = await place.promise(now())
    await place.promise(now(), user="1001")
    async with bridge(place.db):
        await eventually(lambda: place.told(key))
    hers = Filter(agent="1000", rights=frozenset({Right.AGENTS, Right.CALLS}))  # as the screen's stream has
    seen = (await EventLog(place.db).read_after(0, 1000, hers)).records
    assert [(one.type, one.subject) for one in seen] == [
        ("callback.made", f"callbacks/{key}"),
        ("callback.due", f"callbacks/{key}"),
    ]


async def test_another_time_or_agent_is_told_anew_and_nothing_else(place: Place) -> None:
    key = await place.promise(now())
    async with bridge(place.db):
        await place.is_told((key, "1000"))
        await place.desk.change_callback(key, ChangedCallback(comments="noon", user="1000"))
        await place.desk.change_callback(key, ChangedCallback(user="1001"))
        await place.is_told((key, "1000"), (key, "1001"))
        await place.desk.change_callback(key, ChangedCallback(at="then", due_at=now() + SOON))
        assert await place.state(key) == "ACTIVE"
        await place.is_told((key, "1000"), (key, "1001"), (key, "1001"))


async def test_of_one_that_stands_no_more_nothing_is_told(place: Place) -> None:
    gone = await place.promise(now() + SOON)
    put_off = await place.promise(now() + SOON)
    async with bridge(place.db):
        await place.desk.take_back(gone)
        later = now() + timedelta(days=1)
        await place.desk.change_callback(put_off, ChangedCallback(at="later", due_at=later))
        last = await place.promise(now() + SOON)
        await place.is_told((last, "1000"))


async def test_many_at_once_are_all_told(place: Place) -> None:
    row = {"campaign": "TEST", "user": "1000", "due_at": now(), "made_at": now()}
    many = [{"call_id": f"c{number}", **row} for number in range(2 * AT_ONCE + 7)]

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(callbacks), many)

    await place.db.write(work)
    async with bridge(place.db):

        async def all_told() -> bool:
            return len(await place.told()) == len(many)

        await eventually(all_told)
    assert len(set(await place.told())) == len(many)


async def test_of_two_bridges_one_tells_and_the_other_goes_on(postgres_url: str) -> None:
    async with Database(postgres_url) as one, Database(postgres_url) as other:
        place, beside = Place(one), Place(other)
        await place.furnish()
        keys = []
        async with bridge(other, "b"):
            async with bridge(one, "a"):
                keys = [await each.promise(now() + SOON) for each in (place, beside, place, beside)]
                await place.is_told(*((key, "1000") for key in keys))
            keys += [await each.promise(now() + SOON) for each in (place, beside)]
            await place.is_told(*((key, "1000") for key in keys))


@pytest.mark.parametrize("asked", [reminding._DUE, reminding._NEXT], ids=["due", "next"])
async def test_those_of_years_ago_are_not_read(sqlite_url: str, asked: Prepared) -> None:
    values = ("2026",) * (asked.sql.count("?") - 1) + (9,)
    async with Database(sqlite_url) as db, db.read() as conn:
        steps = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.sql}", values)
        (step,) = [row.detail for row in steps]
    assert "INDEX ix_callbacks_waiting" in step
