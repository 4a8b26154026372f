"""Two bridges on one database: whoever follows the Asterisk dials, and the other takes over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from core_bench import MAIN, Bench, core_on, eventually, furnish, refused
from dialer_bench import FAST, Floor

from bridge.dialer import trunks
from bridge.dialer.causes import Block
from bridge.leads.model import LeadList
from bridge.service import Core
from bridge.settings import AsteriskSettings, MqttSettings


def core(url: str, patch: pytest.MonkeyPatch, name: str) -> Core:
    mqtt = MqttSettings(client_id=name)
    return core_on(url, patch, asterisk=(AsteriskSettings(name=MAIN),), mqtt=mqtt)


class Two:
    """The first follows Asterisk, until it is stopped."""

    def __init__(self, first: Core, second: Core) -> None:
        self.first, self.second = Floor(Bench(first)), Floor(Bench(second))
        self._stacks = AsyncExitStack(), AsyncExitStack()

    async def start(self) -> None:
        for floor, stack in zip((self.first, self.second), self._stacks, strict=True):
            await stack.enter_async_context(floor.core.running())

            async def ready(of: Floor = floor) -> bool:
                return of.core.watches[MAIN].ready

            await eventually(ready)

    async def second_follows(self) -> None:
        """Until it has taken over, and seen that her phone is not in this Asterisk."""
        core = self.second.core

        async def follows() -> bool:
            return f"asterisk:{MAIN}" in core.duties.held and core.watches[MAIN].ready

        await eventually(follows)

    async def stop_first(self) -> None:
        await self._stacks[0].aclose()

    async def stop(self) -> None:
        for stack in self._stacks:
            await stack.aclose()


@pytest.fixture
async def two(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    made = Two(core(postgres_url, monkeypatch, "one"), core(postgres_url, monkeypatch, "two"))
    async with made.first.core.db:
        await furnish(made.first.core)
        await made.first.core.site.put(FAST)
        await made.first.campaign()
        await made.first.core.site.put(LeadList(id=101, campaign="RATIO"))
    await made.start()
    yield made
    await made.stop()


async def test_one_of_two_dials_whatever_the_other_is_told(two: Two) -> None:
    await two.first.ready()
    await two.second.hop(await two.second.lead("7275550101", status="SALE"))
    await two.first.dials("7275550101")
    assert two.second.dialled == []


async def test_the_other_takes_over_and_gives_back_what_was_pulled(two: Two) -> None:
    lead = await two.first.lead("7275550101", status="SALE")
    await two.first.hop(lead)
    await two.first.core.db.write(lambda tx: two.first.core.hopper.pull(tx, "RATIO", 1, "one"))
    await two.first.ready()
    await two.first.quiet()
    assert two.first.dialled == []
    await two.stop_first()
    await two.second_follows()
    await two.second.ready()
    await two.second.dials("7275550101")


async def test_the_other_knows_why_nothing_is_dialled(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """What only the one that dials has seen; when that one has ended, nobody is waited for any more."""
    monkeypatch.setattr(trunks, "FIRST_PAUSE", 30.0)
    await two.first.lead("7275550101")
    await two.first.ready()
    two.first.bench.ami.fails["Originate"] = refused()
    await two.first.hop(await two.first.lead("7275550102", status="SALE"))
    why = two.second.core.why

    async def told(cause: str) -> bool:
        return [reason.cause for reason in (await why.campaign("RATIO")).reasons][:1] == [cause]

    await eventually(lambda: told(Block.ASTERISK_REFUSES), within=20)
    await two.stop_first()
    await two.second_follows()
    await eventually(lambda: told(Block.NO_AGENT), within=20)
