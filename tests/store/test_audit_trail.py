"""The audit trail on both databases: it only grows, none of it is lost, and it tells no secret."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, text, update

from bridge.access.model import Principal
from bridge.access.names import ALL
from bridge.access.rights import FUNCTIONS
from bridge.audit import trail as trail_module
from bridge.audit.entry import Entry, Result, current
from bridge.audit.model import AuditQuery, AuditRow
from bridge.audit.strangers import A_MINUTE, Strangers
from bridge.audit.trail import AuditTrail
from bridge.background import background
from bridge.events.catalogue import BridgeStarted
from bridge.ids import uuid7
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict, StoreUnavailable

SECONDS = 10.0


@pytest.fixture
def trail(db: Database) -> AuditTrail:
    return AuditTrail(db)


def entry(function: str = "external_dial", user: str = "crm", *, days_ago: float = 0) -> Entry:
    made = Entry(function, "192.0.2.7", user)
    if days_ago:
        made.at -= timedelta(days=days_ago)
        made.id = uuid7(int(made.at.timestamp() * 1000))
    return made


async def rows(trail: AuditTrail, query: AuditQuery | None = None) -> list[AuditRow]:
    await trail.flush()
    return await trail.page(query or AuditQuery())


@contextmanager
def serving(made: Entry) -> Iterator[Entry]:
    token = current.set(made)
    try:
        yield made
    finally:
        current.reset(token)


async def test_a_row_says_who_what_where_and_what_came_of_it(trail: AuditTrail, db: Database) -> None:
    await add_user(db, "1000")
    made = entry()
    made.known("crm", "k1")
    made.on_agent("1000")
    made.on_number("+1 727-555-0100")
    made.on_lead("201")
    made.refuse("country")
    made.status = 403
    await trail.record(made)
    (row,) = await rows(trail)
    assert (row.user, row.key, row.address, row.function) == ("crm", "k1", "192.0.2.7", "external_dial")
    assert (row.result, row.reason, row.status) == (Result.REFUSED, "country", 403)
    assert row.target == "agent=1000 number=…0100 lead=201"
    assert row.time == made.at
    assert row.milliseconds >= 0


async def test_events_of_a_transaction_are_those_of_the_request(trail: AuditTrail, db: Database) -> None:
    async def work(tx: Transaction) -> str:
        return tx.emit(BridgeStarted(bridge="b", version="1"))

    with serving(entry()) as made:
        caused = [await db.write(work), await db.write(work)]
    await trail.record(made)
    await db.write(work)  # nobody's
    assert (await rows(trail))[0].events == caused


async def test_what_was_rolled_back_has_caused_nothing(trail: AuditTrail, db: Database) -> None:
    async def work(tx: Transaction) -> None:
        tx.emit(BridgeStarted(bridge="b", version="1"))
        raise LookupError

    with serving(entry()) as made, pytest.raises(LookupError):
        await db.write(work)
    await trail.record(made)
    assert (await rows(trail))[0].events == []


async def test_what_a_task_does_after_the_request_is_not_added(trail: AuditTrail, db: Database) -> None:
    async def work(tx: Transaction) -> None:
        tx.emit(BridgeStarted(bridge="b", version="1"))

    with serving(entry()) as made:
        await trail.record(made)
        await db.write(work)
    assert made.events == []


@pytest.mark.parametrize("change", ["update", "delete", "delete all"])
async def test_no_row_can_be_changed_or_taken_away(trail: AuditTrail, db: Database, change: str) -> None:
    await trail.record(entry())
    (row,) = await rows(trail)
    statement = {
        "update": update(schema.audit).values(user="nobody"),
        "delete": delete(schema.audit).where(schema.audit.c.id == row.id),
        "delete all": delete(schema.audit),
    }[change]

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(statement)

    with pytest.raises(StoreConflict):
        await db.write(work)
    assert await rows(trail) == [row]


async def test_it_cannot_be_emptied_nor_a_row_replaced(trail: AuditTrail, db: Database) -> None:
    await trail.record(entry())
    kept = await rows(trail)
    way = (
        "INSERT OR REPLACE INTO audit (id, time, user, result) SELECT id, time, 'nobody', 'ok' FROM audit"
        if db.kind == "sqlite"
        else "TRUNCATE audit"
    )

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(text(way))

    if db.kind == "sqlite":
        await db.write(work)
    else:
        with pytest.raises(StoreConflict):
            await db.write(work)
    assert await rows(trail) == kept


async def test_what_is_past_its_retention_goes_and_nothing_else(
    trail: AuditTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_module, "TRIM", 2)
    for days in (40, 35, 31, 29, 0):
        await trail.record(entry(str(days), days_ago=days))
    await trail.keep(30)
    await trail.flush()
    assert await trail.trim(30) == 3
    assert [row.function for row in await rows(trail)] == ["0", "29"]


async def test_the_database_refuses_to_trim_sooner_than_it_was_told(trail: AuditTrail) -> None:
    await trail.record(entry(days_ago=40))
    await trail.flush()
    with pytest.raises(StoreConflict):  # it was told nothing: a year
        await trail.trim(30)
    await trail.keep(60)
    with pytest.raises(StoreConflict):
        await trail.trim(30)
    await trail.keep(30)
    assert await trail.trim(30) == 1


async def test_pages_newest_first_and_by_what_is_asked(trail: AuditTrail) -> None:
    for number, (function, user) in enumerate([("a", "crm"), ("b", "crm"), ("a", "web"), ("a", "crm")]):
        made = entry(function, user, days_ago=4 - number)
        if number == 3:
            made.refuse("function")
        await trail.record(made)
    found = await rows(trail)
    assert [(row.function, row.user) for row in found] == [
        ("a", "crm"),
        ("a", "web"),
        ("b", "crm"),
        ("a", "crm"),
    ]
    assert await trail.page(AuditQuery(user="crm", function="a")) == [found[0], found[3]]
    assert await trail.page(AuditQuery(refused=True)) == [found[0]]
    assert await trail.page(AuditQuery(limit=2)) == found[:2]
    assert await trail.page(AuditQuery(limit=2, before=found[1].id)) == found[2:]
    assert await trail.page(AuditQuery(since=found[2].time)) == found[:3]
    assert await trail.page(AuditQuery(until=found[2].time)) == found[3:]


@pytest.mark.parametrize("name", ["hunter2-the-secret", "S3cret_S3cret", "x" * 5000, "\0\ud800", "<b>"])
async def test_a_name_that_no_user_has_is_not_kept(trail: AuditTrail, name: str) -> None:
    for _ in range(2):
        made = entry(user="")
        made.claim(name)
        made.on_agent(name)
        made.on_call(name)
        made.on_lead(name)
        made.on_number(name)
        made.refuse("login-bad")
        await trail.record(made)
    first, second = await rows(trail)
    assert first.user == second.user  # so that one who tries again is seen to be the same
    assert first.user.startswith("?")
    assert name not in first.user + first.target
    assert first.target == "agent=? call=? lead=? number=…"


async def test_a_user_who_is_there_is_named_when_refused(trail: AuditTrail, db: Database) -> None:
    await add_user(db, "crm")
    made = entry(user="")
    made.claim("crm")
    made.refuse("login-bad")
    await trail.record(made)
    assert (await rows(trail))[0].user == "crm"


@pytest.fixture
async def writing(trail: AuditTrail) -> AsyncIterator[None]:
    async with background(trail.run):
        yield


async def until_there(trail: AuditTrail, count: int) -> None:
    async with asyncio.timeout(SECONDS):
        while len(await trail.page(AuditQuery())) < count:  # noqa: ASYNC110  it is the store that is looked at
            await asyncio.sleep(0.02)


async def test_rows_are_written_without_being_asked_for(trail: AuditTrail, writing: None) -> None:
    del writing
    for _ in range(3):
        await trail.record(entry())
    await until_there(trail, 3)


async def test_a_store_that_is_away_gets_them_when_it_is_back(
    trail: AuditTrail, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_module, "AGAIN", 0.05)
    gone = asyncio.Event()

    async def away(*_: object) -> None:
        gone.set()
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(db, "write", away)
        async with background(trail.run):
            await trail.record(entry())
            await asyncio.wait_for(gone.wait(), SECONDS)
            broken.undo()
            await until_there(trail, 1)


async def test_without_room_a_request_waits_and_no_row_is_lost(
    trail: AuditTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_module, "MOST", 2)
    waiting = [asyncio.create_task(trail.record(entry())) for _ in range(5)]
    done, late = await asyncio.wait(waiting, timeout=0.1)
    assert (len(done), len(late)) == (2, 3)
    async with asyncio.timeout(SECONDS):
        while late:
            await trail.flush()
            _, late = await asyncio.wait(late, timeout=0.02)
    assert len(await rows(trail)) == 5


async def test_a_stop_writes_what_is_left(trail: AuditTrail) -> None:
    for _ in range(500):
        await trail.record(entry())
    await trail.stop()
    assert len(await trail.page(AuditQuery(limit=1000))) == 500


async def test_a_row_that_cannot_be_stored_does_not_hold_up_the_others(trail: AuditTrail) -> None:
    bad = entry("\0")
    for made in (entry("a"), bad, entry("b")):
        await trail.record(made)
    assert {row.function for row in await rows(trail)} == {"a", "b"}


async def test_written_twice_because_nobody_knew_it_is_there_once(trail: AuditTrail) -> None:
    made = entry()
    await trail.record(made)
    await trail.flush()
    await trail.record(made)
    assert len(await rows(trail)) == 1


def principal(*functions: str) -> Principal:
    return Principal(user="crm", functions=frozenset(functions) if functions else ALL)


async def used(trail: AuditTrail, right: str, address: str, *, days_ago: float = 0) -> None:
    made = entry(days_ago=days_ago)
    made.right, made.address = right, address
    await trail.record(made)
    await trail.flush()


async def test_which_functions_a_user_has_and_which_it_uses(trail: AuditTrail) -> None:
    await used(trail, "logout", "192.0.2.1", days_ago=100)
    await used(trail, "external_dial", "192.0.2.2", days_ago=3)
    await used(trail, "external_dial", "192.0.2.3", days_ago=2)
    await used(trail, "external_pause", "192.0.2.2", days_ago=2.5)
    (usage,) = await trail.usage([principal("external_dial", "logout", "external_pause", "add_lead")])
    assert (usage.rights, usage.used, usage.unused) == (4, 2, ("add_lead", "logout"))
    assert usage.last_address == "192.0.2.3"
    assert usage.last_used == usage.functions["external_dial"].at
    assert set(usage.functions) == {"external_dial", "external_pause", "logout"}
    (of_all,) = await trail.usage([principal()])
    assert (of_all.rights, of_all.used) == (len(FUNCTIONS), 2)


async def test_what_was_refused_is_not_used(trail: AuditTrail) -> None:
    made = entry()
    made.right = "external_dial"
    made.refuse("campaign")
    await trail.record(made)
    await trail.flush()
    (usage,) = await trail.usage([principal("external_dial")])
    assert (usage.used, usage.last_used, usage.last_address) == (0, None, "")


async def add_user(db: Database, user: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(schema.users.insert().values(user=user, created_at=datetime.now(UTC)))

    await db.write(work)


async def test_a_flood_of_strangers_fills_no_disk(db: Database) -> None:
    clock = Clock()
    trail = AuditTrail(db, Strangers(clock))

    async def knock(times: int) -> None:
        for number in range(times):
            stranger = Entry("version", "192.0.2.66")  # nobody needs a login for that
            if number % 2:
                stranger.refuse("login")
            await trail.record(stranger)

    await knock(A_MINUTE + 500)
    await trail.record(entry())
    found = await rows(trail, AuditQuery(limit=1000))
    assert [row.user for row in found].count("crm") == 1, "who is known has a row, whoever else comes"
    assert len(found) == A_MINUTE + 1
    clock.now += 60
    await knock(1)
    found = await rows(trail, AuditQuery(limit=1000))
    assert len(found) == A_MINUTE + 3
    assert [row.reason for row in found if row.function == "strangers"] == ["500 more, without rows"]
    await knock(A_MINUTE + 2)
    await trail.stop()
    found = await rows(trail, AuditQuery(limit=1000, function="strangers"))
    assert [row.reason for row in found] == ["3 more, without rows", "500 more, without rows"]


class Clock:
    now = 60_000.0

    def __call__(self) -> float:
        return self.now
