"""Agents while nobody may be called: refused with the reason, and no lead is set aside for it."""

from __future__ import annotations

import pytest
from agent_wishes import calls_of
from core_bench import Bench
from hand_wishes import answer, ask, ask_next, campaign, lead, stored

from bridge.agents.model import AgentState
from bridge.calls import holds
from bridge.errors import DialRefused
from bridge.rules import Held


async def hold(bench: Bench) -> None:
    await bench.core.db.write(lambda tx: holds.put(tx, Held.DRAINING))


@pytest.mark.parametrize("preview", [False, True])
async def test_a_dial_by_hand_is_refused(bench: Bench, *, preview: bool) -> None:
    await bench.log_in()
    await hold(bench)
    with pytest.raises(DialRefused, match="being drained"):
        await ask(bench, preview=preview)
    assert (await bench.session("1000")).state is AgentState.PAUSED


async def test_the_next_lead_is_refused_and_stays_what_it_was(any_bench: Bench) -> None:
    bench = any_bench
    await campaign(bench)
    first, second = await lead(bench, "7275550111"), await lead(bench, "7275550112")
    await bench.log_in()
    await hold(bench)
    with pytest.raises(DialRefused, match="being drained"):
        await ask_next(bench)
    for one in (first, second):
        assert (await stored(bench, one)).status == "NEW"
    assert await calls_of(bench) == []
    await bench.core.db.write(lambda tx: holds.take_back(tx, Held.DRAINING))
    found = await ask_next(bench)
    assert found.call is not None
    assert found.call.lead_id in (first, second)


async def test_an_agent_in_a_call_goes_on(bench: Bench) -> None:
    await bench.log_in()
    call = (await ask(bench)).call
    assert call is not None
    await hold(bench)
    await answer(bench, call.id)
    assert (await bench.session("1000")).state is AgentState.INCALL
