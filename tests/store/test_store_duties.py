"""Duties: one holder at a time, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url
from store_fixtures import Proxy

from bridge.store import duties_postgres
from bridge.store.database import Database
from bridge.store.duties import Duties, Duty, while_held
from bridge.store.errors import DutyLost, StoreLocked
from bridge.store.transaction import Transaction

if TYPE_CHECKING:
    from store_fixtures import Cluster

SECONDS = 15
"""For anything that has to come true."""


@asynccontextmanager
async def bridge(url: str, name: str) -> AsyncIterator[tuple[Database, Duties]]:
    """A bridge's store and duties."""
    async with Database(url) as db:
        duties = db.duties(name)
        await duties.start()
        try:
            yield db, duties
        finally:
            await duties.close()


async def taken(duty: Duty) -> None:
    duty.want()
    await asyncio.wait_for(duty.taken(), SECONDS)


async def lost(duty: Duty) -> None:
    await asyncio.wait_for(duty.lost(), SECONDS)


async def write_fenced(db: Database, duty: Duty) -> None:
    async def work(tx: Transaction) -> None:
        await duty.fence(tx.conn)

    await db.write(work)


async def test_the_only_bridge_has_every_duty(url: str) -> None:
    async with bridge(url, "a") as (db, duties):
        for name in ("mqtt", "asterisk:pbx"):
            await taken(duties.duty(name))
        assert duties.held == ["asterisk:pbx", "mqtt"]
        await write_fenced(db, duties.duty("mqtt"))
    assert duties.held == []


async def test_one_that_was_let_go_is_not_held_until_it_is_wanted_again(postgres_url: str) -> None:
    async with bridge(postgres_url, "a") as (db, duties):
        duty = duties.duty("mqtt")
        await taken(duty)
        duty.let_go()
        assert not duty.held
        with pytest.raises(DutyLost):
            await write_fenced(db, duty)
        await taken(duty)


async def test_one_that_is_wanted_again_at_once_is_held_anew(postgres_url: str) -> None:
    async with bridge(postgres_url, "a") as (db, duties):
        duty = duties.duty("mqtt")
        await taken(duty)
        duty.let_go()
        await taken(duty)
        assert duty.term == 2
        await write_fenced(db, duty)


async def test_a_second_bridge_on_an_sqlite_file_does_not_start(sqlite_url: str) -> None:
    async with bridge(sqlite_url, "a"), Database(sqlite_url) as db:
        with pytest.raises(StoreLocked, match="several bridges need PostgreSQL"):
            await db.duties("b").start()
    async with bridge(sqlite_url, "b") as (_, duties):
        await taken(duties.duty("mqtt"))


async def test_a_duty_goes_to_the_next_at_once_when_its_holder_stops(postgres_url: str) -> None:
    async with bridge(postgres_url, "b") as (db, second):
        async with bridge(postgres_url, "a") as (_, first):
            await taken(first.duty("mqtt"))
            waiting = second.duty("mqtt")
            waiting.want()
            await taken(second.duty("another"))  # tried for together
            assert waiting.elsewhere
            assert not waiting.held
            async with db.read() as conn:
                assert not await second.alone(conn)
        async with asyncio.timeout(duties_postgres.BEAT / 2):
            await waiting.taken()
        assert waiting.term == 2
        await write_fenced(db, waiting)
        async with db.read() as conn:
            assert await second.alone(conn)


async def test_what_an_earlier_holder_writes_is_refused(postgres_url: str) -> None:
    """It may not know yet that it is one."""
    async with bridge(postgres_url, "a") as (db, first):
        duty = first.duty("mqtt")
        await taken(duty)

        async def take_over(tx: Transaction) -> None:
            await tx.conn.exec_driver_sql("UPDATE duties SET term = term + 1")

        await db.write(take_over)
        assert duty.held
        with pytest.raises(DutyLost):
            await write_fenced(db, duty)


async def test_whoever_takes_over_waits_for_what_was_begun(postgres_url: str) -> None:
    began, finish = asyncio.Event(), asyncio.Event()
    async with bridge(postgres_url, "b") as (_, second), Database(postgres_url) as db:
        first = db.duties("a")
        await first.start()
        duty = first.duty("mqtt")
        await taken(duty)

        async def slow(tx: Transaction) -> None:
            await duty.fence(tx.conn)
            began.set()
            await finish.wait()

        writing = asyncio.create_task(db.write(slow))
        await began.wait()
        await first.close()
        waiting = second.duty("mqtt")
        waiting.want()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(waiting.taken(), 0.5)
        finish.set()
        await writing
        await taken(waiting)


async def test_a_frozen_connection_ends_the_duty_before_another_has_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duties_postgres, "BEAT", 0.1)
    monkeypatch.setattr(duties_postgres, "LEASE", 1.0)
    monkeypatch.setattr(duties_postgres, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(duties_postgres, "SILENCE", 2)
    server = make_url(postgres_url)
    async with Proxy(server.port or 5432).running() as proxy:
        behind = server.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        async with bridge(postgres_url, "b") as (_, second), Database(behind) as db:
            first = db.duties("a")
            await first.start()
            duty = first.duty("mqtt")
            await taken(duty)
            waiting = second.duty("mqtt")
            waiting.want()
            proxy.freeze()
            await lost(duty)
            assert not waiting.held
            await taken(waiting)
            assert not duty.held
            proxy.thaw()
            await first.close()


async def test_a_server_that_is_restarted_takes_every_duty_for_a_moment(postgres_cluster: Cluster) -> None:
    async with bridge(postgres_cluster.url, "a") as (_, duties):
        duty = duties.duty("mqtt")
        await taken(duty)
        await asyncio.to_thread(postgres_cluster.stop)
        await lost(duty)
        await asyncio.to_thread(postgres_cluster.start)
        await taken(duty)
        assert duty.term == 2


async def test_work_runs_while_the_duty_is_held_and_not_a_moment_longer() -> None:
    duty = Duty("mqtt", lambda: None)
    told: asyncio.Queue[str] = asyncio.Queue()

    async def work() -> None:
        told.put_nowait("begun")
        try:
            await asyncio.Event().wait()
        finally:
            told.put_nowait("ended")

    task = asyncio.create_task(while_held(duty, work))
    for _ in range(2):
        duty.take(float("inf"), 1)
        assert await asyncio.wait_for(told.get(), SECONDS) == "begun"
        duty.lose()
        assert await asyncio.wait_for(told.get(), SECONDS) == "ended"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told.empty()


async def test_work_that_fails_is_the_end(url: str) -> None:
    async def work() -> None:
        raise ValueError("a fault")

    async with bridge(url, "a") as (_, duties):
        duty = duties.duty("mqtt")
        duty.want()
        with pytest.raises(ValueError, match="a fault"):
            await asyncio.wait_for(while_held(duty, work), SECONDS)
