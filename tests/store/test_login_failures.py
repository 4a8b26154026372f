"""Who guesses locks herself out, and nobody else."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from login_fixtures import Clock, CountingHasher
from sqlalchemy import select

from bridge.access import failures
from bridge.access.attempts import WRONG_BURST
from bridge.access.errors import TooManyLogins
from bridge.access.model import Reason, UserSpec
from bridge.access.names import ALL
from bridge.access.service import Access
from bridge.campaigns.model import UserGroup
from bridge.campaigns.service import Site
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.schema import login_failures

HERS, THEIRS = "192.0.2.7", "198.51.100.66"
LOCKED_OUT = [Reason.BAD] * 10 + [Reason.LOCK]


@pytest.fixture
async def access(db: Database, hasher: CountingHasher, clock: Clock) -> Access:
    await Site(db).put(UserGroup(name="ADMIN"))
    made = Access(db, hasher=hasher, clock=clock)
    await made.create(UserSpec(user="crm", level=8, api_access=True, functions=ALL), "its-secret")
    return made


async def tries(access: Access, address: str, count: int = 11, *, user: str = "crm") -> list[Reason]:
    return [(await access.authenticate(user, "wrong", address)).reason for _ in range(count)]


async def right(access: Access, address: str) -> Reason:
    return (await access.authenticate("crm", "its-secret", address)).reason


async def kept(db: Database) -> list[tuple[str, str]]:
    query = select(login_failures.c.user, login_failures.c.address).order_by(login_failures.c.failed_at)
    async with db.read() as conn:
        return [(row.user, row.address) for row in await conn.execute(query)]


@pytest.mark.parametrize("known", [True, False], ids=["who is known", "who comes for the first time"])
async def test_a_strangers_guesses_do_not_lock_the_rightful_caller_out(
    access: Access, *, known: bool
) -> None:
    if known:
        assert await right(access, HERS) is Reason.GOOD
    assert await tries(access, THEIRS) == LOCKED_OUT
    assert await right(access, THEIRS) is Reason.LOCK, "the address that guessed is locked, whatever it says"
    assert await right(access, HERS) is Reason.GOOD
    assert await right(access, THEIRS) is Reason.LOCK


async def test_a_lock_ends_after_fifteen_minutes(access: Access, clock: Clock, db: Database) -> None:
    await tries(access, THEIRS)
    clock.now += timedelta(minutes=14, seconds=59)
    assert await right(access, THEIRS) is Reason.LOCK
    clock.now += timedelta(seconds=1)
    assert await tries(access, THEIRS) == LOCKED_OUT
    clock.now += timedelta(minutes=15)
    assert await right(access, THEIRS) is Reason.GOOD
    assert await kept(db) == []


async def test_one_subscriber_of_ipv6_is_one_address(access: Access) -> None:
    await tries(access, "2001:db8::1", 9)
    await tries(access, "2001:db8::ffff:2", 1)
    assert await right(access, "2001:db8::3") is Reason.LOCK
    assert await right(access, "2001:db8:0:1::3") is Reason.GOOD


async def test_a_lock_is_told_with_as_much_work_for_a_user_who_is_not_there(
    access: Access, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No slow hash hides there what is looked up."""
    for user in ("crm", "nobody"):
        await tries(access, THEIRS, user=user)
    reads, read = [0], db.read

    def counted() -> AbstractAsyncContextManager[Connection]:
        reads[0] += 1
        return read()

    monkeypatch.setattr(db, "read", counted)
    work = []
    for user in ("crm", "nobody"):
        reads[0] = 0
        assert await tries(access, THEIRS, 3, user=user) == [Reason.LOCK] * 3
        work.append(reads[0])
    assert work == [3, 3]


async def test_a_user_who_is_not_there_is_locked_just_the_same(
    access: Access, hasher: CountingHasher
) -> None:
    work = []
    for user in ("crm", "nobody"):
        before = hasher.checks
        assert await tries(access, THEIRS, 13, user=user) == [*LOCKED_OUT, Reason.LOCK, Reason.LOCK]
        work.append(hasher.checks - before)
    assert work == [10, 10]


async def test_a_lock_holds_at_every_bridge_and_its_end_too(
    access: Access, db: Database, clock: Clock
) -> None:
    other = Access(db, hasher=CountingHasher(), clock=clock)
    assert await right(other, THEIRS) is Reason.GOOD
    await tries(access, THEIRS, 5)
    assert await tries(other, THEIRS, 6) == [Reason.BAD] * 5 + [Reason.LOCK]
    assert await right(access, THEIRS) is Reason.LOCK
    assert await right(other, THEIRS) is Reason.LOCK
    told = await other.principal("crm", anew=True)
    assert told is not None
    assert (told.failed_logins, told.locked_until) == (10, clock.now + timedelta(minutes=15))
    assert await access.unlock("crm")
    assert await right(other, THEIRS) is Reason.GOOD
    other.close()


async def test_a_flood_of_names_does_not_fill_the_disk(
    access: Access, db: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_ROWS", 5)
    for number in range(12):
        clock.now += timedelta(seconds=1)
        await tries(access, THEIRS, 1, user=f"name{number}")
    rows = await kept(db)
    assert len(rows) == 5
    assert "name" not in str(rows), "a name that nobody has may be a secret in the wrong field"
    assert len(access._attempts.failures._some) == 5
    for nobody in ("x" * 100_000, "a/b", "", "\ud800", "\0"):
        await tries(access, THEIRS, 1, user=nobody)
    await tries(access, "y" * 100_000, 1)
    assert len(await kept(db)) == 5
    clock.now += timedelta(minutes=15)
    await tries(access, THEIRS, 1)
    assert await kept(db) == [("crm", THEIRS)]


async def test_an_address_that_guesses_at_many_names_is_slowed_down(
    access: Access, hasher: CountingHasher
) -> None:
    assert await right(access, THEIRS) is Reason.GOOD
    for number in range(WRONG_BURST):
        await tries(access, THEIRS, 1, user=f"name{number}")
    checks = hasher.checks
    with pytest.raises(TooManyLogins):
        await tries(access, THEIRS, 5, user="another")
    assert hasher.checks <= checks + 4, "it costs nothing to refuse it"
    assert await right(access, THEIRS) is Reason.GOOD, "who is known there goes on"
    assert await tries(access, HERS, 1, user="another") == [Reason.BAD]


async def test_a_right_secret_forgets_only_what_was_wrong_from_there(access: Access, db: Database) -> None:
    await tries(access, THEIRS, 3)
    await tries(access, HERS, 3)
    assert await right(access, HERS) is Reason.GOOD
    assert await kept(db) == [("crm", THEIRS)]


async def test_a_new_secret_ends_every_lock(access: Access, db: Database) -> None:
    await tries(access, THEIRS)
    fresh = await access.new_secret("crm")
    assert (await access.authenticate("crm", fresh, THEIRS)).reason is Reason.GOOD
    assert await kept(db) == []
