"""What the reports read, on both databases, each by its index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import insert

from bridge.calls.model import Call, CallKind, CallState
from bridge.reports.service import Reports
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.prepared import Prepared
from bridge.store.result import Result
from bridge.store.rows import to_row
from bridge.store.schema import calls

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


async def called(db: Database, name: str, at: datetime = NOW, **fields: Any) -> None:
    known: dict[str, Any] = {
        "kind": CallKind.AUTO,
        "campaign": "TEST",
        "asterisk": "main",
        "number": "7275550100",
        "state": CallState.DISPOSED,
        "status": "NA",
        "user": "1000",
        "asked_at": at,
        "disposed_at": at,
    }
    call = Call(id=name, legacy_id=name, legacy_uniqueid=name, **(known | fields))

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(calls).values(to_row(call)))

    await db.write(work)


async def test_calls_of_agents_since_midnight(db: Database) -> None:
    await called(db, "today")
    await called(db, "yesterday", NOW - timedelta(days=1))
    await called(db, "third", kind=CallKind.THREE_WAY)
    await called(db, "refused", end_reason="refused")
    await called(db, "hers", user="1001", kind=CallKind.INBOUND)
    found = await Reports(db).calls_since(["1000", "1001", "1002"], NOW - timedelta(hours=1))
    assert found == {"1000": 1, "1001": 1}
    assert await Reports(db).calls_since([], NOW) == {}


Ask = Callable[[Reports], Awaitable[object]]
READS: dict[str, tuple[Ask, str]] = {
    "open_calls": (lambda reports: reports.open_calls(), "ix_calls_open"),
    "calls_since": (
        lambda reports: reports.calls_since(["1000", "1001"], NOW),
        "ix_calls_user (user=? AND asked_at>?)",
    ),
}


class Explained:
    """A connection that has the database say how it will read each statement."""

    def __init__(self, conn: Connection, plans: list[str]) -> None:
        self._conn, self._plans = conn, plans

    async def execute(self, statement: Any, values: Any = None) -> Result:
        plain = statement.statement if isinstance(statement, Prepared) else statement
        known = plain.params(**values) if values else plain
        text = str(known.compile(dialect=self._conn.dialect, compile_kwargs={"literal_binds": True}))
        if self._conn.dialect.name == "sqlite":
            rows = await self._conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")
            self._plans += [row.detail for row in rows]
        else:
            await self._conn.exec_driver_sql("SET enable_seqscan = off")
            rows = await self._conn.exec_driver_sql(f"EXPLAIN {text.replace('%', '%%')}")
            self._plans += [row[0] for row in rows]
        return await self._conn.execute(statement, values)


class ExplainedStore:
    """A store whose connections explain themselves."""

    def __init__(self, db: Database) -> None:
        self._db, self.plans = db, list[str]()

    @asynccontextmanager
    async def read(self, **_: object) -> AsyncIterator[Connection]:
        async with self._db.read() as conn:
            yield cast("Connection", Explained(conn, self.plans))


@pytest.mark.parametrize("name", READS)
async def test_each_reads_ranges_of_indexes(db: Database, name: str) -> None:
    ask, used = READS[name]
    for number in range(3):
        await called(db, f"call-{number}")
    store = ExplainedStore(db)
    await ask(Reports(cast("Database", store)))
    text = "\n".join(store.plans)
    assert "index" in text.lower(), text
    if db.kind == "sqlite":
        assert used in text
        whole = [step for step in store.plans if step.startswith("SCAN") and used not in step]
        assert not whole, text
    assert "Seq Scan" not in text
