"""Leads that are called again: recycled, by another number, and not too often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from core_bench import Bench
from dialer_bench import Floor, dialling, furnished
from sqlalchemy import update

from bridge.agi.desk import CallReport
from bridge.calls.model import CallState
from bridge.campaigns.model import DialMethod
from bridge.campaigns.redial import AutoAltDial, Recycle
from bridge.dialer.model import HopperStatus, Source
from bridge.leads.model import LeadList
from bridge.store.schema import alt_numbers, hopper, leads

BUSY = Recycle(status="AB", delay=3600, attempts=2)


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(bench)
    async with dialling(bench.core):
        yield made


async def busy(floor: Floor) -> None:
    """The last call finds the customer's line busy."""
    await floor.end((await floor.calls())[-1], 17)
    await floor.quiet()


async def hour_comes(floor: Floor, lead: int) -> None:
    """What waits in the hopper is due now, and something wakes the dialler."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    query = update(hopper).where(hopper.c.lead_id == lead).values(due_at=past)
    await floor.core.db.write(lambda tx: tx.conn.execute(query))
    floor.core.dialer.wake("RATIO")


async def test_a_busy_lead_waits_and_is_called_again_so_often(floor: Floor) -> None:
    await floor.campaign(recycle=(BUSY,))
    lead = await floor.lead()
    await floor.ready()
    await floor.dials("7275550100")
    for times in (1, 2):
        before = datetime.now(UTC)
        await busy(floor)
        row = await floor.row(lead)
        assert row is not None
        assert (row.source, row.status) == (Source.RECYCLE, HopperStatus.HOLD)
        assert row.due_at is not None
        assert timedelta(minutes=59) < row.due_at - before < timedelta(minutes=61)
        await hour_comes(floor, lead)
        await floor.dials(*["7275550100"] * (times + 1))
        assert (await floor.get(lead)).called_since_last_reset == f"Y{times}"
        assert await floor.row(lead) is None
    await busy(floor)
    assert await floor.row(lead) is None
    assert (await floor.get(lead)).called_count == 3


async def test_her_time_wakes_the_dialler(floor: Floor) -> None:
    """Nothing but the moment for which she waits happens."""
    lead = await floor.lead(status="AB", called_since_last_reset="Y")
    await floor.campaign(recycle=(BUSY,))
    await floor.ready()
    await floor.hop(lead, source=Source.RECYCLE, due_at=datetime.now(UTC) + timedelta(seconds=0.3))
    await floor.dials("7275550100")


async def test_a_lead_that_became_something_else_meanwhile_is_not_recycled(floor: Floor) -> None:
    await floor.campaign(recycle=(BUSY,))
    lead = await floor.lead()
    await floor.ready()
    await floor.dials("7275550100")
    await busy(floor)
    await floor.core.db.write(lambda tx: floor.core.leads.change_in(tx, lead, status="SALE"))
    await hour_comes(floor, lead)
    await floor.quiet()
    assert len(floor.dialled) == 1
    assert await floor.row(lead) is None
    assert (await floor.bench.told()).count("hopper.removed") == 1


async def test_other_statuses_and_campaigns_by_hand_recycle_nothing(floor: Floor) -> None:
    await floor.campaign(recycle=(Recycle(status="NA"),))
    lead = await floor.lead()
    await floor.ready()
    await floor.dials("7275550100")
    await busy(floor)
    assert await floor.row(lead) is None
    other = await floor.lead("7275550101")
    await floor.dials("7275550100", "7275550101")
    await floor.campaign(recycle=(BUSY,), dial_method=DialMethod.MANUAL)
    await busy(floor)
    assert await floor.row(other) is None


async def test_a_list_that_was_switched_off_recycles_nothing(floor: Floor) -> None:
    await floor.campaign(recycle=(BUSY,))
    lead = await floor.lead()
    await floor.ready()
    await floor.dials("7275550100")
    await floor.core.site.put(LeadList(id=101, campaign="RATIO", active=False))
    await busy(floor)
    assert await floor.row(lead) is None


async def test_all_numbers_of_a_lead_in_their_order(floor: Floor) -> None:
    """What is no number, or was dialled already, is passed over; then she waits to be recycled."""
    await floor.campaign(auto_alt_dial=AutoAltDial.ALT_AND_ADDR3_AND_EXTENDED, recycle=(BUSY,))
    await floor.ready()
    await floor.quiet()
    lead = await floor.lead(status="SALE", alt_phone="(727) 555-0101", address3="7275550102")
    rows = [
        {"lead_id": lead, "number": number, "phone_code": "1", "note": "", "rank": rank, "active": rank != 4}
        for rank, number in enumerate(("7275550103", "7275550101", "attic", "7275550104", "7275550105"), 1)
    ]
    await floor.core.db.write(lambda tx: tx.conn.execute(alt_numbers.insert(), rows))
    await floor.hop(lead)
    expected = ["7275550100"]
    await floor.dials(*expected)
    for number in ("7275550101", "7275550102", "7275550103", "7275550105"):
        await busy(floor)
        expected.append(number)
        await floor.dials(*expected)
    assert floor.dialled == [f"PJSIP/{number}@carrier" for number in expected]
    await busy(floor)
    row = await floor.row(lead)
    assert row is not None
    assert (row.source, row.alt) == (Source.RECYCLE, "")


async def test_another_number_comes_before_the_lists(floor: Floor) -> None:
    await floor.campaign(auto_alt_dial=AutoAltDial.ALT_ONLY)
    await floor.lead(alt_phone="7275550101", rank=1)
    await floor.lead("7275550102")
    await floor.ready()
    await floor.dials("7275550100")
    await busy(floor)
    await floor.dials("7275550100", "7275550101")


async def test_only_the_numbers_that_the_campaign_names(floor: Floor) -> None:
    await floor.campaign(auto_alt_dial=AutoAltDial.ADDR3_ONLY)
    lead = await floor.lead(alt_phone="7275550101", address3="floor 3")
    await floor.ready()
    await floor.dials("7275550100")
    await busy(floor)
    assert len(floor.dialled) == 1
    assert await floor.row(lead) is None


async def test_a_forbidden_number_gives_way_to_the_next_where_the_campaign_says_so(floor: Floor) -> None:
    await floor.campaign(
        auto_alt_dial=AutoAltDial.ALT_ONLY, auto_alt_dial_statuses=("AB", "DNCL"), recycle=(BUSY,)
    )
    await floor.core.leads.add_dnc("7275550100")
    await floor.lead(alt_phone="7275550101")
    await floor.ready()
    await floor.dials("7275550101")


async def test_an_answered_lead_is_not_called_on_her_other_number(floor: Floor) -> None:
    await floor.campaign(auto_alt_dial=AutoAltDial.ALT_ONLY)
    lead = await floor.lead(alt_phone="7275550101")
    await floor.ready()
    await floor.dials("7275550100")
    (call,) = await floor.calls()
    await floor.core.desk.call_answered(call.id, "")
    await floor.core.desk.call_end(CallReport(call_id=call.id, hangupcause=16))
    await floor.quiet()
    assert (await floor.calls())[-1].state is CallState.DISPOSED
    assert len(floor.dialled) == 1
    assert await floor.row(lead) is None


async def test_a_lead_that_was_called_often_enough_is_passed_over(floor: Floor) -> None:
    await floor.campaign(call_count_limit=3, recycle=(BUSY,), dial_level=3.0)
    spent = [await floor.lead(f"727555011{number}", called_count=3, rank=9) for number in range(9)]
    pushed = await floor.lead("7275550120", called_count=4, status="SALE")
    last = await floor.lead("7275550101", called_count=2)
    await floor.hop(pushed)
    await floor.ready()
    await floor.dials("7275550101")
    assert await floor.row(pushed) is None
    assert [(await floor.get(lead)).called_since_last_reset for lead in spent] == ["Y"] * 9
    await busy(floor)
    assert await floor.row(last) is None
    await floor.campaign(dial_level=3.0)
    await floor.core.db.write(
        lambda tx: tx.conn.execute(update(leads).values(called_since_last_reset="N").where(leads.c.rank == 9))
    )
    floor.core.dialer.wake("RATIO")
    await floor.dials("7275550101", "7275550110", "7275550111", "7275550112")
