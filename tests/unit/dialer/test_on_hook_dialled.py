"""Agents on hook in a campaign that dials by itself: her phone rings first, and the lead's behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from core_bench import Bench, ami_event, eventually
from dialer_bench import FAST, Floor, dialling, furnished
from msgspec.structs import replace

from bridge.agents.model import AgentSession, AgentState
from bridge.agents.on_hook import RING_NO_ANSWER
from bridge.ami.actions import Originate
from bridge.ami.events import Hangup, Newchannel
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.model import Phone
from bridge.services import QueueChange

LEAD = "7275550100"


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(bench)
    async with dialling(bench.core):
        yield made


async def waits(floor: Floor, user: str = "1000") -> AgentSession:
    """An agent on hook waits for calls."""
    commands = floor.core.agent_commands
    session = await commands.login(user, user, "RATIO", on_hook=True, asked_by="")
    await commands.resume(user, asked_by="")
    return session


def rung(floor: Floor) -> list[str]:
    """The phones that were rung first, in their order."""
    found = floor.bench.ami.named("Originate")
    phones = [action for action in found if isinstance(action, Originate)]
    return [action.variables["BRIDGE_PHONE_DIAL"] for action in phones if "@bridge-phone" in action.channel]


async def rings(floor: Floor, *phones: str) -> None:
    """Wait until these phones, and no others, were rung."""

    async def look() -> bool:
        return len(rung(floor)) >= len(phones)

    await eventually(look)
    await floor.quiet()
    assert rung(floor) == [f"PJSIP/{phone}" for phone in phones]


async def not_taken(floor: Floor, call: Call, cause: int = 0) -> None:
    """Her phone was not answered."""
    await floor.bench.happens(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Hangup, Uniqueid=call.id, Cause=cause)
    )
    await floor.quiet()


async def test_her_phone_rings_for_a_lead_and_the_customer_is_called_behind_it(floor: Floor) -> None:
    lead = await floor.lead()
    await waits(floor)
    await rings(floor, "1000")
    (call,) = await floor.calls()
    assert (call.kind, call.state, call.lead_id) == (CallKind.MANUAL, CallState.SENT, lead)
    assert (call.user, call.extension, call.number, call.asked_by) == ("1000", "1000", LEAD, "")
    assert floor.dialled == [], "the customer is not called before she is there"
    assert (await floor.bench.session("1000")).state is AgentState.DIALING
    assert (await floor.get(lead)).status == "INCALL"
    assert await floor.row(lead) is None


async def test_one_lead_at_a_time_and_the_next_one_behind_it(floor: Floor) -> None:
    await waits(floor)
    for last in (1, 2):
        await floor.lead(f"727555010{last}")
    await rings(floor, "1000")
    (call,) = await floor.calls()
    await floor.core.call_commands.hangup(call.id, asked_by="")
    await floor.end(call, 16)
    await rings(floor, "1000", "1000")
    assert [one.number for one in await floor.calls()] == ["7275550101", "7275550102"]


@pytest.mark.parametrize("cause", [0, 17, 20, 21])
async def test_who_does_not_answer_is_paused_and_the_lead_has_its_place_again(
    floor: Floor, cause: int
) -> None:
    lead = await floor.lead()
    await waits(floor)
    await rings(floor, "1000")
    (call,) = await floor.calls()
    await not_taken(floor, call, cause)
    after = await floor.bench.session("1000")
    assert (after.state, after.pause_reason, after.call_id) == (AgentState.PAUSED, RING_NO_ANSWER, None)
    assert (await floor.bench.call(call.id)).status == "LRERR"
    assert (await floor.get(lead)).called_count == 0
    assert await floor.row(lead) is not None
    assert rung(floor) == ["PJSIP/1000"]
    await waits(floor, "1001")
    await rings(floor, "1000", "1001")
    assert [one.lead_id for one in await floor.calls()] == [lead, lead]


async def test_a_lead_that_may_be_called_once_was_not_called_by_a_phone_that_nobody_answered(
    floor: Floor,
) -> None:
    await floor.campaign(call_count_limit=1)
    await floor.lead()
    for user in ("1000", "1001"):
        await waits(floor, user)
        await eventually(partial(is_ringing, floor, user))
        await not_taken(floor, (await floor.calls())[-1])
    assert rung(floor) == ["PJSIP/1000", "PJSIP/1001"]


async def is_ringing(floor: Floor, user: str) -> bool:
    return (await floor.bench.session(user)).is_ringing


async def test_a_phone_that_cannot_be_rung_pauses_her_and_the_lead_keeps_its_place(floor: Floor) -> None:
    await floor.core.site.put(Phone(login="home"))
    commands = floor.core.agent_commands
    await commands.login("1000", "home", "RATIO", on_hook=True, asked_by="")
    await floor.core.site.put(Phone(login="home", active=False))
    await commands.resume("1000", asked_by="")
    await floor.quiet()
    lead = await floor.lead()
    await floor.hop(lead)

    async def paused() -> bool:
        return (await floor.bench.session("1000")).pause_reason == RING_NO_ANSWER

    await eventually(paused)
    await floor.quiet()
    assert (rung(floor), await floor.calls()) == ([], [])
    assert (await floor.get(lead)).called_count == 0
    assert await floor.row(lead) is not None
    await floor.ready("1001")
    await floor.dials(LEAD)


@pytest.mark.parametrize("fields", [{"dial_level": 0.0}, {"dial_method": "MANUAL"}, {"active": False}])
async def test_a_campaign_that_dials_nothing_by_itself_rings_nobody(
    floor: Floor, fields: dict[str, Any]
) -> None:
    await waits(floor)
    await floor.campaign(**fields)
    lead = await floor.lead()
    await floor.hop(lead)
    await floor.quiet()
    assert rung(floor) == []


async def test_who_takes_inbound_calls_alone_is_not_rung(floor: Floor) -> None:
    await waits(floor)
    await floor.core.in_groups.change("1000", QueueChange(how="add", blended=False), asked_by="")
    await floor.hop(await floor.lead())
    await floor.quiet()
    assert rung(floor) == []


async def test_seated_and_on_hook_each_have_one(floor: Floor) -> None:
    await floor.ready("1001")
    await waits(floor)
    for last in (1, 2, 3):
        await floor.lead(f"727555010{last}")
    await rings(floor, "1000")
    assert len(floor.dialled) == 1
    assert sorted(one.kind for one in await floor.calls()) == [CallKind.MANUAL, CallKind.AUTO]


async def test_a_trunk_that_is_full_rings_nobody(floor: Floor) -> None:
    await floor.core.site.put(replace(FAST, max_calls=1))
    for user in ("1000", "1001"):
        await waits(floor, user)
    for last in (1, 2):
        await floor.lead(f"727555010{last}")
    await floor.quiet()
    await rings(floor, "1000")
