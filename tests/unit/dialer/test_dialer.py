"""The automatic dialler on a real store: what it dials, when, and what it never dials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_bench import Bench, eventually, refused
from dialer_bench import FAST, Floor, dialling, furnished

from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.state import LinkState
from bridge.calls.model import CallKind, CallState
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.model import DialMethod, Trunk
from bridge.dialer import trunks
from bridge.dialer.model import HopperStatus, Source
from bridge.events.catalogue import AsteriskUp, LeadsImported
from bridge.imports import queries as imports
from bridge.leads.model import LeadList, NewLead
from bridge.rules import Refusal, Rule
from bridge.store.database import Transaction


@pytest.fixture
async def floor(bench: Bench) -> AsyncIterator[Floor]:
    made = await furnished(bench)
    async with dialling(bench.core):
        yield made


async def test_a_lead_in_the_hopper_rings_at_once(floor: Floor) -> None:
    lead = await floor.lead()
    await floor.ready()
    await floor.dials("7275550100")
    call = (await floor.calls())[-1]
    assert (call.kind, call.state, call.lead_id) == (CallKind.AUTO, CallState.SENT, lead)
    assert (call.campaign, call.trunk) == ("RATIO", "carrier")
    found = await floor.get(lead)
    assert (found.status, found.called_count, found.called_since_last_reset) == ("INCALL", 1, "Y")
    assert await floor.row(lead) is None


async def test_a_lead_that_comes_while_an_agent_waits_rings_at_once(floor: Floor) -> None:
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    lead = await floor.lead("7275550101", list_id=998, status="SALE")
    await floor.hop(lead)
    await floor.dials("7275550101")


async def test_a_new_lead_of_the_list_needs_nobody_to_put_it_in(floor: Floor) -> None:
    await floor.ready()
    await floor.quiet()
    await floor.lead()
    await floor.dials("7275550100")


async def test_leads_of_an_import_are_dialled_as_soon_as_their_rows_are_in(floor: Floor) -> None:
    async def work(tx: Transaction) -> None:
        new = NewLead(list_id=101, phone_number="7275550100", phone_code="1")
        await imports.add_leads(tx.conn, [new], tx.now)
        tx.emit(LeadsImported(import_id="x", list_id=101, added=1, refused=0, row=1, of_rows=9))

    await floor.ready()
    await floor.quiet()
    await floor.core.db.write(work)
    await floor.dials("7275550100")


async def test_nobody_is_called_without_an_agent(floor: Floor) -> None:
    await floor.hop(await floor.lead())
    await floor.bench.log_in("1000", "RATIO")
    await floor.quiet()
    assert floor.dialled == []


async def test_by_priority(floor: Floor) -> None:
    for number, priority in (("7275550101", 0), ("7275550102", 50), ("7275550103", 25)):
        await floor.hop(await floor.lead(number, status="SALE"), priority=priority)
    await floor.ready()
    await floor.dials("7275550102")


@pytest.mark.parametrize("method", [DialMethod.MANUAL, DialMethod.INBOUND_MAN])
async def test_methods_that_dial_nothing_by_themselves(floor: Floor, method: DialMethod) -> None:
    await floor.campaign(dial_method=method)
    await floor.hop(await floor.lead())
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    await floor.campaign()  # the change wakes
    await floor.dials("7275550100")


@pytest.mark.parametrize("method", ["ADAPT_AVERAGE", "ADAPT_HARD_LIMIT", "ADAPT_TAPERED"])
async def test_adaptive_methods_place_one_call_for_each_agent_while_nothing_is_known(
    floor: Floor, method: str
) -> None:
    await floor.campaign(dial_method=DialMethod(method), dial_level=3.0)
    for number in ("7275550101", "7275550102", "7275550103"):
        await floor.lead(number)
    await floor.ready()
    await floor.dials("7275550101")


@pytest.mark.parametrize("fields", [{"active": False}, {"trunk": "gone"}, {"trunk": ""}, {"dial_level": 0.0}])
async def test_a_campaign_that_is_switched_off_or_has_no_trunk(floor: Floor, fields: dict[str, Any]) -> None:
    await floor.ready()
    await floor.quiet()  # no look goes on with the campaign as it was
    await floor.campaign(**fields)
    await floor.hop(await floor.lead())
    await floor.quiet()
    assert floor.dialled == []
    await floor.campaign()
    await floor.dials("7275550100")


async def test_a_hopper_that_holds_less_than_is_wanted_is_filled_until_there_is_enough(floor: Floor) -> None:
    await floor.campaign(dial_level=5.0, hopper_level=2)
    numbers = [f"727555010{n}" for n in range(6)]
    for number in numbers:
        await floor.lead(number)
    await floor.ready()
    await floor.dials(*numbers[:5])


async def test_level_is_lines_for_each_agent_who_waits(floor: Floor) -> None:
    await floor.campaign(dial_level=2.0)
    for number in range(5):
        await floor.lead(f"727555010{number}")
    await floor.ready()
    await floor.dials("7275550100", "7275550101")
    await floor.end(next(call for call in await floor.calls() if call.number == "7275550101"))
    await floor.dials("7275550100", "7275550101", "7275550102")
    assert {(await floor.get(lead)).status for lead in (2,)} <= {"AB", "INCALL"}


async def test_an_agent_with_a_customer_is_not_dialled_for(floor: Floor) -> None:
    await floor.lead("7275550100")
    await floor.lead("7275550101")
    await floor.ready()
    await floor.dials("7275550100")
    (call,) = [call for call in await floor.calls() if call.kind is CallKind.AUTO]
    decision = await floor.core.desk.call_answered(call.id, "")
    assert decision.action == "room"
    await floor.quiet()
    assert len(floor.dialled) == 1
    await floor.end(call, 16)
    await floor.dials("7275550100", "7275550101")


async def test_whoever_must_not_be_called_is_not_and_the_next_is(floor: Floor) -> None:
    await floor.core.leads.add_dnc("7275550100")
    await floor.core.leads.add_dnc("7275550101", campaign="RATIO")
    barred = [await floor.lead(f"727555010{number}") for number in range(2)]
    abroad = await floor.lead("301234567", phone_code="49")
    free = await floor.lead("7275550103")
    await floor.ready()
    await floor.dials("7275550103")
    assert [(await floor.get(lead)).status for lead in (*barred, abroad, free)] == [
        *("DNCL", "DNCC", "ADC", "INCALL")
    ]
    assert (await floor.get(barred[0])).called_count == 0
    told = await floor.bench.told()
    assert told.count("call.refused") == 3
    assert told.count("hopper.removed") == 3
    assert [await floor.row(lead) for lead in (*barred, abroad)] == [None] * 3


async def test_a_lead_that_is_being_called_is_not_called_twice(floor: Floor) -> None:
    lead = await floor.lead(status="SALE")
    await floor.bench.dial("TEST", lead_id=lead)
    assert len(floor.dialled) == 1
    await floor.hop(lead)
    await floor.hop(await floor.lead("7275550101", status="SALE"))
    await floor.ready()
    await floor.dials("7275550100", "7275550101")
    assert await floor.row(lead) is None


async def test_a_lead_whose_status_has_changed_in_the_hopper(floor: Floor) -> None:
    lead = await floor.lead(status="SALE")
    await floor.hop(lead, source=Source.STANDARD)
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    assert await floor.row(lead) is None


async def test_a_lead_that_is_gone(floor: Floor) -> None:
    await floor.hop(4711)
    await floor.hop(await floor.lead("7275550101", status="SALE"))
    await floor.ready()
    await floor.dials("7275550101")


async def test_the_other_number_of_a_lead(floor: Floor) -> None:
    await floor.hop(await floor.lead("7275550101", status="SALE", alt_phone="7275550102"), alt="ALT")
    await floor.hop(await floor.lead("7275550103", status="SALE"), alt="ALT")
    await floor.ready()
    await floor.dials("7275550102")


async def test_what_asterisk_refuses_is_in_the_hopper_again_and_was_no_call(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trunks, "FIRST_PAUSE", 0.2)
    floor.bench.ami.fails["Originate"] = refused("Permission denied")
    lead = await floor.lead(owner="me")
    await floor.hop(lead, priority=7)
    await seat(floor)

    async def came_back() -> bool:
        found = await floor.get(lead)
        return bool(floor.dialled) and found.status == "NEW" and await floor.row(lead) is not None

    await eventually(came_back)
    found, row = await floor.get(lead), await floor.row(lead)
    assert (found.status, found.called_count, found.called_since_last_reset) == ("NEW", 0, "N")
    assert row is not None
    assert (row.priority, row.source) == (7, Source.API)
    floor.bench.ami.fails.clear()

    async def placed() -> bool:
        return (await floor.get(lead)).called_count == 1

    await eventually(placed)
    assert await floor.row(lead) is None


async def test_asterisk_that_refuses_all_is_left_alone(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trunks, "FIRST_PAUSE", 60.0)
    floor.bench.ami.fails["Originate"] = refused()
    await floor.campaign(dial_level=3.0)
    for number in range(9):
        await floor.lead(f"727555010{number}")
    await seat(floor)
    await floor.quiet()
    assert 1 <= len(floor.dialled) <= 3
    await floor.hop(await floor.lead("7275550110", status="SALE"))
    await floor.quiet()
    assert len(floor.dialled) <= 3


async def seat(floor: Floor) -> None:
    """An agent who is ready, whatever Asterisk says to the call for her phone."""
    fails, floor.bench.ami.fails = floor.bench.ami.fails, {}
    await floor.bench.log_in("1000", "RATIO")
    floor.bench.ami.fails = fails
    await floor.core.agent_commands.resume("1000", asked_by="")


async def test_an_originate_with_an_unknown_end_is_never_sent_again(floor: Floor) -> None:
    floor.bench.ami.fails["Originate"] = OutcomeUnknown()
    lead = await floor.lead()
    await seat(floor)
    await floor.dials("7275550100")
    floor.bench.ami.fails.clear()
    await floor.quiet()
    assert len(floor.dialled) == 1
    assert await floor.row(lead) is None
    assert (await floor.calls())[-1].state is CallState.UNKNOWN


async def test_without_a_link_nothing_is_written_and_with_it_all_is_dialled(floor: Floor) -> None:
    await floor.bench.ready("1000", "RATIO")
    await floor.quiet()  # no look goes on that has found a link
    floor.bench.ami.state = LinkState.BACKING_OFF
    lead = await floor.lead()
    await floor.hop(lead)
    await floor.quiet()
    row = await floor.row(lead)
    assert row is not None
    assert row.status is HopperStatus.READY
    assert floor.dialled == []
    floor.bench.ami.state = LinkState.UP

    async def up(tx: Any) -> None:
        tx.emit(AsteriskUp(asterisk="main"))

    await floor.core.db.write(up)
    await floor.dials("7275550100")


async def test_a_link_lost_before_the_originate(floor: Floor) -> None:
    floor.bench.ami.fails["Originate"] = NotConnected()
    lead = await floor.lead()
    await seat(floor)

    async def came_back() -> bool:
        return (await floor.get(lead)).status == "NEW" and await floor.row(lead) is not None

    await eventually(came_back)


async def test_a_trunk_has_so_many_lines(floor: Floor) -> None:
    await floor.core.site.put(
        Trunk(name="carrier", template="PJSIP/{number}@carrier", calls_per_second=1000, max_calls=2)
    )
    await floor.campaign(dial_level=3.0)
    for number in range(4):
        await floor.lead(f"727555010{number}")
    await floor.ready()
    await floor.dials("7275550100", "7275550101")
    await floor.end((await floor.calls())[-1])
    await floor.dials("7275550100", "7275550101", "7275550102")
    await floor.core.site.put(FAST)
    await floor.dials("7275550100", "7275550101", "7275550102", "7275550103")


async def test_a_trunk_takes_so_many_calls_a_second(floor: Floor) -> None:
    await floor.core.site.put(Trunk(name="carrier", template="PJSIP/{number}@carrier", calls_per_second=2))
    await floor.campaign(dial_level=3.0)
    for number in range(3):
        await floor.lead(f"727555010{number}")
    await floor.ready()
    await floor.dials("7275550100", "7275550101")
    await floor.dials("7275550100", "7275550101", "7275550102")


async def test_held_until_its_time(floor: Floor) -> None:
    lead = await floor.lead(status="SALE")
    await floor.hop(lead, due_at=datetime.now(UTC) + timedelta(seconds=0.4))
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    await floor.dials("7275550100")


async def test_outside_her_hours_a_lead_waits_and_the_next_is_called(floor: Floor) -> None:
    """Neither is she refused nor counted: her hour comes."""
    night = (datetime.now(UTC).astimezone(floor.core.settings.site.zone) + timedelta(hours=2)).hour
    later = f"{night:02}:00-{night:02}:30"
    await floor.core.site.put(CallTime(name="law-US-FL", hours=later, source="the test"))
    asleep = await floor.lead("7275550100")
    await floor.hop(asleep)
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    row, lead = await floor.row(asleep), await floor.get(asleep)
    assert row is not None
    assert row.status is HopperStatus.HOLD
    assert row.due_at is not None
    assert timedelta(0) < row.due_at - datetime.now(UTC) <= timedelta(hours=1)
    assert (lead.status, lead.called_count) == ("NEW", 0)
    assert (await floor.bench.told()).count("hopper.held") == 1
    await floor.hop(await floor.lead("2125550101"))
    await floor.dials("2125550101")


async def test_a_campaign_that_has_abandoned_too_many_leaves_its_leads_in_place(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped(*_: object) -> Refusal:
        return Refusal(rule=Rule.DROP_LIMIT, why="3 % were abandoned", source="the test")

    with monkeypatch.context() as patch:
        patch.setattr(floor.core.intents, "judge", stopped)
        leads = [await floor.lead(f"727555010{number}", status="SALE") for number in range(3)]
        for lead in leads:
            await floor.hop(lead)
        await floor.ready()
        await floor.quiet()
        rows = [await floor.row(lead) for lead in leads]
    assert [row.status for row in rows if row is not None] == [HopperStatus.READY] * 3
    assert floor.dialled == []
    await floor.campaign(dial_level=1.5)
    await floor.dials("7275550100", "7275550101")


async def test_a_list_that_is_switched_on(floor: Floor) -> None:
    await floor.core.site.put(LeadList(id=101, campaign="RATIO", active=False))
    await floor.lead()
    await floor.ready()
    await floor.quiet()
    assert floor.dialled == []
    await floor.core.site.put(LeadList(id=101, campaign="RATIO"))
    await floor.dials("7275550100")


async def test_killed_between_pull_and_intent_the_lead_comes_back(bench: Bench) -> None:
    floor = await furnished(bench)
    lead = await floor.lead(status="SALE")
    await floor.hop(lead)
    await bench.core.db.write(lambda tx: bench.core.hopper.pull(tx, "RATIO", 5, "before"))
    await floor.ready()
    async with dialling(bench.core):
        await floor.dials("7275550100")
    assert await floor.row(lead) is None


async def test_killed_between_intent_and_originate_it_is_not_dialled_again(bench: Bench) -> None:
    """The row is gone with the commit that writes the call; what became of that, Asterisk is asked."""
    floor = await furnished(bench)
    lead = await floor.lead()

    async def died(*_: object) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.core.calls, "_send", died)
        await floor.ready()
        with pytest.raises(RuntimeError):
            await bench.core.dialer._look("RATIO")
    assert await floor.row(lead) is None
    await bench.core.calls.restore()
    async with dialling(bench.core):
        await floor.quiet()
    assert floor.dialled == []
    assert (await floor.calls())[-1].state is CallState.UNKNOWN
