"""The manual dial queue of several bridges on one database."""

from __future__ import annotations

import asyncio

import pytest
from agent_wishes import calls_of
from core_bench import core_on, furnish, opened
from hand_wishes import ask, campaign, dialled, ends, in_call

from bridge.campaigns.model import ApiManualDial

OTHER = "7275550111"


async def test_two_bridges_dial_what_waits_once(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        opened(core_on(postgres_url, monkeypatch)) as one,
        opened(core_on(postgres_url, monkeypatch)) as other,
    ):
        await furnish(one.core)
        await campaign(one, "QUEUE", api_manual_dial=ApiManualDial.QUEUE)
        call = await in_call(one)
        assert (await ask(one, number=OTHER)).queued
        session = await one.session("1000")
        await ends(one, call.id)
        await asyncio.gather(*(bench.core.dial_queue.dial_waiting(session.id) for bench in (one, other)))
        await dialled(one, OTHER)
        assert [call.number for call in await calls_of(one)].count(OTHER) == 1
        sent = [action for bench in (one, other) for action in bench.ami.named("Originate")]
        assert len(sent) == 3, "her phone, the first customer, and the second"
        await one.core.dial_queue.dial_waiting(session.id)
        assert not one.core.dial_queue._nothing_for, "the other bridge may let one wait at any time"
