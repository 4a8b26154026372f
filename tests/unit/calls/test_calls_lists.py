"""Imported do-not-call lists at the moment of dialling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from core_bench import CUSTOMER, Bench

from bridge.calls.model import CallState
from bridge.dnc.model import Entry, Stretch, Version
from bridge.dnc.service import DncLists
from bridge.errors import DialRefused
from bridge.leads.model import DncKind
from bridge.rules import Permit, Purpose, Refusal, Rule
from bridge.services import CallQuery, DialRequest
from bridge.turn import Turns

TODAY = datetime.now(UTC).date()


async def take(bench: Bench, *entries: Entry, name: str = "US", age: int = 0, campaign: str = "") -> None:
    version = Version(
        key=f"{name} {age}",
        name=name,
        campaign=campaign,
        source="FTC",
        version=f"v{age}",
        dated=TODAY - timedelta(days=age),
        total=1,
    )
    lists = DncLists(bench.core.db)
    await lists.begin(version)
    await lists.take(version.key, Stretch(start=0, end=1, entries=entries or (entry("3125550100"),)))


def entry(number: str, kind: DncKind = DncKind.NUMBER) -> Entry:
    return Entry(number=number, kind=kind)


async def needs(bench: Bench, *lists: str) -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    await bench.core.site.put(msgspec.structs.replace(campaign, dnc_lists=lists))


async def judge(bench: Bench, purpose: Purpose = Purpose.AUTO, campaign: str = "TEST") -> Permit | Refusal:
    found = await bench.core.site.campaign(campaign)
    assert found is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), found)
    return await Turns(bench.core.db).run(lambda turn: bench.core.intents.judge(turn, intent, purpose))


def rule(verdict: Permit | Refusal) -> Rule | None:
    return verdict.rule if isinstance(verdict, Refusal) else None


@pytest.mark.parametrize(
    "of",
    [entry(CUSTOMER), entry(CUSTOMER[:3], DncKind.AREA_CODE), entry("1" + CUSTOMER[:6], DncKind.PREFIX)],
)
async def test_what_a_list_has_is_dialled_by_nobody(bench: Bench, of: Entry) -> None:
    await take(bench, of, age=400)  # however old it is
    for purpose in (Purpose.AUTO, Purpose.MANUAL, Purpose.THREE_WAY, Purpose.TRANSFER):
        verdict = await judge(bench, purpose)
        assert rule(verdict) is Rule.DNC_SYSTEM
    with pytest.raises(DialRefused, match="list US, version v400"):
        await bench.dial()
    (call,) = await bench.core.call_commands.list(CallQuery())
    assert (call.state, call.status) == (CallState.DISPOSED, "DNCL")


async def test_a_list_of_one_campaign_holds_for_it(bench: Bench) -> None:
    await take(bench, entry(CUSTOMER), campaign="WRAPUP")
    assert rule(await judge(bench, campaign="WRAPUP")) is Rule.DNC_CAMPAIGN
    assert rule(await judge(bench)) is None


async def test_a_campaign_whose_list_is_stale_dials_nothing_by_itself(bench: Bench) -> None:
    await needs(bench, "US")
    verdict = await judge(bench)
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, "list US" in verdict.why) == (Rule.DNC_STALE, True)
    await take(bench, age=32)
    assert rule(await judge(bench)) is Rule.DNC_STALE
    assert rule(await judge(bench, Purpose.MANUAL)) is None
    assert rule(await judge(bench, campaign="WRAPUP")) is None
    with pytest.raises(DialRefused, match=r"of .* and was good for 31 days") as refused:
        await bench.dial()
    assert refused.value.rule == "dnc_stale"
    await take(bench, age=3)
    assert rule(await judge(bench)) is None


async def test_what_is_taken_in_after_the_look_is_not_dialled(bench: Bench) -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), campaign)
    await take(bench, entry(CUSTOMER))
    verdict = await Turns(bench.core.db).run(
        lambda turn: bench.core.intents.judge(turn, intent, Purpose.MANUAL)
    )
    assert rule(verdict) is Rule.DNC_SYSTEM
