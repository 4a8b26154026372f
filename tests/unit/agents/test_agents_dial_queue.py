"""The manual dial queue: what waits for an agent, and when it is dialled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from agent_wishes import calls_of
from core_bench import CUSTOMER, MAIN, Bench, channel
from hand_wishes import answer, ask, ask_next, campaign, dialled, ends, in_call, lead, waiting
from shift_scenes import rewrite

from bridge.agents.model import AgentState
from bridge.calls.snapshot import Snapshot
from bridge.campaigns.model import ApiManualDial
from bridge.errors import AlreadyQueued
from bridge.leads.model import LeadList

OTHER, THIRD = "7275550111", "7275550112"


@pytest.fixture(autouse=True, params=[ApiManualDial.QUEUE, ApiManualDial.QUEUE_AND_AUTOCALL])
async def queueing(request: pytest.FixtureRequest, bench: Bench) -> None:
    await campaign(bench, "QUEUE", api_manual_dial=request.param)


async def test_whoever_is_free_is_not_kept_waiting(bench: Bench) -> None:
    await bench.log_in("1000", "QUEUE")
    assert (await ask(bench)).call is not None
    assert await waiting(bench) == [("1000", CUSTOMER, "dialled")]


async def test_what_waits_already_is_not_dialled_beside_it(bench: Bench) -> None:
    call = await in_call(bench)
    assert (await ask(bench, number=OTHER)).queued
    await rewrite(bench, await bench.session("1000"), state=AgentState.PAUSED, call_id=None)
    with pytest.raises(AlreadyQueued):
        await ask(bench, number=OTHER)
    assert [one.number for one in await calls_of(bench)] == [call.number]
    assert (await waiting(bench))[-1] == ("1000", OTHER, "waiting")


async def test_waits_for_the_end_of_the_call(bench: Bench) -> None:
    call = await in_call(bench)
    assert (await ask(bench, number=OTHER)).queued
    assert (await waiting(bench))[-1] == ("1000", OTHER, "waiting")
    assert (await bench.told("agents/1000"))[-1] == "agent.dial_queued"
    await ends(bench, call.id)
    second = await dialled(bench, OTHER)
    assert (second.user, (await bench.session("1000")).call_id) == ("1000", second.id)
    assert (await waiting(bench))[-1] == ("1000", OTHER, "dialled")


async def test_the_oldest_is_dialled_first_and_the_next_after_it(bench: Bench) -> None:
    call = await in_call(bench)
    for number in (OTHER, THIRD):
        await ask(bench, number=number)
    await ends(bench, call.id)
    second = await dialled(bench, OTHER)
    assert [state for _, _, state in await waiting(bench)] == ["dialled", "dialled", "waiting"]
    await ends(bench, second.id, "BUSY")
    await dialled(bench, THIRD)


async def test_one_number_waits_once(bench: Bench) -> None:
    await in_call(bench)
    await ask(bench, number=OTHER)
    with pytest.raises(AlreadyQueued):
        await ask(bench, number=OTHER)


async def test_is_also_dialled_from_ready(bench: Bench) -> None:
    await bench.ready("1000", "QUEUE")
    first = (await ask(bench)).call
    assert first is not None
    await answer(bench, first.id)
    await ask(bench, number=OTHER)
    await ends(bench, first.id)
    await dialled(bench, OTHER)
    assert (await bench.session("1000")).after_call is AgentState.READY, "she waits again afterwards"


async def test_the_next_lead_waits_too(bench: Bench) -> None:
    await bench.core.site.put(LeadList(id=998, campaign="QUEUE"))
    call = await in_call(bench)
    lead_id = await lead(bench, THIRD)
    assert (await ask_next(bench)).queued
    await ends(bench, call.id)
    assert (await dialled(bench, THIRD)).lead_id == lead_id


async def test_what_cannot_be_dialled_is_dropped_and_the_next_one_dialled(bench: Bench) -> None:
    call = await in_call(bench)
    for number in (OTHER, THIRD):
        await ask(bench, number=number)
    await bench.core.leads.add_dnc(OTHER)
    await ends(bench, call.id)
    await dialled(bench, THIRD)
    assert [state for _, _, state in await waiting(bench)] == ["dialled", "dropped", "dialled"]
    assert "agent.dial_dropped" in await bench.told("agents/1000")


async def test_is_dropped_when_she_logs_out(bench: Bench) -> None:
    call = await in_call(bench)
    await ask(bench, number=OTHER)
    await bench.core.agent_commands.logout("1000", asked_by="")
    assert (await waiting(bench))[-1] == ("1000", OTHER, "waiting"), "she is still in her call"
    await ends(bench, call.id)
    assert (await waiting(bench))[-1] == ("1000", OTHER, "dropped")
    assert (await bench.told("agents/1000"))[-2:] == ["agent.logged_out", "agent.dial_dropped"]


async def test_without_a_link_it_waits_on_and_is_dialled_after_the_resync(bench: Bench) -> None:
    call = await in_call(bench)
    await ask(bench, number=OTHER)
    bench.ami.lose_link()
    await ends(bench, call.id)
    await asyncio.gather(*bench.core.dial_queue._timers._running)
    assert (await waiting(bench))[-1] == ("1000", OTHER, "waiting")
    bench.ami.find_link()
    session = await bench.session("1000")
    rows = [channel(session.id, bridge="room")]
    await bench.core.sessions.resync(MAIN, Snapshot(rows, taken=datetime.now(UTC), restarted=False))
    await dialled(bench, OTHER)


async def test_with_an_in_group_it_waits_in_any_campaign(bench: Bench) -> None:
    await bench.log_in()
    call = (await ask(bench)).call
    assert call is not None
    await answer(bench, call.id)
    assert (await ask(bench, number=OTHER, queue="SALES")).queued
    await ends(bench, call.id)
    assert (await dialled(bench, OTHER)).queue == "SALES"
