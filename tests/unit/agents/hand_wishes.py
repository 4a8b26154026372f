"""What agents dial by hand, for the tests of the line format's dials."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from agent_wishes import calls_of
from core_bench import CUSTOMER, Bench, ami_event, eventually
from sqlalchemy import select

from bridge.ami.events import DialEnd
from bridge.calls.model import Call
from bridge.calls.signals import Report
from bridge.campaigns.model import Campaign
from bridge.leads.model import Lead, NewLead
from bridge.services import Dialled, DialRequest
from bridge.store.schema import manual_dials


async def ask(bench: Bench, user: str = "1000", number: str = CUSTOMER, **wish: Any) -> Dialled:
    """As the line format asks: her session has just been read."""
    seen = await bench.session(user)
    return await bench.core.manual.ask(user, DialRequest(number=number, **wish), seen=seen)


async def ask_next(bench: Bench, user: str = "1000", **wish: Any) -> Dialled:
    return await ask(bench, user, "MANUALNEXT", next_lead=True, **wish)


async def campaign(bench: Bench, campaign_id: str = "TEST", **fields: Any) -> None:
    """A campaign with leads of her own."""
    await bench.core.site.put(
        Campaign(
            id=campaign_id,
            trunk="carrier",
            manual_list=998,
            wrapup_seconds=0,
            dial_statuses=("NEW", "NA"),
            **fields,
        )
    )


async def lead(bench: Bench, number: str, **fields: Any) -> int:
    return await bench.core.leads.add(NewLead(list_id=998, phone_number=number, **fields))


async def stored(bench: Bench, lead_id: int) -> Lead:
    found = await bench.core.leads.get(lead_id)
    assert found is not None
    return found


async def answer(bench: Bench, call_id: str) -> None:
    """Let the customer answer."""
    await bench.happens(ami_event(DialEnd, Uniqueid=call_id, DestUniqueid="cust", DialStatus="ANSWER"))


async def ends(bench: Bench, call_id: str, dial_status: str = "ANSWER") -> None:
    """Let a call end, as the dialplan tells it."""
    report = Report(at=datetime.now(UTC), dial_status=dial_status, cause=17 if dial_status == "BUSY" else 16)
    await bench.core.calls.report(call_id, report, machine="", dropped=False)


async def waiting(bench: Bench) -> list[tuple[str, str, str]]:
    """The manual dial queue: agent, number, state."""
    query = select(manual_dials).order_by(manual_dials.c.id)
    async with bench.core.db.read() as conn:
        return [(row.user, row.number, row.state) for row in (await conn.execute(query)).all()]


async def in_call(bench: Bench) -> Call:
    """Agent 1000 of the campaign QUEUE, in a call."""
    await bench.log_in("1000", "QUEUE")
    call = (await ask(bench)).call
    assert call is not None
    await answer(bench, call.id)
    return call


async def dialled(bench: Bench, number: str) -> Call:
    """Her call to a number, as soon as it is there."""

    async def there() -> object:
        return next((call for call in await calls_of(bench) if call.number == number), None)

    await eventually(there)
    return next(call for call in await calls_of(bench) if call.number == number)
