"""Locks by key: order within one, no waiting between two, nothing left behind."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.locks import KeyedLocks


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=30))
def test_each_key_is_served_one_at_a_time_in_the_order_of_asking(asked: list[tuple[str, int]]) -> None:
    """Whatever keys are asked for, and however long each is held."""
    locks = KeyedLocks()
    served: dict[str, list[int]] = {}
    inside: set[str] = set()

    async def one(key: str, number: int, turns: int) -> None:
        async with locks.hold(key):
            assert key not in inside
            inside.add(key)
            served.setdefault(key, []).append(number)
            for _ in range(turns):
                await asyncio.sleep(0)
            inside.remove(key)

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for number, (key, turns) in enumerate(asked):
                group.create_task(one(key, number, turns))

    asyncio.run(all_of_them())
    assert served == {
        key: [number for number, (asked_key, _) in enumerate(asked) if asked_key == key] for key in served
    }
    assert sum(map(len, served.values())) == len(asked)
    assert not locks._locks


async def test_other_keys_do_not_wait() -> None:
    locks = KeyedLocks()
    async with locks.hold("anna"), asyncio.timeout(1), locks.hold("berta"):
        pass


async def test_who_gives_up_waiting_is_in_nobodys_way() -> None:
    locks, order = KeyedLocks(), []

    async def take(name: str) -> None:
        async with locks.hold("anna"):
            order.append(name)

    async with locks.hold("anna"):
        impatient, patient = asyncio.create_task(take("impatient")), asyncio.create_task(take("patient"))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.sleep(0)
    await asyncio.wait_for(patient, 1)
    assert order == ["patient"]
    assert not locks._locks


async def test_failure_inside_lets_go() -> None:
    locks = KeyedLocks()
    with pytest.raises(LookupError):
        async with locks.hold("anna"):
            raise LookupError
    async with asyncio.timeout(1), locks.hold("anna"):
        pass
