"""Keys of requests that must not run twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from core_bench import Bench
from sqlalchemy import func, select, update

from bridge.idempotency import ABANDONED, KEPT, IdempotencyKeys
from bridge.services import Claim
from bridge.store.database import Database, Transaction
from bridge.store.schema import idempotency as table


@pytest.fixture
def keys(bench: Bench) -> IdempotencyKeys:
    return bench.core.keys


async def claim(keys: IdempotencyKeys, *, owner: str = "crm", mark: str = "body", call: str = "c2") -> Claim:
    return await keys.claim(owner, "key", mark, call)


async def age(db: Database, column: str, at: datetime) -> None:
    """Let the time of every key be another."""

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(update(table).values({column: at}))

    await db.write(work)


async def rows(db: Database) -> int:
    async with db.read() as conn:
        return int((await conn.execute(select(func.count()).select_from(table))).scalar_one())


async def test_the_first_to_claim_runs_and_the_others_wait(any_bench: Bench) -> None:
    keys = any_bench.core.keys
    claims = await asyncio.gather(*(claim(keys, call=f"c{number}") for number in range(5)))
    new = [one for one in claims if one.outcome == "new"]
    assert len(new) == 1
    assert [one.outcome for one in claims].count("running") == 4
    assert {one.call_id for one in claims} == {new[0].call_id}, "all know the one call"


async def test_repetition_gets_the_answer_of_the_first(keys: IdempotencyKeys) -> None:
    await claim(keys, call="c1")
    await keys.settle("crm", "key", 201, '{"name":"Zoë"}'.encode())
    assert await claim(keys) == Claim(
        outcome="done", call_id="c1", status=201, body='{"name":"Zoë"}'.encode()
    )


async def test_another_request_with_the_key_is_told_so(keys: IdempotencyKeys) -> None:
    await claim(keys, call="c1")
    assert (await claim(keys, mark="other body")).outcome == "mismatch"
    await keys.settle("crm", "key", 201, b"{}")
    assert (await claim(keys, mark="other body")).outcome == "mismatch"


async def test_keys_of_two_callers_never_meet(keys: IdempotencyKeys) -> None:
    await claim(keys, owner="crm", call="c1")
    assert await claim(keys, owner="shop", mark="other", call="c2") == Claim(outcome="new", call_id="c2")


async def test_key_that_was_given_back_is_free(keys: IdempotencyKeys) -> None:
    await claim(keys, call="c1")
    await keys.release("crm", "key", "another call's")
    assert (await claim(keys)).outcome == "running"
    await keys.release("crm", "key", "c1")
    await keys.release("crm", "a key that nobody has", "c1")
    assert await claim(keys, mark="other", call="c2") == Claim(outcome="new", call_id="c2")


async def test_answer_is_kept_until_its_time_is_over(keys: IdempotencyKeys, db: Database) -> None:
    await claim(keys, call="c1")
    await keys.settle("crm", "key", 201, b"{}")
    await age(db, "expires_at", datetime.now(UTC) + timedelta(minutes=1))
    assert (await claim(keys)).outcome == "done"
    await age(db, "expires_at", datetime.now(UTC) - timedelta(seconds=1))
    assert await claim(keys, mark="other", call="c2") == Claim(outcome="new", call_id="c2")


async def test_a_key_is_kept_longer_than_a_day(keys: IdempotencyKeys, db: Database) -> None:
    await claim(keys)
    async with db.read() as conn:
        row = (await conn.execute(select(table))).one()
    assert row.expires_at - row.created_at == KEPT > timedelta(hours=24)


async def test_request_that_a_crash_cut_off_goes_on_with_its_own_call(
    keys: IdempotencyKeys, db: Database
) -> None:
    await claim(keys, call="c1")
    await age(db, "created_at", datetime.now(UTC) - ABANDONED - timedelta(seconds=1))
    assert await claim(keys, call="c2") == Claim(outcome="new", call_id="c1"), "not dialled again"
    assert (await claim(keys, call="c3")).outcome == "running", "one goes on with it, not two"


async def test_trim_deletes_what_is_over_and_nothing_else(keys: IdempotencyKeys, db: Database) -> None:
    await claim(keys)
    await age(db, "expires_at", datetime.now(UTC) - timedelta(seconds=1))
    await keys.claim("crm", "other key", "body", "c2")
    await keys.trim()
    assert await rows(db) == 1
    assert (await keys.claim("crm", "other key", "body", "c3")).outcome == "running"
