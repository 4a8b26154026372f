from __future__ import annotations

import asyncio

import pytest

from bridge.access.errors import TooManyLogins
from bridge.access.login import PER_USER, Turns, subscriber


async def test_one_name_has_one_turn_at_a_time() -> None:
    turns, order = Turns(), list[str]()

    async def take(label: str) -> None:
        async with turns.turn("crm"):
            order.append(f"{label} in")
            await asyncio.sleep(0)
            order.append(f"{label} out")

    await asyncio.gather(take("a"), take("b"), take("c"))
    assert order == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert len(turns) == 0


async def test_other_names_do_not_wait() -> None:
    turns = Turns()
    async with turns.turn("crm"), asyncio.timeout(1), turns.turn("web"):
        assert len(turns) == 2
    assert len(turns) == 0


async def test_a_flood_for_one_name_is_not_kept_waiting_without_end() -> None:
    turns = Turns()
    async with turns.turn("crm"):
        waiting = [asyncio.create_task(_pass(turns)) for _ in range(PER_USER - 1)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyLogins):
            await _pass(turns)
    await asyncio.gather(*waiting)
    assert len(turns) == 0


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::"),
        ("2001:db8::ffff:7", "2001:db8::"),
        ("2001:db8:0:1::7", "2001:db8:0:1::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("a unix socket", "a unix socket"),
    ],
)
def test_whoever_has_a_whole_network_counts_once(address: str, whose: str) -> None:
    assert subscriber(address) == whose


async def test_who_is_cancelled_while_waiting_leaves_nothing_behind() -> None:
    turns = Turns()
    async with turns.turn("crm"):
        waiting = asyncio.create_task(_take(turns))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert len(turns) == 1
    assert len(turns) == 0


async def _pass(turns: Turns) -> None:
    async with turns.turn("crm"):
        pass


async def _take(turns: Turns) -> None:
    async with turns.turn("crm"):
        raise AssertionError("the turn was still taken")
