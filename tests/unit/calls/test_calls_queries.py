"""The SQL of calls, on a real store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from call_makers import LATER, NOW, a_call
from core_bench import Bench

from bridge.access.hashing import Hasher
from bridge.access.model import PrincipalKind, UserSpec
from bridge.access.service import Access
from bridge.calls import queries
from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.ids import legacy_call_id, uuid7
from bridge.reports.sight import Sight
from bridge.services import CallQuery
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict
from bridge.store.sqlite_thread import SqliteConnection


async def stored(db: Database, *calls: Call) -> None:
    async def work(tx: Transaction) -> None:
        for call in calls:
            await queries.add(tx.conn, call)

    await db.write(work)


async def recent(db: Database, **wanted: Any) -> list[str]:
    async with db.read() as conn:
        return [call.id for call in await queries.recent(conn, CallQuery(**wanted))]


async def _by_pages(db: Database, wanted: dict[str, Any]) -> list[str]:
    found: list[str] = []
    while page := await recent(db, **wanted, limit=1, before=found[-1] if found else ""):
        found += page
    return found


async def open_ids(db: Database, asterisk: str | None = None) -> list[str]:
    async with db.read() as conn:
        return [call.id for call in await queries.open_calls(conn, asterisk)]


def call(number: int, state: CallState = CallState.DIALING, **more: Any) -> Call:
    """One of several calls, asked for a second after the one before."""
    unlike = {
        "id": f"call-{number}",
        "legacy_id": f"M{number:019d}",
        "legacy_uniqueid": f"1795521600.{number:09d}",
        "asked_at": NOW + timedelta(seconds=number),
    }
    return a_call(state, **(unlike | more))


def of_number(place: int, number: str, **more: Any) -> Call:
    return msgspec.structs.replace(call(place), number=number, **more)


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("kind", CallKind)
async def test_call_comes_back_as_it_was(db: Database, state: CallState, kind: CallKind) -> None:
    one = a_call(state, kind=kind, lead_id=42, hangup_cause=16, channel="cust", e164="+17275550100")
    await stored(db, one)
    async with db.read() as conn:
        assert await queries.find(conn, one.id) == one


async def test_every_id_finds_the_call(db: Database) -> None:
    one, two = call(1), call(2)
    await stored(db, one, two)
    async with db.read() as conn:
        for any_id in (one.id, one.legacy_id, one.legacy_uniqueid):
            assert await queries.find(conn, any_id) == one
        assert await queries.find(conn, "none") is None
        assert await queries.find(conn, "") is None


async def test_written_over_is_the_one_call_and_no_other(db: Database) -> None:
    one, two = call(1), call(2)
    await stored(db, one, two)
    changed = msgspec.structs.replace(one, state=CallState.RINGING, ringing_at=LATER, version=3)

    async def work(tx: Transaction) -> Call | None:
        await queries.save(tx.conn, changed)
        return await queries.locked(tx.conn, two.id)

    assert await db.write(work) == two
    async with db.read() as conn:
        assert await queries.find(conn, one.id) == changed


async def test_locked_finds_by_our_own_id_only(db: Database) -> None:
    await stored(db, call(1))

    async def work(tx: Transaction) -> list[Call | None]:
        return [await queries.locked(tx.conn, any_id) for any_id in ("call-1", call(1).legacy_id, "")]

    assert await db.write(work) == [call(1), None, None]


async def test_open_are_those_that_nobody_disposed(db: Database) -> None:
    await stored(
        db,
        call(3, CallState.ENDED),
        call(1, CallState.PLANNED),
        call(2, CallState.BRIDGED, asterisk="east"),
        call(4, CallState.DISPOSED),
    )
    assert await open_ids(db) == ["call-1", "call-2", "call-3"], "oldest first"
    assert await open_ids(db, "east") == ["call-2"]
    assert await open_ids(db, "nowhere") == []


async def test_open_call_on_a_channel(db: Database) -> None:
    await stored(
        db, call(1, CallState.DISPOSED, channel="cust"), call(2, channel="cust"), call(3, channel="other")
    )
    async with db.read() as conn:
        found = [await queries.open_on_channel(conn, "main", name) for name in ("cust", "third")]
    assert [one and one.id for one in found] == ["call-2", None]


async def test_calls_whose_channel_is_not_known_are_on_no_channel(db: Database) -> None:
    await stored(db, call(1))
    async with db.read() as conn:
        assert await queries.open_on_channel(conn, "main", "") is None


async def test_lead_dialled_twice_in_one_second_has_two_ids(db: Database) -> None:
    async def new(tx: Transaction) -> str:
        legacy = await queries.free_legacy_id(tx.conn, "M", NOW, 42)
        await queries.add(tx.conn, call(len(legacy), id=uuid7(), legacy_id=legacy, legacy_uniqueid=uuid7()))
        return legacy

    made = [await db.write(new) for _ in range(3)]
    assert made[0] == legacy_call_id("M", NOW, 42)
    assert len(set(made)) == 3
    assert {one[:10] for one in made} == {made[0][:10]}, "kind and time stay readable"


async def test_no_two_calls_have_one_id(db: Database) -> None:
    await stored(db, call(1))
    for field in ("id", "legacy_id", "legacy_uniqueid"):
        with pytest.raises(StoreConflict):
            await stored(db, call(2, **{field: getattr(call(1), field)}))


class TestRecent:
    @pytest.fixture(autouse=True)
    async def some(self, db: Database) -> Sequence[Call]:
        states = list(CallState)
        calls = [
            call(number, states[number], user="anna" if number % 2 else "berta", campaign=f"C{number % 3}")
            for number in range(10)
        ]
        await stored(db, *calls)
        return calls

    async def test_newest_first_and_by_pages(self, db: Database) -> None:
        assert await recent(db, limit=3) == ["call-9", "call-8", "call-7"]
        assert await recent(db, limit=3, before="call-7") == ["call-6", "call-5", "call-4"]
        assert await recent(db, before="call-0") == []

    async def test_of_an_agent_and_of_campaigns(self, db: Database) -> None:
        assert await recent(db, user="anna", limit=2) == ["call-9", "call-7"]
        assert await recent(db, campaign="C0") == ["call-9", "call-6", "call-3", "call-0"]
        assert await recent(db, sight=Sight(campaigns=frozenset({"C1", "C2"})), limit=3) == [
            "call-8",
            "call-7",
            "call-5",
        ]
        assert await recent(db, sight=Sight(campaigns=frozenset())) == [], "who sees no campaign sees no call"
        assert await recent(db, campaign="C0", sight=Sight(campaigns=frozenset({"C1"}))) == []

    async def test_not_those_of_agents_who_are_not_seen(self, db: Database) -> None:
        access = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
        for user, group in (("anna", "SEEN"), ("berta", "OTHER")):
            await access.create(UserSpec(user=user, kind=PrincipalKind.AGENT, group=group))
        access.close()
        await stored(db, call(10, id="call-z", user=""))
        assert await recent(db, sight=Sight(groups=frozenset({"SEEN"})), limit=3) == [
            "call-z",
            "call-9",
            "call-7",
        ]
        assert await recent(db, sight=Sight(groups=frozenset({"OTHER"})), limit=2) == ["call-z", "call-8"]

    async def test_alive_or_over(self, db: Database, some: Sequence[Call]) -> None:
        live = [one.id for one in reversed(some) if one.state in LIVE]
        assert await recent(db, live=True) == live
        assert await recent(db, live=False) == ["call-9", "call-8"]
        assert await recent(db, live=True, limit=2) == live[:2]
        assert await recent(db, live=True, before=live[1], limit=2) == live[2:4]
        of_anna = [one.id for one in reversed(some) if one.state in LIVE and one.user == "anna"]
        assert await recent(db, live=True, user="anna") == of_anna
        assert await recent(db, live=True, campaign="C0", sight=Sight(campaigns=frozenset({"C1"}))) == []
        since, until = NOW + timedelta(seconds=2), NOW + timedelta(seconds=5)
        assert await recent(db, live=True, since=since, until=until) == ["call-4", "call-3", "call-2"]

    @pytest.mark.parametrize(
        "wanted",
        [
            {},
            {"user": "anna"},
            {"campaign": "C0", "sight": Sight(campaigns=frozenset({"C0", "C1"}))},
            {"since": NOW, "until": LATER, "before": "call-9"},
        ],
    )
    async def test_those_that_live_are_found_among_the_open_ones(
        self, bench: Bench, wanted: dict[str, Any]
    ) -> None:
        """Who asks every second for what lives now must not read what was years ago."""
        said: list[str] = []
        async with bench.core.db.read() as conn:
            assert isinstance(conn, SqliteConnection)
            await conn.drive(lambda driver: driver.set_trace_callback(said.append))
            await queries.recent(conn, CallQuery(live=True, **wanted))
            (asked,) = [statement for statement in said if statement.startswith("SELECT")]
            plan = [row.detail for row in await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
        assert len(plan) == 1
        assert "calls USING INDEX ix_calls_open" in plan[0], plan

    async def test_of_a_time(self, db: Database) -> None:
        ids = [uuid7(int((NOW + timedelta(hours=hour)).timestamp() * 1000)) for hour in range(4)]
        times = [NOW + timedelta(hours=hour) for hour in range(4)]
        await stored(db, *(call(20 + n, id=ids[n], asked_at=times[n], user="hourly") for n in range(4)))
        assert await recent(db, user="hourly", since=times[1], until=times[3]) == [ids[2], ids[1]]
        assert await recent(db, user="hourly", until=times[1]) == [ids[0]]
        ages = timedelta(days=365_000)
        assert await recent(db, user="hourly", since=NOW + ages) == []
        assert await recent(db, user="hourly", until=NOW - ages) == []

    @pytest.mark.parametrize("of", ["did", "queue"])
    async def test_of_a_number_of_the_site_by_time(self, db: Database, of: str) -> None:
        """An id is older than its call if it was given with the key of a request."""
        at = NOW + timedelta(days=1)
        fields: list[dict[str, Any]] = [
            {of: "SITE", "asked_at": at - timedelta(seconds=n // 2)} for n in range(4)
        ]
        calls = [call(40 + n, **one) for n, one in enumerate(fields)]
        await stored(db, *calls, call(50, asked_at=at))
        wanted = {of: "SITE", "until": at + timedelta(days=1)}
        assert await _by_pages(db, wanted) == ["call-41", "call-40", "call-43", "call-42"]

    async def test_of_a_customer(self, db: Database) -> None:
        await stored(db, *(of_number(60 + n, "7275559999", lead_id=42 + n) for n in range(2)))
        assert await recent(db, number="7275559999") == ["call-61", "call-60"]
        assert await recent(db, number="7275559999", before="call-61") == ["call-60"]
        assert await recent(db, lead_id=42) == ["call-60"]

    async def test_what_the_caller_asked_for_is_seen_whatever_list_it_is_of(self, db: Database) -> None:
        await stored(db, of_number(70, "7275558888", asked_by="crm"), of_number(71, "7275558888"))
        lists = frozenset({101})
        assert await recent(db, number="7275558888", sight=Sight(lists=lists)) == []
        assert await recent(db, number="7275558888", sight=Sight(lists=lists, asked_by="crm")) == ["call-70"]

    @pytest.mark.parametrize(
        ("wanted", "index"),
        [
            ({"number": "7275550100"}, "ix_calls_number (number=?)"),
            ({"lead_id": 42}, "ix_calls_lead_id (lead_id=?)"),
            ({"did": "7275551234", "since": NOW, "until": LATER}, "ix_calls_did (did=? AND asked_at>?"),
            ({"queue": "SALESLINE", "since": NOW, "until": LATER}, "ix_calls_queue (queue=? AND asked_at>?"),
            (
                {"did": "7275551234", "since": NOW, "until": LATER, "before": "call-9"},
                "ix_calls_did (did=? AND asked_at>?",
            ),
        ],
    )
    async def test_each_is_read_by_its_index(self, bench: Bench, wanted: dict[str, Any], index: str) -> None:
        said: list[str] = []
        async with bench.core.db.read() as conn:
            assert isinstance(conn, SqliteConnection)
            await conn.drive(lambda driver: driver.set_trace_callback(said.append))
            await queries.recent(conn, CallQuery(**wanted))
            (asked,) = [statement for statement in said if statement.startswith("SELECT")]
            steps = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")
        plan = "\n".join(row.detail for row in steps)
        assert index in plan, plan
        assert "SCAN" not in plan, plan

    async def test_waiting_in_a_queue(self, db: Database) -> None:
        await stored(
            db,
            call(31, CallState.QUEUED, asked_at=NOW + timedelta(hours=2)),
            call(32, CallState.QUEUED, asked_at=NOW + timedelta(hours=1)),
        )
        async with db.read() as conn:
            waiting = [one.id for one in await queries.queued(conn)]
        assert waiting == ["call-5", "call-32", "call-31"], "call-5 waits since the first second"
