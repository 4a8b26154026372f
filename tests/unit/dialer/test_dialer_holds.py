"""The dialler while nobody may be called: leads keep their places, and it goes on when the hold is over."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from core_bench import Bench
from dialer_bench import Floor, dialling, furnished

from bridge.calls import holds
from bridge.dialer.model import HopperStatus
from bridge.rules import Held


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(bench)
    async with dialling(bench.core):
        yield made


@pytest.mark.parametrize("reason", Held)
async def test_it_dials_nobody_and_goes_on_when_the_hold_is_taken_back(floor: Floor, reason: Held) -> None:
    await floor.core.db.write(lambda tx: holds.put(tx, reason))
    await floor.campaign()
    lead = await floor.lead()
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    row = await floor.row(lead)
    assert (row and row.status) == HopperStatus.READY
    assert (await floor.get(lead)).status == "NEW"
    assert await floor.calls() == []
    await floor.core.db.write(lambda tx: holds.take_back(tx, reason))
    await floor.dials("7275550100")
