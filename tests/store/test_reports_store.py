"""What the reports read, on both databases, each by its index."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import insert

from bridge.calls.model import Call, CallKind, CallState
from bridge.dialer import queries as hopper_queries
from bridge.dialer.model import Entry
from bridge.reports.model import Counting, OfDid, OfNumber, OfRecordings, Tally
from bridge.reports.service import PAGE, Reports
from bridge.reports.sight import Sight
from bridge.reports.standing import Standing
from bridge.rules import Drops
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


async def test_how_campaigns_stand(db: Database) -> None:
    for name, status in {"a": "SALE", "b": "DROP", "machine": "AA"}.items():
        await called(db, name, status=status, answered_at=NOW)
    await called(db, "old", NOW - timedelta(days=31), status="DROP", answered_at=NOW - timedelta(days=31))
    await called(db, "other", campaign="B", status="DROP", answered_at=NOW)

    async def work(tx: Transaction) -> None:
        for lead_id, campaign, due in (
            (1, "TEST", None),
            (2, "TEST", NOW + timedelta(days=1)),
            (3, "B", None),
        ):
            await hopper_queries.insert(
                tx.conn, Entry(lead_id=lead_id, campaign=campaign, list_id=1, due_at=due), NOW
            )

    await db.write(work)
    found = await Reports(db).standing(["TEST", "NONE"], NOW)
    assert found == {
        "TEST": Standing(ready=1, held=1, drops=Drops(answered=2, abandoned=1)),
        "NONE": Standing(ready=0, held=0, drops=Drops()),
    }


OF_NUMBER = OfNumber(number="7275550100", out=True, into=True)
LIMITED = Sight(
    campaigns=frozenset({"A"}), groups=frozenset({"G"}), agents=frozenset({"1000"}), lists=frozenset({101})
)
Ask = Callable[[Reports], Awaitable[object]]
EVERYTHING = Sight()
DAY = (NOW - timedelta(hours=12), NOW + timedelta(hours=12))


async def all_of(pages: AsyncIterator[Sequence[Any]]) -> list[Any]:
    return [row async for page in pages for row in page]


def counting(by: Any) -> Counting:
    return Counting(by=by, names=["A", "B"], begin=DAY[0], end=DAY[1])


RANGE = "asked_at>? AND asked_at<?"
READS: dict[str, tuple[Ask, str]] = {
    "call_named": (
        lambda reports: reports.call_named("V1", EVERYTHING),
        "sqlite_autoindex_calls_2 (legacy_id=?)",
    ),
    "last_with_number": (
        lambda reports: reports.last_with_number(OF_NUMBER, EVERYTHING),
        "ix_calls_number (number=?)",
    ),
    "with_number": (
        lambda reports: all_of(reports.with_number(OF_NUMBER, EVERYTHING)),
        "ix_calls_number (number=?)",
    ),
    "of_did": (
        lambda reports: all_of(reports.of_did(OfDid(did="7", begin=DAY[0], end=DAY[1]), EVERYTHING)),
        f"ix_calls_did (did=? AND {RANGE})",
    ),
    "of a lead": (
        lambda reports: all_of(reports.recorded(OfRecordings(lead_id=7), EVERYTHING)),
        "ix_recordings_lead_id (lead_id=?)",
    ),
    "of a call": (
        lambda reports: all_of(reports.recorded(OfRecordings(call_id="c"), EVERYTHING)),
        "ix_recordings_call_id (call_id=?)",
    ),
    "of an agent": (
        lambda reports: all_of(reports.recorded(OfRecordings(user="1000", times=DAY), EVERYTHING)),
        "ix_recordings_user (user=? AND started_at>? AND started_at<?)",
    ),
    "of a room": (
        lambda reports: all_of(reports.recorded(OfRecordings(room="8600051", times=DAY), EVERYTHING)),
        "ix_recordings_started_at (started_at>? AND started_at<?)",
    ),
    "tally by campaign": (
        lambda reports: reports.tally(counting("campaign"), EVERYTHING),
        f"ix_calls_campaign (campaign=? AND {RANGE})",
    ),
    "tally by queue": (
        lambda reports: reports.tally(counting("queue"), EVERYTHING),
        f"ix_calls_queue (queue=? AND {RANGE})",
    ),
    "tally by did": (
        lambda reports: reports.tally(counting("did"), EVERYTHING),
        f"ix_calls_did (did=? AND {RANGE})",
    ),
    "within limits": (
        lambda reports: reports.tally(counting("campaign"), LIMITED),
        f"ix_calls_campaign (campaign=? AND {RANGE})",
    ),
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
        few = (used, "SCAN users")  # a site has some hundreds of users, and as many rooms
        whole = [step for step in store.plans if step.startswith("SCAN")]
        assert not [step for step in whole if not any(one in step for one in few)], text
    assert "Seq Scan" not in text.replace("Seq Scan on users", "")


async def test_pages_of_a_number_go_on_where_the_last_one_ended(db: Database) -> None:
    count = PAGE + 20
    rows = [(f"call-{number:04d}", NOW + timedelta(seconds=number // 3)) for number in range(count)]
    for name, at in rows:
        await called(db, name, at)
    await called(db, "other", number="7275550101")
    await called(db, "refused", end_reason="refused")
    await called(db, "third", kind=CallKind.THREE_WAY)
    pages = [page async for page in Reports(db).with_number(OF_NUMBER, EVERYTHING)]
    assert [len(page) for page in pages] == [PAGE, 20]
    assert [row.id for page in pages for row in page] == [name for name, _ in rows]
    last = await Reports(db).last_with_number(OF_NUMBER, EVERYTHING)
    assert last is not None
    assert last.id == rows[-1][0]


async def test_calls_are_counted_by_status_within_the_limits(db: Database) -> None:
    await called(db, "one", campaign="A", status="SALE")
    await called(db, "two", campaign="A", status="SALE", user="1001")
    await called(db, "none", campaign="A", status="NA", user="")
    await called(db, "late", NOW + timedelta(hours=12), campaign="A")
    await called(db, "in", campaign="A", kind=CallKind.INBOUND, queue="A", did="7")
    reports = Reports(db)
    every = await reports.tally(counting("campaign"), EVERYTHING)
    assert sorted(every, key=str) == [Tally("A", "NA", 1), Tally("A", "SALE", 2)]
    assert await reports.tally(counting("queue"), EVERYTHING) == [Tally("A", "NA", 1)]
    hers = await reports.tally(counting("campaign"), Sight(agents=frozenset({"1000"})))
    assert sorted(hers, key=str) == [Tally("A", "NA", 1), Tally("A", "SALE", 1)]
    assert not await reports.tally(counting("campaign"), Sight(campaigns=frozenset({"B"})))
    assert not await reports.tally(counting("campaign"), Sight(lists=frozenset({101})))
