"""Consents at the moment of dialling."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from core_bench import CUSTOMER, Bench

from bridge.calls.model import CallState
from bridge.consent.model import WAITS, Given
from bridge.consent.service import Consents
from bridge.errors import DialRefused
from bridge.leads.model import NewLead
from bridge.rules import Permit, Purpose, Refusal, Rule
from bridge.services import CallQuery, DialRequest
from bridge.turn import Turns


async def demands(bench: Bench, purpose: str = "sales") -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    await bench.core.site.put(msgspec.structs.replace(campaign, consent=purpose))


async def agree(bench: Bench, number: str = CUSTOMER) -> int:
    lead = await bench.core.leads.add(NewLead(list_id=998, phone_number=number))
    given = Given(purpose="sales", given_at=datetime.now(UTC) - timedelta(days=1), source="form")
    assert await Consents(bench.core.db, bench.core.leads).add(lead, given, "crm") is not None
    return lead


async def judge(bench: Bench, purpose: Purpose, campaign: str = "TEST") -> Permit | Refusal:
    found = await bench.core.site.campaign(campaign)
    assert found is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), found)
    return await Turns(bench.core.db).run(lambda turn: bench.core.intents.judge(turn, intent, purpose))


def rule(verdict: Permit | Refusal) -> Rule | None:
    return verdict.rule if isinstance(verdict, Refusal) else None


async def test_without_it_nobody_dials_by_hand_nor_by_api_nor_by_itself(bench: Bench) -> None:
    await demands(bench)
    await agree(bench, "8135550100")
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose)) is Rule.CONSENT
    assert rule(await judge(bench, Purpose.MANUAL, "WRAPUP")) is None
    with pytest.raises(DialRefused, match=r"no consent for sales is on record for .17275550100") as refused:
        await bench.dial()
    assert refused.value.rule == "consent"
    (call,) = await bench.core.call_commands.list(CallQuery())
    assert (call.state, call.status) == (CallState.DISPOSED, WAITS)


async def test_with_it_all_may_until_it_is_taken_back(bench: Bench) -> None:
    await demands(bench)
    lead = await agree(bench)
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose)) is None
    await Consents(bench.core.db, bench.core.leads).revoke(lead, how="said so", by="1000")
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose)) is Rule.CONSENT


async def test_what_is_taken_back_after_the_look_is_not_dialled(bench: Bench) -> None:
    await demands(bench)
    lead = await agree(bench)
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), campaign)
    await Consents(bench.core.db, bench.core.leads).revoke(lead, how="said so", by="1000")
    verdict = await Turns(bench.core.db).run(
        lambda turn: bench.core.intents.judge(turn, intent, Purpose.MANUAL)
    )
    assert rule(verdict) is Rule.CONSENT
