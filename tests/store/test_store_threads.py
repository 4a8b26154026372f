"""What SQLite is asked where, and that nobody is held up by it."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, text

import bridge
from bridge.store import schema, sqlite_thread
from bridge.store.database import Database
from bridge.store.errors import StoreError, StoreUnavailable
from bridge.store.prepared import Prepared
from bridge.store.sqlite import READERS
from bridge.store.sqlite_thread import SqliteConnection

LEADS = schema.leads
NAMES = Prepared(select(LEADS.c.id).where(LEADS.c.id == bindparam("lead_id")))
ADD = Prepared(insert(LEADS), ["id", "list_id"])

PATIENCE = 10
"""Seconds, of which some milliseconds are needed."""


async def connection(url: str, *pragmas: str) -> SqliteConnection:
    engine = sqlite_thread.engine(url.removeprefix("sqlite:///"))
    return await SqliteConnection.open(engine, pragmas)


async def thread_of(conn: SqliteConnection) -> int:
    return await conn.drive(lambda _: threading.get_ident())


async def test_a_prepared_statement_runs_where_it_is_asked_and_the_rest_does_not(sqlite_url: str) -> None:
    conn = await connection(sqlite_url)
    asked: list[int] = []
    await conn.drive(lambda driver: driver.set_trace_callback(lambda _: asked.append(threading.get_ident())))
    here, there = threading.get_ident(), await thread_of(conn)
    asked.clear()
    await conn.execute(NAMES, {"lead_id": 1})
    assert set(asked) == {here}
    asked.clear()
    await conn.execute(text("SELECT 1"))
    assert set(asked) == {there} != {here}
    await conn.close()


async def test_a_lock_of_another_process_is_waited_for_without_holding_up_the_event_loop(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is let go of only when the loop has gone on turning."""
    monkeypatch.setattr(sqlite_thread, "BUSY_MILLISECONDS", 1000 * 2 * PATIENCE)
    conn = await connection(sqlite_url, "PRAGMA journal_mode=WAL")
    locked, turned = threading.Event(), threading.Event()

    def hold() -> bool:
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            locked.set()
            return turned.wait(PATIENCE)

    holding = asyncio.create_task(asyncio.to_thread(hold))
    await asyncio.to_thread(locked.wait, PATIENCE)
    writing = asyncio.create_task(conn.execute(ADD, {"id": 1, "list_id": 1}))
    for _ in range(20):
        await asyncio.sleep(0.005)
    assert not writing.done()
    turned.set()
    assert await holding, "the event loop stood still"
    assert (await writing).rowcount == 1
    await conn.close()


async def test_a_caller_who_gives_up_does_not_spoil_the_order(sqlite_url: str) -> None:
    conn = await connection(sqlite_url)
    go_on = threading.Event()
    slow = asyncio.create_task(
        conn.drive(lambda driver: go_on.wait() and driver.execute("SELECT 1").fetchall())
    )
    await asyncio.sleep(0)
    slow.cancel()
    asked = asyncio.create_task(conn.execute(NAMES, {"lead_id": 1}))
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert not asked.done(), "the connection was used by two threads at once"
    go_on.set()
    assert (await asked).all() == []
    await conn.close()


async def test_a_file_that_is_none_cannot_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "bridge.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        await connection(f"sqlite:///{path}", "PRAGMA journal_mode=WAL")
    with pytest.raises(StoreError):
        await Database(f"sqlite:///{path}").open()


async def test_threads_end_with_their_connections(sqlite_url: str) -> None:
    def threads() -> int:
        return sum(thread.name == "sqlite" for thread in threading.enumerate())

    before = threads()
    async with Database(sqlite_url) as db:
        await asyncio.gather(*(db.write(lambda tx: tx.conn.execute(NAMES, {"lead_id": 1})) for _ in range(3)))

        async def read() -> None:
            async with db.read() as conn:
                await conn.execute(text("SELECT 1"))

        await asyncio.gather(*(read() for _ in range(20)))
        assert before < threads() <= before + 1 + READERS
    deadline = time.monotonic() + 5
    while threads() > before:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_a_reader_that_failed_is_not_used_again(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Database(sqlite_url) as db:
        async with db.read() as first:
            assert isinstance(first, SqliteConnection)

        def fail(*_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        async def read() -> None:
            async with db.read() as conn:
                assert conn is first
                await conn.execute(NAMES, {"lead_id": 1})

        with monkeypatch.context() as broken:
            broken.setattr(Prepared, "run", fail)
            with pytest.raises(StoreUnavailable):
                await read()
        async with db.read() as second:
            assert second is not first
            assert (await second.execute(NAMES, {"lead_id": 1})).all() == []


async def test_a_snapshot_that_is_given_up_pins_no_reader(sqlite_url: str) -> None:
    async with Database(sqlite_url) as db:

        async def add(number: int) -> None:
            await db.write(lambda tx: tx.conn.execute(ADD, {"id": number, "list_id": 1}))

        async def count(*, snapshot: bool) -> int:
            async with db.read(snapshot=snapshot) as conn:
                return int((await conn.execute(text("SELECT count(*) FROM leads"))).scalar())

        await add(1)
        for steps in range(60):
            reading = asyncio.create_task(count(snapshot=True))
            for _ in range(steps % 12):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await add(steps + 2)
            assert await count(snapshot=False) == steps + 2
            assert await count(snapshot=True) == steps + 2


def all_prepared() -> Iterator[tuple[str, Prepared]]:
    """Every prepared statement of the bridge's modules."""
    for module in pkgutil.walk_packages(bridge.__path__, "bridge."):
        if module.name.endswith(("queries", "outbox", "callbacks")):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, Prepared):
                    yield f"{module.name}.{name}", value


@pytest.mark.parametrize("name", [name for name, _ in all_prepared()])
async def test_what_runs_on_the_event_loops_thread_reads_no_whole_table(sqlite_url: str, name: str) -> None:
    sql = dict(all_prepared())[name].sql
    async with Database(sqlite_url) as db, db.read() as conn:
        marks = (None,) * sql.count("?")
        plan = [row.detail for row in await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", marks)]
    small = {
        "SCAN CONSTANT ROW",
        "SCAN dnc_versions USING INDEX uq_dnc_versions_in_force",
    }  # a row for a list
    small |= {
        f"SCAN {step.split()[-1]}" for step in plan if step.startswith("CO-ROUTINE")
    }  # judged by itself
    whole = [step for step in plan if step.startswith("SCAN") and step not in small]
    assert not whole, plan
