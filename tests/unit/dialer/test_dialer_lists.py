"""The dialler, and do-not-call lists that are too old, or consents that are missing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from core_bench import Bench
from dialer_bench import Floor, dialling, furnished

from bridge.consent.model import WAITS, Given
from bridge.consent.service import Consents
from bridge.dialer.model import HopperStatus
from bridge.dnc.model import Entry, Stretch, Version
from bridge.dnc.service import DncLists
from bridge.leads.model import DncKind


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(bench)
    async with dialling(bench.core):
        yield made


async def test_a_campaign_without_a_fresh_list_says_so_once_and_dials_when_it_has_one(floor: Floor) -> None:
    await floor.campaign(dnc_lists=("US",))
    lead = await floor.lead()
    await floor.ready("1000")
    await floor.quiet()
    await floor.ready("1001")
    await floor.quiet()
    assert floor.dialled == []
    assert await floor.bench.told("campaign/RATIO") == ["campaign.dnc_stale"]
    row = await floor.row(lead)
    assert (row and row.status) == HopperStatus.READY
    assert (await floor.get(lead)).status == "NEW"
    today = datetime.now(UTC).date()
    version = Version(key="k", name="US", source="FTC", version="1", dated=today, total=1)
    lists = DncLists(floor.core.db)
    await lists.begin(version)
    other = Entry(number="3125550100", kind=DncKind.NUMBER)
    await lists.take("k", Stretch(start=0, end=1, entries=(other,)))
    await floor.dials("7275550100")


async def test_a_lead_waits_for_its_consent_and_is_dialled_when_it_is_there(floor: Floor) -> None:
    await floor.campaign(consent="sales")
    lead = await floor.lead()
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    assert ((await floor.get(lead)).status, await floor.row(lead)) == (WAITS, None)
    given = Given(purpose="sales", given_at=datetime.now(UTC), source="form")
    await Consents(floor.core.db, floor.core.leads).add(lead, given, "crm")
    await floor.dials("7275550100")
