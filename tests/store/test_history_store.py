"""Attempts and abandoned calls on both databases, each by its index; call times as they are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bridge.calls import history
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.service import Site
from bridge.rules import Purpose
from bridge.rules.history import Attempt, Drops, Limits
from bridge.store.database import Database, Transaction
from bridge.store.prepared import Prepared
from bridge.store.rows import to_row
from bridge.store.schema import calls

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NUMBER = "+17275550100"


async def called(db: Database, name: str, hours_ago: int, **fields: Any) -> None:
    at = NOW - timedelta(hours=hours_ago)
    known: dict[str, Any] = {
        "kind": CallKind.AUTO,
        "campaign": "TEST",
        "asterisk": "main",
        "number": "7275550100",
        "e164": NUMBER,
        "state": CallState.DISPOSED,
        "status": "NA",
        "asked_at": at,
        "sent_at": at,
        "disposed_at": at,
    }
    call = Call(id=name, legacy_id=name, legacy_uniqueid=name, **(known | fields))

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(calls).values(to_row(call)))

    await db.write(work)


async def test_attempts_and_drops(db: Database) -> None:
    await called(db, "drop", 2, status="DROP", answered_at=NOW)
    await called(db, "machine", 3, status="AA", answered_at=NOW)
    await called(db, "sale", 30, status="SALE", answered_at=NOW, kind=CallKind.MANUAL)
    await called(db, "third", 4, kind=CallKind.THREE_WAY)
    await called(db, "old", 24 * 8)
    await called(db, "other", 1, e164="+17275550101")

    async def attempts(tx: Transaction) -> tuple[Attempt, ...]:
        return await history.attempts(tx.conn, NUMBER, Limits(per_week=3), Purpose.MANUAL, NOW)

    assert await db.write(attempts) == (
        Attempt(at=NOW - timedelta(hours=2), abandoned=True),
        Attempt(at=NOW - timedelta(hours=3)),
        Attempt(at=NOW - timedelta(hours=30)),
    )
    async with db.read() as conn:
        assert await history.drops(conn, "TEST", NOW) == Drops(answered=1, abandoned=1)
        assert await history.drops(conn, "NONE", NOW) == Drops()


@pytest.mark.parametrize(
    ("statement", "used"),
    [
        (history._ATTEMPTS, "ix_calls_e164 (e164=? AND asked_at>?)"),
        (history._DROPS, "ix_calls_drops (campaign=? AND asked_at>?)"),
    ],
)
async def test_each_reads_a_range_of_its_index(sqlite_url: str, statement: Prepared, used: str) -> None:
    async with Database(sqlite_url) as db, db.read() as conn:
        marks = ("x",) * statement.sql.count("?")
        plan = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", marks)
        assert [row.detail.partition("INDEX ")[2] for row in plan] == [used]


async def test_a_call_time_is_read_as_it_was_written(db: Database) -> None:
    written = CallTime(
        name="office",
        title="Office",
        hours="09:00-12:00 13:00-17:00",
        days={"sunday": ""},
        holidays={"12-25": ""},
        states={"FL": "9am-5pm"},
        source="house rule",
        checked="2026-11-26",
    )
    await Site(db).put(written)
    assert await Site(db).call_time("office") == written
