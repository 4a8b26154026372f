"""The hours of the customer, as a dial meets them."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import CUSTOMER, Bench

from bridge.campaigns.call_time import CallTime
from bridge.campaigns.errors import InvalidField, ItemInUse
from bridge.campaigns.model import Campaign
from bridge.leads.model import LeadList, NewLead
from bridge.rules import Permit, Purpose, Refusal, Rule
from bridge.services import DialRequest
from bridge.turn import Turns

NEVER = "never"


async def judge(bench: Bench, purpose: Purpose = Purpose.MANUAL, **wish: Any) -> Permit | Refusal:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(**({"number": CUSTOMER} | wish)), campaign)
    return await Turns(bench.core.db).run(lambda turn: bench.core.intents.judge(turn, intent, purpose))


async def lead(bench: Bench, **fields: Any) -> int:
    values: dict[str, Any] = {"list_id": 998, "phone_number": CUSTOMER} | fields
    return await bench.core.leads.add(NewLead(**values))


def rule(verdict: Permit | Refusal) -> Rule | None:
    return verdict.rule if isinstance(verdict, Refusal) else None


async def test_a_dial_by_hand_keeps_the_hours_of_its_list(bench: Bench) -> None:
    await bench.core.site.put(LeadList(id=998, campaign="TEST", call_time=NEVER))
    lead_id = await lead(bench)
    assert rule(await judge(bench, lead_id=lead_id, number="")) is Rule.CALL_TIME
    assert rule(await judge(bench, search=True)) is Rule.CALL_TIME
    assert rule(await judge(bench)) is None


async def test_the_campaigns_hold_where_the_list_has_none(bench: Bench) -> None:
    site = bench.core.site
    await site.put(Campaign(id="TEST", trunk="carrier", caller_id="7275550000", call_time=NEVER))
    lead_id = await lead(bench)
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose, lead_id=lead_id, number="")) is Rule.CALL_TIME
    await site.put(LeadList(id=998, call_time="24hours"))
    assert rule(await judge(bench, lead_id=lead_id, number="")) is None


@pytest.mark.parametrize("name", ["law-US", "law-US-FL"])
async def test_the_law_holds_for_what_dials_by_itself(bench: Bench, name: str) -> None:
    await bench.core.site.put(CallTime(name=name, hours="", source="a law"))
    verdict = await judge(bench, Purpose.AUTO)
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, verdict.source) == (Rule.LAW_HOURS, "a law")
    assert rule(await judge(bench, Purpose.MANUAL)) is None


async def test_the_state_of_a_lead_is_nearer_than_its_area_code(bench: Bench) -> None:
    await bench.core.site.put(CallTime(name="law-US-FL", hours=""))
    moved = await lead(bench, state="CA")
    assert rule(await judge(bench, Purpose.AUTO, lead_id=moved, number="")) is None


async def test_a_campaign_may_keep_the_law_by_hand_too(bench: Bench) -> None:
    await bench.core.site.put(Campaign(id="TEST", trunk="carrier", caller_id="7275550000", call_time="law"))
    assert rule(await judge(bench)) is None
    await bench.core.site.put(CallTime(name="law-US", hours=""))
    assert rule(await judge(bench)) is Rule.LAW_HOURS


async def test_a_state_has_hours_of_its_own(bench: Bench) -> None:
    site = bench.core.site
    await site.put(CallTime(name="ours", states={"FL": NEVER}))
    await site.put(Campaign(id="TEST", trunk="carrier", caller_id="7275550000", call_time="ours"))
    assert rule(await judge(bench)) is Rule.CALL_TIME
    there = await lead(bench, state="CA")
    assert rule(await judge(bench, lead_id=there, number="")) is None


async def test_a_lead_without_its_list_keeps_the_campaigns(bench: Bench) -> None:
    assert rule(await judge(bench, lead_id=await lead(bench, list_id=4711), number="")) is None


async def test_hours_that_are_not_there_cannot_be_named(bench: Bench) -> None:
    for item in (
        Campaign(id="NEW", call_time="9am-9pn"),
        LeadList(id=5, call_time="9am-9pn"),
        CallTime(name="new", states={"FL": "9am-9pn"}),
    ):
        with pytest.raises(InvalidField, match="there is no calltime '9am-9pn'"):
            await bench.core.site.put(item)


async def test_hours_in_use_cannot_be_taken_away(bench: Bench) -> None:
    await bench.core.site.put(CallTime(name="ours", hours="09:00-17:00"))
    await bench.core.site.put(LeadList(id=5, call_time="ours"))
    with pytest.raises(ItemInUse, match="list 5"):
        await bench.core.site.remove(CallTime, "ours")


async def test_those_of_every_site_stand_among_its_own(bench: Bench) -> None:
    site = bench.core.site
    await site.put(CallTime(name="9am-5pm", hours="09:00-16:00"))
    await site.put(CallTime(name="a-late-one", hours="20:00-21:00"))
    found = await site.list(CallTime)
    keys = [item.key for item in found]
    assert keys == sorted(keys)
    assert {"24hours", "law-US", "law-US-FL", "a-late-one"} <= set(keys)
    assert [item.hours for item in found if item.name == "9am-5pm"] == ["09:00-16:00"]
    pages: list[str] = []
    while page := await site.list(CallTime, after=pages[-1] if pages else "", limit=7):
        pages += [item.key for item in page]
    assert pages == keys
    await site.remove(CallTime, "9am-5pm")
    known = await site.call_time("9am-5pm")
    assert known is not None
    assert known.hours == "09:00-17:00"
