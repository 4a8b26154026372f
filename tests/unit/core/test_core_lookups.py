"""What the line format looks up before it commands."""

from __future__ import annotations

import pytest
from core_bench import Bench

from bridge.campaigns.model import Campaign, Status
from bridge.leads.model import NewLead
from bridge.lookups import SiteLookups
from bridge.services import LeadNumbers


@pytest.fixture
def lookups(bench: Bench) -> SiteLookups:
    return SiteLookups(bench.core.site, bench.core.leads)


async def test_lead_is_known_by_all_of_its_numbers(bench: Bench, lookups: SiteLookups) -> None:
    lead = NewLead(
        list_id=998, phone_code="1", phone_number="7275550100", alt_phone="7275550101", address3="7275550102"
    )
    lead_id = await bench.core.leads.add(lead)
    assert await lookups.lead(lead_id) == LeadNumbers(
        lead_id=lead_id,
        list_id=998,
        phone_code="1",
        phone_number="7275550100",
        alt_phone="7275550101",
        address3="7275550102",
    )
    assert await lookups.lead(lead_id + 1) is None


@pytest.mark.parametrize(("campaign", "mode"), [("TEST", "STANDARD"), ("QUEUE", "QUEUE"), ("?", "STANDARD")])
async def test_dial_mode_of_a_campaign(lookups: SiteLookups, campaign: str, mode: str) -> None:
    assert await lookups.manual_dial_mode(campaign) == mode


async def test_in_groups(lookups: SiteLookups) -> None:
    assert await lookups.has_in_group("SALES")
    assert not await lookups.has_in_group("sales?")


async def test_callback_statuses_of_the_system_and_of_the_campaign(
    bench: Bench, lookups: SiteLookups
) -> None:
    await bench.core.site.put(
        Campaign(
            id="OWN",
            trunk="carrier",
            statuses=(Status(status="LATER", callback=True), Status(status="CALLBK", callback=False)),
        )
    )
    assert await lookups.is_callback("OWN", "LATER")
    assert not await lookups.is_callback("TEST", "LATER")
    assert await lookups.is_callback("TEST", "CALLBK")
    assert await lookups.is_callback("a campaign that is gone", "CALLBK")
    assert not await lookups.is_callback("OWN", "CALLBK"), "the campaign's own word wins"
