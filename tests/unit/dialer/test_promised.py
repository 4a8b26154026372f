"""A callback that any agent may do is dialled when it is due; one that an agent has to do is hers to dial."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_bench import Bench, eventually
from dialer_bench import Floor, dialling, furnished

from bridge.background import background
from bridge.dialer.model import HopperStatus, Source
from bridge.dialer.promised import PRIORITY
from bridge.leads.adding import ToCallBack
from bridge.leads.callbacks import Callback, ChangedCallback
from bridge.leads.model import LeadList

NUMBER = "7275550100"


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=0.3)


async def promise(floor: Floor, lead_id: int, **more: Any) -> Callback:
    usual: dict[str, Any] = {"campaign": "RATIO", "at": "then", "due_at": soon()}
    made = await floor.core.lead_desk.promise(lead_id, ToCallBack(**usual | more))
    assert made is not None
    return made.callback


async def is_due(floor: Floor, callback: Callback) -> None:
    """Wait until it was told that it is."""

    async def so() -> bool:
        kept = await floor.core.lead_desk.callback(callback.call_id)
        return kept is not None and kept.state == "LIVE"

    await eventually(so)
    await floor.quiet()


@pytest.fixture
async def floor(any_bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(any_bench)
    async with dialling(made.core), background(made.core.reminders.run):
        yield made
    await made.core.reminders.stop()


async def test_anybodys_is_dialled_when_it_is_due(floor: Floor) -> None:
    lead = await floor.lead()
    await floor.ready()
    await floor.dials(NUMBER)
    await floor.end((await floor.calls())[-1])
    before = await promise(floor, lead)
    assert (await floor.get(lead)).status == "CBHOLD"
    await floor.dials(NUMBER, NUMBER)
    told = await floor.bench.told(f"callbacks/{before.call_id}")
    assert told == ["callback.made", "callback.due"]
    await floor.end((await floor.calls())[-1])
    kept = await floor.core.lead_desk.callback(before.call_id)
    assert kept is not None
    assert not kept.archived, "nobody has talked to her"
    assert (await floor.get(lead)).status == "AB"


async def test_it_waits_in_the_hopper_before_others(floor: Floor) -> None:
    lead = await floor.lead(status="SALE")
    await is_due(floor, await promise(floor, lead, status="CB2"))
    row = await floor.row(lead)
    assert row is not None
    assert (row.source, row.priority, row.status) == (Source.CALLBACK, PRIORITY, HopperStatus.READY)
    assert (await floor.get(lead)).status == "CB2"


async def test_an_agents_own_is_not_dialled_by_itself(floor: Floor) -> None:
    lead = await floor.lead(status="SALE")
    await floor.ready()
    await is_due(floor, await promise(floor, lead, user="1000"))
    assert floor.dialled == []
    assert (await floor.get(lead)).status == "CBHOLD"


@pytest.mark.parametrize("status", ["DNC", "SALE"])
async def test_a_lead_that_became_something_else_stays_it(floor: Floor, status: str) -> None:
    lead = await floor.lead(status="SALE")
    await floor.ready()
    made = await promise(floor, lead)
    await floor.core.db.write(lambda tx: floor.core.leads.change_in(tx, lead, status=status))
    await is_due(floor, made)
    assert floor.dialled == []
    assert (await floor.get(lead)).status == status


@pytest.mark.parametrize("how", ["list", "campaign", "other campaign"])
async def test_where_nobody_dials_it_only_gets_its_status(floor: Floor, how: str) -> None:
    lead = await floor.lead(status="SALE")
    made = await promise(floor, lead)
    if how == "campaign":
        await floor.campaign(active=False)
    else:
        campaign = "RATIO" if how == "list" else "TEST"
        await floor.core.site.put(LeadList(id=101, campaign=campaign, active=how != "list"))
    await is_due(floor, made)
    assert await floor.row(lead) is None
    assert (await floor.get(lead)).status == "CALLBK"


@pytest.mark.parametrize("how", ["taken back", "later", "an agent's"])
async def test_one_that_is_not_due_any_more_leaves_the_hopper(floor: Floor, how: str) -> None:
    lead = await floor.lead(status="SALE")
    made = await promise(floor, lead)
    await is_due(floor, made)
    assert await floor.row(lead) is not None
    desk = floor.core.lead_desk
    if how == "taken back":
        await desk.take_back(made.call_id)
    else:
        later = ChangedCallback(at="later", due_at=datetime.now(UTC) + timedelta(days=1))
        await desk.change_callback(made.call_id, later if how == "later" else ChangedCallback(user="1001"))
    await floor.ready()

    async def out() -> bool:
        return await floor.row(lead) is None

    await eventually(out)
    assert floor.dialled == []
