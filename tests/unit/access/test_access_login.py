from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.access.attempts import PER_USER, Attempts, subscriber
from bridge.access.errors import TooManyLogins


async def test_a_flood_for_one_name_is_not_kept_waiting_without_end() -> None:
    unused: Any = None
    attempts = Attempts(unused, unused)

    async def take(user: str, whose: str = "") -> None:
        async with attempts.turn(user, whose):
            pass

    async with attempts.turn("crm", ""):
        waiting = [asyncio.create_task(take("crm")) for _ in range(PER_USER - 1)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyLogins):
            await take("crm")
        async with asyncio.timeout(1):
            await take("web")
            await take("crm", "192.0.2.7")
    await asyncio.gather(*waiting)
    await take("crm")


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
