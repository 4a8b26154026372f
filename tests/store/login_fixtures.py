"""What tests of logins need: a clock that stands still, and a hasher that counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bridge.access.hashing import Hasher


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class CountingHasher(Hasher):
    """Costs next to nothing, and says how often it was asked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.checks = 0

    async def verify(self, encoded: str | None, secret: str) -> bool:
        self.checks += 1
        return await super().verify(encoded, secret)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def hasher() -> AsyncIterator[CountingHasher]:
    counting = CountingHasher()
    yield counting
    counting.close()
