from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bridge.access.hashing import Hasher, VerifiedSecrets, new_secret
from bridge.access.model import SECRET


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    cheap = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    yield cheap
    cheap.close()


def test_a_new_secret_is_one_that_the_line_format_takes() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(SECRET.fullmatch(secret) and len(secret) == 32 for secret in secrets)


async def test_only_the_secret_itself_is_right(hasher: Hasher) -> None:
    encoded = await hasher.hash("test1000")
    assert encoded.startswith("$argon2id$")
    assert "test1000" not in encoded
    assert await hasher.verify(encoded, "test1000")
    assert not await hasher.verify(encoded, "test100")
    assert not await hasher.verify(encoded, "")


async def test_the_same_secret_hashes_differently(hasher: Hasher) -> None:
    assert await hasher.hash("test1000") != await hasher.hash("test1000")


@pytest.mark.parametrize("encoded", [None, "", "no hash", "$argon2id$v=19$broken"])
async def test_without_a_hash_no_secret_is_right(hasher: Hasher, encoded: str | None) -> None:
    assert not await hasher.verify(encoded, "test1000")


async def test_costs_of_yesterday_are_seen(hasher: Hasher) -> None:
    encoded = await hasher.hash("test1000")
    dearer = Hasher(time_cost=2, memory_cost=8, parallelism=1)
    assert not hasher.outdated(encoded)
    assert dearer.outdated(encoded)
    dearer.close()


async def test_the_default_costs_are_those_of_the_rfc() -> None:
    hasher = Hasher()
    encoded = await hasher.hash("test1000")
    hasher.close()
    assert "$m=65536,t=3,p=4$" in encoded


async def test_the_event_loop_goes_on_during_a_hash() -> None:
    dear = Hasher(time_cost=8)
    work = asyncio.create_task(dear.hash("test1000"))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    dear.close()
    assert turns > 100


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_right_secret_is_remembered_for_its_time_only() -> None:
    clock = Clock()
    verified = VerifiedSecrets(seconds=60, clock=clock)
    verified.remember("crm", "secret", "hash")
    clock.now = 59.9
    assert verified.holds("crm", "secret", "hash")
    clock.now = 119.8
    assert verified.holds("crm", "secret", "hash"), "who asks all the time is checked once"
    clock.now = 179.8
    assert not verified.holds("crm", "secret", "hash")


@pytest.mark.parametrize(
    "other", [("crn", "secret", "hash"), ("crm", "Secret", "hash"), ("crm", "secret", "newhash")]
)
def test_another_user_secret_or_hash_is_not_remembered(other: tuple[str, str, str]) -> None:
    verified = VerifiedSecrets()
    verified.remember("crm", "secret", "hash")
    assert not verified.holds(*other)


def test_parts_do_not_run_into_each_other() -> None:
    verified = VerifiedSecrets()
    verified.remember("ab", "c", "hash")
    assert not verified.holds("a", "bc", "hash")


def test_the_memory_is_bounded_and_drops_what_was_not_used_for_longest() -> None:
    verified = VerifiedSecrets(entries=2)
    verified.remember("one", "secret", "hash")
    verified.remember("two", "secret", "hash")
    assert verified.holds("one", "secret", "hash")
    verified.remember("three", "secret", "hash")
    assert verified.holds("one", "secret", "hash")
    assert not verified.holds("two", "secret", "hash")


def test_the_secret_itself_is_not_kept() -> None:
    verified = VerifiedSecrets()
    verified.remember("crm", "a-very-secret-text", "hash")
    assert "a-very-secret-text" not in repr(vars(verified))


def test_everything_can_be_forgotten() -> None:
    verified = VerifiedSecrets()
    verified.remember("crm", "secret", "hash")
    verified.forget()
    assert not verified.holds("crm", "secret", "hash")
