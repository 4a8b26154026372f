"""What calls make of their leads."""

from __future__ import annotations

from typing import Any

import pytest
from core_bench import CUSTOMER, Bench, ami_event

from bridge.ami.events import DialEnd, Hangup
from bridge.calls.errors import Refused
from bridge.calls.signals import AgentStatus
from bridge.errors import DialRefused
from bridge.leads.model import Lead, NewLead
from bridge.services import DialRequest
from bridge.turn import Turn, Turns


async def add(bench: Bench, **fields: Any) -> int:
    return await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER, **fields))


async def of(bench: Bench, lead_id: int) -> Lead:
    found = await bench.core.leads.get(lead_id)
    assert found is not None
    return found


async def dial(bench: Bench, user: str = "1000", **wish: Any) -> str:
    request = DialRequest(**({"number": ""} | wish))
    return (await bench.core.agent_commands.dial(user, request)).id


async def test_a_lead_is_in_call_as_soon_as_it_is_dialled(bench: Bench) -> None:
    lead_id = await add(bench, called_count=2)
    await bench.log_in()
    call = await bench.call(await dial(bench, lead_id=lead_id))
    lead = await of(bench, lead_id)
    assert (lead.status, lead.called_count, lead.called_since_last_reset) == ("INCALL", 3, "Y")
    assert (lead.user, lead.last_local_call_time) == ("1000", call.asked_at)


async def test_the_disposition_is_the_leads_status(bench: Bench) -> None:
    lead_id = await add(bench)
    await bench.log_in("1000", "WRAPUP")
    call_id = await dial(bench, lead_id=lead_id)
    await bench.happens(ami_event(DialEnd, Uniqueid=call_id, DestUniqueid="cust", DialStatus="ANSWER"))
    await bench.happens(ami_event(Hangup, Uniqueid=call_id, Cause=16))
    assert (await of(bench, lead_id)).status == "INCALL", "her word is waited for"
    await bench.core.agent_commands.set_status("1000", "SALE", callback=None, asked_by="")
    assert (await of(bench, lead_id)).status == "SALE"


async def test_what_the_network_says_is_the_leads_status(bench: Bench) -> None:
    lead_id = await add(bench)
    call = await bench.dial(number="", lead_id=lead_id)
    assert (await of(bench, lead_id)).status == "INCALL"
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=17))
    assert (await of(bench, lead_id)).status == (await bench.call(call.id)).status == "AB"


async def test_a_refused_call_says_nothing_of_the_lead(bench: Bench) -> None:
    lead_id = await add(bench)
    await bench.log_in()
    with pytest.raises(DialRefused):
        await dial(bench, lead_id=lead_id, number="911")
    lead = await of(bench, lead_id)
    assert (lead.status, lead.called_count, lead.called_since_last_reset) == ("NEW", 0, "N")


async def test_a_lead_that_was_dialled_without_one_is_called(bench: Bench) -> None:
    await bench.log_in()
    call = await bench.call(await dial(bench, number=CUSTOMER))
    assert call.lead_id is not None
    assert (await of(bench, call.lead_id)).status == "INCALL"


async def test_a_second_word_after_the_disposition_changes_nothing(bench: Bench) -> None:
    lead_id = await add(bench)
    call = await bench.dial(number="", lead_id=lead_id)
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=17))

    async def late(turn: Turn) -> object:
        return await bench.core.calls.signal(turn, call.id, AgentStatus(at=turn.at, status="SALE"))

    with pytest.raises(Refused):
        await Turns(bench.core.db).run(late)
    assert (await of(bench, lead_id)).status == "AB"
