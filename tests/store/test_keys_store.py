"""Keys of API users on each database: made, used, replaced, ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bridge.access.errors import InvalidUser, NoSuchKey, NoSuchUser, TooManyKeys
from bridge.access.hashing import Hasher
from bridge.access.keys import MAX_KEYS
from bridge.access.model import PrincipalKind, Reason, UserSpec
from bridge.access.service import Access
from bridge.access.tokens import KEY_PREFIX, is_token, new_token
from bridge.store.database import Database
from bridge.store.schema import api_keys


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def access(db: Database, clock: Clock) -> AsyncIterator[Access]:
    found = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1), clock=clock)
    for name in ("crm", "web"):
        spec = UserSpec(user=name, kind=PrincipalKind.API, api_access=True, level=8)
        await found.create(spec, f"{name}-secret")
    yield found
    found.close()


async def test_a_key_opens_the_door_of_its_user_alone(access: Access) -> None:
    token = (await access.new_key("crm", "web form")).token
    assert is_token(token, KEY_PREFIX)
    for user in ("", "crm"):
        answer = await access.authenticate(user, token, "192.0.2.7")
        assert answer.principal is not None
        assert (answer.principal.user, answer.principal.key) == ("crm", token[:12])
    for user in ("web", "nobody", "crm\x00", "\ud800"):
        assert (await access.authenticate(user, token)).reason is Reason.BAD
    by_secret = await access.authenticate("crm", "crm-secret")
    assert by_secret.principal is not None
    assert by_secret.principal.key == ""


async def test_a_token_that_was_never_made_is_wrong_and_locks_nobody(access: Access) -> None:
    for _ in range(20):
        assert (await access.authenticate("crm", new_token(KEY_PREFIX))).reason is Reason.BAD
    assert (await access.authenticate("crm", "crm-secret")).ok


async def test_the_store_holds_no_token(access: Access, db: Database) -> None:
    token = (await access.new_key("crm", "web form")).token
    async with db.read() as conn:
        rows = (await conn.execute(select(api_keys))).all()
    assert token[12:] not in repr(rows)


async def test_a_replaced_key_is_good_for_the_overlap(access: Access, clock: Clock) -> None:
    old = await access.new_key("crm", "web form")
    new = await access.keys.replace("crm", old.key.id, timedelta(hours=2))
    assert new.key.name == "web form"
    assert new.key.id != old.key.id
    for made in (old, new):
        assert (await access.authenticate("", made.token)).ok
    clock.later(hours=2)
    assert (await access.authenticate("", old.token)).reason is Reason.BAD
    assert (await access.authenticate("", new.token)).ok
    with pytest.raises(NoSuchKey):
        await access.keys.replace("crm", old.key.id)


async def test_an_overlap_makes_no_key_good_for_longer(access: Access, clock: Clock) -> None:
    old = await access.new_key("crm", "short", clock.now + timedelta(hours=1))
    await access.keys.replace("crm", old.key.id, timedelta(days=1))
    clock.later(hours=1)
    assert not (await access.authenticate("", old.token)).ok


async def test_a_revoked_key_ends_at_once_and_alone(access: Access) -> None:
    one, other = await access.new_key("crm", "one"), await access.new_key("crm", "other")
    assert (await access.authenticate("", one.token)).ok
    assert await access.keys.is_good(one.key.id)
    await access.keys.revoke("crm", one.key.id)
    assert not (await access.authenticate("", one.token)).ok
    assert not await access.keys.is_good(one.key.id)
    assert (await access.authenticate("", other.token)).ok
    assert (await access.authenticate("crm", "crm-secret")).ok
    with pytest.raises(NoSuchKey):
        await access.keys.revoke("web", other.key.id)


async def test_a_user_who_is_shut_out_has_no_key_that_opens(access: Access) -> None:
    token = (await access.new_key("crm", "web form")).token
    assert (await access.authenticate("", token)).ok
    await access.set_active("crm", active=False)
    assert (await access.authenticate("", token)).reason is Reason.INACTIVE
    await access.set_active("crm", active=True)
    await access.remove("crm")
    assert (await access.authenticate("", token)).reason is Reason.BAD
    await access.create(UserSpec(user="crm", kind=PrincipalKind.API, api_access=True), "another")
    assert (await access.authenticate("", token)).reason is Reason.BAD, "an heir of the name has no old keys"


async def test_a_key_ends_by_itself(access: Access, clock: Clock) -> None:
    token = (await access.new_key("crm", "web form", clock.now + timedelta(days=1))).token
    assert (await access.authenticate("", token)).ok
    clock.later(days=1)
    assert (await access.authenticate("", token)).reason is Reason.BAD


async def test_its_last_use_is_known_to_the_minute(access: Access, clock: Clock) -> None:
    token = (await access.new_key("crm", "web form")).token
    first = clock.now
    await access.authenticate("", token, "192.0.2.7")
    clock.later(seconds=30)
    await access.authenticate("", token, "192.0.2.8")
    (key,) = await access.keys.of_user("crm")
    assert (key.last_used_at, key.last_used_from) == (first, "192.0.2.7")
    clock.later(seconds=31)
    await access.authenticate("", token, "192.0.2.8")
    (key,) = await access.keys.of_user("crm")
    assert (key.last_used_at, key.last_used_from) == (clock.now, "192.0.2.8")


async def test_what_cannot_be_a_key_is_refused(access: Access, clock: Clock) -> None:
    for name in ("", " x", "a" * 41, "a\nb", "<b>", "\u00e9"):
        with pytest.raises(InvalidUser, match="name"):
            await access.new_key("crm", name)
    with pytest.raises(InvalidUser, match="expires_at"):
        await access.new_key("crm", "web form", clock.now)
    with pytest.raises(NoSuchUser):
        await access.new_key("nobody", "web form")
    await access.create(UserSpec(user="1000", kind=PrincipalKind.AGENT))
    with pytest.raises(InvalidUser, match="only programs"):
        await access.new_key("1000", "web form")
    assert await access.keys.of_user("crm") == []


async def test_there_are_not_keys_without_end(access: Access) -> None:
    made = [await access.new_key("crm", f"key {number}") for number in range(MAX_KEYS)]
    with pytest.raises(TooManyKeys):
        await access.new_key("crm", "one more")
    await access.keys.revoke("crm", made[0].key.id)
    await access.new_key("crm", "one more")
    assert len(await access.keys.of_user("crm")) == MAX_KEYS + 1
