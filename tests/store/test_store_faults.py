"""The store when things go wrong: killed in mid write, disk full, locked, gone."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, make_url, select
from store_fixtures import Proxy

from bridge.events.catalogue import LeadAdded
from bridge.store import schema, sqlite_thread
from bridge.store.database import Database, Transaction
from bridge.store.errors import (
    StoreConflict,
    StoreFull,
    StoreInDoubt,
    StoreLocked,
    StoreTimeout,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from store_fixtures import Cluster

LEADS, EVENTS = schema.leads, schema.events


async def add(tx: Transaction, number: int, comments: str = "") -> int:
    await tx.conn.execute(insert(LEADS).values(id=number, list_id=1, comments=comments))
    tx.emit(LeadAdded(lead_id=number, list_id=1))
    return number


async def leads(db: Database) -> list[int]:
    async with db.read() as conn:
        return list((await conn.execute(select(LEADS.c.id).order_by(LEADS.c.id))).scalars())


async def assert_whole(db: Database) -> None:
    """Each lead has its event, and the events have no gap."""
    async with db.read(snapshot=True) as conn:
        ids = set((await conn.execute(select(LEADS.c.id))).scalars())
        rows = (await conn.execute(select(EVENTS.c.seq, EVENTS.c.subject).order_by(EVENTS.c.seq))).all()
    assert {row.subject for row in rows} == {f"leads/{number}" for number in ids}
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))


def accepted_until_killed(url: str, at_least: int) -> set[int]:
    """Run the writing child, kill it in the middle, and return what it was told was accepted."""
    child = Path(__file__).with_name("writer_child.py")
    with subprocess.Popen([sys.executable, child, url, "5"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(at_least)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines(keepends=True)
    return {int(line) for line in lines + rest if line.endswith(b"\n") and line.strip()}


@pytest.mark.parametrize("at_least", [1, 37, 200])
async def test_what_was_accepted_survives_kill_9(url: str, at_least: int) -> None:
    accepted = await asyncio.to_thread(accepted_until_killed, url, at_least)
    assert len(accepted) >= at_least
    async with Database(url) as db:
        assert accepted <= set(await leads(db))
        await assert_whole(db)
        await db.write(lambda tx: add(tx, 10**9))
        await assert_whole(db)


async def test_every_commit_is_synced(sqlite_url: str) -> None:
    """What keeps the promise over a loss of power, which a test cannot cause."""
    async with Database(sqlite_url) as db:

        async def work(tx: Transaction) -> tuple[object, object]:
            mode = (await tx.conn.exec_driver_sql("PRAGMA journal_mode")).scalar()
            return mode, (await tx.conn.exec_driver_sql("PRAGMA synchronous")).scalar()

        assert await db.write(work) == ("wal", 2)


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process may grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_file_that_cannot_grow_is_an_error_and_then_it_goes_on(sqlite_url: str) -> None:
    async with Database(sqlite_url) as db:
        await db.write(lambda tx: add(tx, 1))
        with small_files(64 * 1024), pytest.raises(StoreUnavailable):
            await db.write(lambda tx: add(tx, 2, "x" * 300_000))
        assert await leads(db) == [1]
        await db.write(lambda tx: add(tx, 3))
        assert await leads(db) == [1, 3]
        await assert_whole(db)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no right to mount a small file system")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(path: Path) -> None:
    """Take all the room that there is."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


async def test_a_full_disk_is_an_error_and_then_it_goes_on(small_disk: Path) -> None:
    async with Database(f"sqlite:///{small_disk / 'bridge.db'}") as db:
        good = [await db.write(lambda tx: add(tx, 1))]
        ballast = small_disk / "ballast"
        fill(ballast)
        error: StoreFull | None = None
        while error is None:
            try:
                good.append(await db.write(lambda tx: add(tx, len(good) + 1, "x" * 5000)))
            except StoreFull as caught:
                error = caught
        assert await leads(db) == good
        await assert_whole(db)
        ballast.unlink()
        good.append(await db.write(lambda tx: add(tx, 1000)))
        assert await leads(db) == good
        await assert_whole(db)


async def test_a_database_locked_by_another_process_is_an_error_in_time(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_thread, "BUSY_MILLISECONDS", 300)
    async with Database(sqlite_url) as db:
        await db.write(lambda tx: add(tx, 1))
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            results = await asyncio.gather(
                *(db.write(lambda tx, n=n: add(tx, n)) for n in (2, 3, 4)),  # type: ignore[misc]
                return_exceptions=True,
            )
            assert time.monotonic() - began < 3
            assert {type(result) for result in results} == {StoreLocked}
            assert await leads(db) == [1]  # readers are not held up
            other.rollback()
        await db.write(lambda tx: add(tx, 2))
        assert await leads(db) == [1, 2]
        await assert_whole(db)


async def test_a_lock_that_is_let_go_in_time_costs_only_time(sqlite_url: str) -> None:
    async with Database(sqlite_url) as db:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            writing = asyncio.create_task(db.write(lambda tx: add(tx, 1)))
            done, _ = await asyncio.wait((writing,), timeout=0.2)
            assert not done
            other.rollback()
            assert await writing == 1


async def test_a_file_that_was_taken_away_is_noticed(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    async with Database(sqlite_url) as db:
        await db.write(lambda tx: add(tx, 1))
        shutil.move(path, path.with_suffix(".away"))
        with pytest.raises(StoreUnavailable, match="gone"):
            await db.write(lambda tx: add(tx, 2))
        shutil.move(path.with_suffix(".away"), path)
        await db.write(lambda tx: add(tx, 3))
        assert await leads(db) == [1, 3]


async def test_a_file_that_was_replaced_is_noticed(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    async with Database(sqlite_url) as db:
        await db.write(lambda tx: add(tx, 1))
        shutil.copy(path, path.with_suffix(".copy"))
        shutil.move(path.with_suffix(".copy"), path)
        with pytest.raises(StoreUnavailable, match="replaced"):
            await db.write(lambda tx: add(tx, 2))


async def test_a_work_that_takes_too_long_is_undone_and_the_others_are_not(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.sqlite.WORK_SECONDS", 0.3)
    monkeypatch.setattr("bridge.store.postgres.WORK_SECONDS", 0.3)

    async def slow(tx: Transaction) -> None:
        await add(tx, 99)
        await asyncio.Event().wait()

    async with Database(url) as db:
        good = [db.write(lambda tx, n=n: add(tx, n)) for n in (1, 2)]  # type: ignore[misc]
        results = await asyncio.gather(good[0], db.write(slow), good[1], return_exceptions=True)
        assert isinstance(results[1], StoreTimeout)
        assert (results[0], results[2]) == (1, 2)
        assert await leads(db) == [1, 2]
        await assert_whole(db)


async def test_a_caller_who_gives_up_in_mid_work_leaves_row_and_event_together(url: str) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(tx: Transaction) -> None:
        await add(tx, 1)
        began.set()
        await go_on.wait()

    async with Database(url) as db:
        writing = asyncio.create_task(db.write(slow))
        await began.wait()
        writing.cancel()
        go_on.set()
        await db.write(lambda tx: add(tx, 2))
    async with Database(url) as db:
        assert await leads(db) == [1, 2]
        await assert_whole(db)


@pytest.mark.parametrize("snapshot", [False, True])
async def test_a_reader_who_is_cancelled_in_mid_statement_learns_that_and_nothing_else(
    postgres_url: str, *, snapshot: bool
) -> None:
    began = asyncio.Event()

    async def slow() -> None:
        async with db.read(snapshot=snapshot) as conn:
            began.set()
            await conn.exec_driver_sql("SELECT pg_sleep(60)")

    async with Database(postgres_url) as db:
        reading = asyncio.create_task(slow())
        await began.wait()
        while not await _asleep(db):  # noqa: ASYNC110  the server has no event for it
            await asyncio.sleep(0.01)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):  # an error of the store would be tried again
            await reading
        async with db.read(snapshot=snapshot) as conn:
            assert (await conn.exec_driver_sql("SELECT 1")).scalar_one() == 1


async def _asleep(db: Database) -> bool:
    async with db.read() as conn:
        found = await conn.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        return bool(found.scalar_one())


async def test_an_error_that_a_work_hides_does_not_leave_half_of_it(sqlite_url: str) -> None:
    async def work(tx: Transaction) -> None:
        await add(tx, 1)
        await tx.conn.exec_driver_sql("ROLLBACK")  # what SQLite does by itself on some errors

    async with Database(sqlite_url) as db:
        with pytest.raises(StoreUnavailable):
            await db.write(work)
        assert await leads(db) == []
        await db.write(lambda tx: add(tx, 2))
        await assert_whole(db)


async def test_postgresql_crashes_and_comes_back(postgres_cluster: Cluster) -> None:
    db = Database(postgres_cluster.url)
    await db.open()
    accepted: list[int] = []
    errors: list[BaseException] = []
    stop = asyncio.Event()

    async def write_on(first: int) -> None:
        number = first
        while not stop.is_set():
            try:
                accepted.append(await db.write(lambda tx: add(tx, number)))  # noqa: B023  awaited at once
            except StoreConflict:  # it had been written: the connection was lost in mid commit
                accepted.append(number)
            except (StoreUnavailable, StoreInDoubt) as error:
                errors.append(error)
                await asyncio.sleep(0.02)
                continue
            number += 4

    writers = [asyncio.create_task(write_on(first)) for first in range(1, 5)]
    await _until(lambda: len(accepted) > 50)
    await asyncio.to_thread(postgres_cluster.stop)
    await _until(lambda: len(errors) > 4)
    await asyncio.to_thread(postgres_cluster.start)
    before = len(accepted)
    await _until(lambda: len(accepted) > before + 50)
    stop.set()
    await asyncio.gather(*writers)
    assert sorted(accepted) == await leads(db)
    await assert_whole(db)
    await db.close()


async def test_events_of_another_process_wake_us_again_after_a_crash(postgres_cluster: Cluster) -> None:
    ours, other = Database(postgres_cluster.url), Database(postgres_cluster.url)
    await ours.open()
    await other.open()
    await asyncio.to_thread(postgres_cluster.stop)
    await asyncio.to_thread(postgres_cluster.start)

    async def rung_by_the_other(number: int) -> bool:
        rings = ours.wakeups.rings
        await other.write(lambda tx: add(tx, number))
        try:
            await asyncio.wait_for(ours.wakeups.wait(rings), 0.5)
        except TimeoutError:
            return False
        return True

    deadline = time.monotonic() + 20
    rounds = [False]
    while rounds[-3:] != [True] * 3:  # three in a row: one alone might be the reconnect's own ring
        assert time.monotonic() < deadline
        rounds.append(await rung_by_the_other(len(rounds)))
    await ours.close()
    await other.close()


@pytest.mark.parametrize("writers", [1, 15])
async def test_postgresql_that_answers_nothing_is_an_error_in_time(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, writers: int
) -> None:
    for name in ("WORK_SECONDS", "CONNECT_SECONDS"):
        monkeypatch.setattr(f"bridge.store.postgres.{name}", 0.5)
    server = make_url(postgres_url)
    async with Proxy(server.port or 5432).running() as proxy:
        through = server.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with Database(through) as db:
            await db.write(lambda tx: add(tx, 1))
            proxy.freeze()
            began = time.monotonic()
            results = await asyncio.gather(
                *(db.write(lambda tx, n=n: add(tx, n)) for n in range(2, 2 + writers)),  # type: ignore[misc]
                leads(db),
                return_exceptions=True,
            )
            assert time.monotonic() - began < 5
            assert all(isinstance(result, StoreUnavailable | StoreInDoubt) for result in results), results
            proxy.thaw()
            await _until_answers(db)
            assert 1 in await leads(db)
            await assert_whole(db)


async def _until_answers(db: Database) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            await db.write(lambda tx: add(tx, 1000))
        except (StoreUnavailable, StoreInDoubt):
            assert time.monotonic() < deadline
        else:
            return


async def _until(condition: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  a condition with a deadline
            await asyncio.sleep(0.01)
