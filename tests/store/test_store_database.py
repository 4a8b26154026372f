"""What a database promises, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from bridge.events.catalogue import BridgeStarted
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.errors import (
    StoreClosed,
    StoreConflict,
    StoreError,
    StoreMisconfigured,
    StoreRefused,
    StoreTooNew,
)
from bridge.store.rows import from_row, overwrite

LISTS = schema.lists


async def names(db: Database) -> list[str]:
    async with db.read() as conn:
        found = await conn.execute(select(LISTS.c.name).order_by(LISTS.c.id))
        return list(found.scalars())


async def add(tx: Transaction, number: int, name: str = "") -> None:
    await tx.conn.execute(insert(LISTS).values(id=number, name=name or f"list {number}"))


async def events(db: Database) -> list[tuple[int, str]]:
    async with db.read() as conn:
        found = await conn.execute(select(schema.events.c.seq, schema.events.c.subject).order_by("seq"))
        return [(row.seq, row.subject) for row in found]


async def test_what_a_work_wrote_is_there_when_write_returns(db: Database) -> None:
    async def work(tx: Transaction) -> str:
        await add(tx, 1)
        return "done"

    assert await db.write(work) == "done"
    assert await names(db) == ["list 1"]


async def test_a_work_that_raises_leaves_nothing_and_its_error_arrives(db: Database) -> None:
    class OwnError(Exception):
        pass

    async def work(tx: Transaction) -> None:
        await add(tx, 1)
        tx.emit(BridgeStarted(bridge="a"))
        raise OwnError

    with pytest.raises(OwnError):
        await db.write(work)
    assert await names(db) == []
    assert await events(db) == []


async def test_works_side_by_side_fail_alone(db: Database) -> None:
    async def work(tx: Transaction, number: int) -> int:
        await add(tx, number)
        tx.emit(BridgeStarted(bridge=str(number)))
        if number % 3 == 0:
            raise ValueError(number)
        return number

    results = await asyncio.gather(
        *(db.write(lambda tx, n=n: work(tx, n)) for n in range(30)),  # type: ignore[misc]
        return_exceptions=True,
    )
    good = [n for n in range(30) if n % 3]
    assert [result for result in results if isinstance(result, int)] == good
    assert sum(isinstance(result, ValueError) for result in results) == 10
    assert await names(db) == [f"list {n}" for n in good]
    logged = await events(db)
    assert [seq for seq, _ in logged] == list(range(1, 21))
    assert sorted(subject for _, subject in logged) == sorted(f"bridge/{n}" for n in good)


async def test_a_broken_rule_is_a_conflict_that_names_the_columns(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await add(tx, 1)

    await db.write(work)
    with pytest.raises(StoreConflict) as caught:
        await db.write(work)
    assert (caught.value.table, caught.value.columns) == ("lists", frozenset({"id"}))


async def test_a_broken_check_names_its_rule(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(schema.users).values(user="a", level=10))

    with pytest.raises(StoreConflict) as caught:
        await db.write(work)
    assert (caught.value.table, caught.value.rule) == ("users", "ck_users_level")


@pytest.mark.parametrize(
    "values",
    [
        {"id": 1, "name": "a\0b"},
        {"id": 1, "name": "\udc80"},
        {"id": 2**63, "name": "a"},
        {"id": 1, "name": "a", "created_at": datetime(2026, 11, 24)},  # noqa: DTZ001  naive on purpose
    ],
    ids=["nul", "surrogate", "65 bits", "no time zone"],
)
async def test_a_value_that_cannot_be_stored_is_refused(db: Database, values: dict[str, object]) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(LISTS).values(**values))

    with pytest.raises(StoreRefused):
        await db.write(work)
    assert await names(db) == []


async def test_a_value_that_cannot_be_stored_is_the_trouble_of_its_work_alone(db: Database) -> None:
    texts = ["a\0b", "one", "a\0b", "three"]
    results = await asyncio.gather(
        *(db.write(lambda tx, n=n, text=text: add(tx, n, text)) for n, text in enumerate(texts)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert [isinstance(result, StoreRefused) for result in results] == [True, False, True, False]
    assert await names(db) == ["one", "three"]


async def test_a_fault_in_a_statement_is_not_called_a_passing_trouble(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.exec_driver_sql("SELECT nonsense FROM nowhere")

    with pytest.raises(StoreError) as caught:
        await db.write(work)
    assert type(caught.value) is StoreError


async def test_moments_come_back_in_utc_and_json_as_it_was(db: Database) -> None:
    local = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=timezone(timedelta(hours=-5)))

    async def work(tx: Transaction) -> None:
        fields = {"favcolor": "text", "ünï": ["a", 1, None]}
        await tx.conn.execute(insert(LISTS).values(id=1, created_at=local, custom_fields=fields))

    await db.write(work)
    async with db.read() as conn:
        row = (await conn.execute(select(LISTS))).one()
    assert row.created_at == local
    assert row.created_at.tzinfo is UTC or row.created_at.utcoffset() == timedelta(0)
    assert row.custom_fields == {"favcolor": "text", "ünï": ["a", 1, None]}


async def test_moments_are_ordered_in_time(db: Database) -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    moments = [start, start + timedelta(microseconds=1), start + timedelta(seconds=1)]

    async def work(tx: Transaction) -> None:
        for place, moment in enumerate(reversed(moments)):
            await tx.conn.execute(insert(LISTS).values(id=place, created_at=moment))

    await db.write(work)
    async with db.read() as conn:
        later = select(LISTS.c.created_at).where(LISTS.c.created_at > start).order_by(LISTS.c.created_at)
        assert list((await conn.execute(later)).scalars()) == moments[1:]


async def test_a_reader_cannot_write(sqlite_url: str) -> None:
    async with Database(sqlite_url) as db:
        with pytest.raises(StoreError):
            async with db.read() as conn:
                await conn.execute(insert(LISTS).values(id=1))
        assert await names(db) == []


async def test_a_snapshot_stays_what_it_was(db: Database) -> None:
    async with db.read(snapshot=True) as conn:
        count = select(func.count()).select_from(LISTS)
        assert (await conn.execute(count)).scalar() == 0
        await db.write(lambda tx: add(tx, 1))
        assert (await conn.execute(count)).scalar() == 0
    assert await names(db) == ["list 1"]


async def test_readers_go_on_while_somebody_writes(db: Database) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await add(tx, 1)
        began.set()
        await go_on.wait()

    writing = asyncio.create_task(db.write(slow))
    await began.wait()
    async with asyncio.timeout(2):
        assert await names(db) == []
    go_on.set()
    await writing
    assert await names(db) == ["list 1"]


async def test_what_follows_a_commit_runs_only_after_it(db: Database) -> None:
    seen: list[str] = []

    async def good(tx: Transaction) -> None:
        tx.after_commit(lambda: 1 / 0)
        tx.after_commit(lambda: seen.append("good"))
        assert not seen

    async def bad(tx: Transaction) -> None:
        tx.after_commit(lambda: seen.append("bad"))
        raise ValueError

    await db.write(good)
    with pytest.raises(ValueError, match=r"^$"):
        await db.write(bad)
    assert seen == ["good"]


async def test_a_caller_who_gives_up_does_not_stop_the_others(db: Database) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await add(tx, 1)
        began.set()
        await go_on.wait()

    first = asyncio.create_task(db.write(slow))
    await began.wait()
    second = asyncio.create_task(db.write(lambda tx: add(tx, 2)))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go_on.set()
    await second
    async with asyncio.timeout(2):
        while len(await names(db)) < 2:  # noqa: ASYNC110  begun work is finished though nobody waits for it
            await asyncio.sleep(0.01)


async def test_conditional_updates_have_one_winner(db: Database) -> None:
    await db.write(lambda tx: add(tx, 1, "free"))

    async def take(tx: Transaction, who: int) -> bool:
        mine = update(LISTS).where(LISTS.c.id == 1, LISTS.c.name == "free").values(name=f"taken by {who}")
        return (await tx.conn.execute(mine)).rowcount == 1

    won = await asyncio.gather(*(db.write(lambda tx, n=n: take(tx, n)) for n in range(12)))  # type: ignore[misc]
    assert won.count(True) == 1
    assert await names(db) == [f"taken by {won.index(True)}"]


async def test_two_programs_on_one_database_number_events_without_gap(db: Database, url: str) -> None:
    other = Database(url)
    await other.open()

    async def work(tx: Transaction, number: int) -> None:
        tx.emit(BridgeStarted(bridge=str(number)))
        if number % 5 == 0:
            raise ValueError(number)

    await asyncio.gather(
        *((db, other)[n % 2].write(lambda tx, n=n: work(tx, n)) for n in range(60)),  # type: ignore[misc]
        return_exceptions=True,
    )
    await other.close()
    assert [seq for seq, _ in await events(db)] == list(range(1, 49))


async def test_closing_finishes_what_waits(url: str) -> None:
    db = Database(url)
    await db.open()
    waiting = [asyncio.create_task(db.write(lambda tx, n=n: add(tx, n))) for n in range(20)]  # type: ignore[misc]
    await asyncio.sleep(0)
    await db.close()
    await asyncio.gather(*waiting)
    async with Database(url) as again:
        assert len(await names(again)) == 20


async def test_a_closed_store_says_so(db: Database) -> None:
    await db.close()
    with pytest.raises(StoreClosed):
        await db.write(lambda tx: add(tx, 1))
    with pytest.raises(StoreClosed):
        async with db.read():
            pass
    await db.close()


async def test_opening_again_changes_nothing(db: Database, url: str) -> None:
    await db.write(lambda tx: add(tx, 1))
    async with Database(url) as again:
        assert await names(again) == ["list 1"]


async def test_many_open_an_empty_database_at_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in databases))
    await asyncio.gather(*(one.write(lambda tx, n=n: add(tx, n)) for n, one in enumerate(databases)))  # type: ignore[misc]
    assert len(await names(databases[0])) == 4
    for database in databases:
        await database.close()


async def test_a_database_of_a_newer_version_is_left_alone(empty_url: str) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    async with Database(empty_url) as db:
        await db.write(work)
    with pytest.raises(StoreTooNew, match="9999"):
        await Database(empty_url).open()


async def test_no_server_and_no_folder_are_told_apart() -> None:
    with pytest.raises(StoreMisconfigured, match="No such file or directory"):
        await Database("sqlite:////nowhere/at/all.db").open()
    with pytest.raises(StoreError) as caught:
        await Database("postgresql://nobody:hidden@127.0.0.1:1/none").open()
    assert not isinstance(caught.value, StoreMisconfigured)
    assert "hidden" not in str(caught.value)


async def test_no_foreign_exception_leaves_the_store(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.exec_driver_sql("THIS IS NOT SQL")

    for attempt in (db.write(work), _read_nonsense(db)):
        with pytest.raises(StoreError) as caught:
            await attempt
        assert not isinstance(caught.value, SQLAlchemyError)


async def _read_nonsense(db: Database) -> None:
    async with db.read() as conn:
        await conn.exec_driver_sql("THIS IS NOT SQL")


async def test_a_struct_is_written_over_its_row(db: Database) -> None:
    class Named(msgspec.Struct):
        id: int
        name: str
        created_at: datetime | None = None

    await db.write(lambda tx: add(tx, 1))
    await db.write(lambda tx: add(tx, 2))
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    assert await db.write(lambda tx: overwrite(tx.conn, LISTS, Named(2, "new", moment)))
    assert not await db.write(lambda tx: overwrite(tx.conn, LISTS, Named(3, "nobody")))
    assert await names(db) == ["list 1", "new"]
    async with db.read() as conn:
        row = (await conn.execute(select(LISTS).where(LISTS.c.id == 2))).one()
        assert from_row(Named, row) == Named(2, "new", moment)


async def test_of_a_struct_that_is_known_only_what_differs_is_written(db: Database) -> None:
    class Named(msgspec.Struct):
        id: int
        name: str
        active: bool = True

    await db.write(lambda tx: add(tx, 1))

    async def work(tx: Transaction) -> None:
        known = Named(1, "list 1")
        await overwrite(tx.conn, LISTS, Named(1, "other", active=True), known)
        await overwrite(tx.conn, LISTS, Named(1, "list 1", active=False), known)
        assert await overwrite(tx.conn, LISTS, known, known)

    await db.write(work)
    async with db.read() as conn:
        row = (await conn.execute(select(LISTS.c.name, LISTS.c.active))).one()
    assert tuple(row) == ("other", False)


async def test_readers_and_writers_who_are_cancelled_leave_nothing_behind(db: Database) -> None:
    async def read() -> None:
        async with db.read(snapshot=True) as conn:
            await conn.execute(select(LISTS))
            await conn.execute(select(func.count()).select_from(schema.events))

    async def write() -> None:
        await db.write(lambda tx: add(tx, next(numbers)))

    numbers = itertools.count(1)
    for round_ in range(60):
        tasks = [asyncio.create_task(work()) for work in (read, write, read, read)]
        await asyncio.sleep(0.0001 * round_)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [end for end in ended if not isinstance(end, asyncio.CancelledError | None)] == []
    async with asyncio.timeout(30):
        await asyncio.gather(*(read() for _ in range(30)), *(write() for _ in range(30)))
    assert len(await names(db)) >= 30
