"""A promise is kept by the call that has its disposition: on both stores, with what is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from core_bench import CUSTOMER, Bench, ami_event
from sqlalchemy import select

from bridge.ami.events import DialEnd, Hangup
from bridge.calls import signals
from bridge.errors import DialRefused
from bridge.events.catalogue import decode
from bridge.leads.adding import ToCallBack
from bridge.leads.callbacks import Callback
from bridge.leads.model import NewLead
from bridge.services import Callback as Asked
from bridge.services import DialRequest
from bridge.store.schema import events
from bridge.turn import Turn, Turns

DUE = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


async def promised(bench: Bench, user: str = "1000") -> tuple[int, str]:
    """A lead that waits for a call; the callback's id."""
    lead_id = await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
    wish = ToCallBack(campaign="TEST", at="later", due_at=DUE, user=user)
    made = await bench.core.lead_desk.promise(lead_id, wish)
    assert made is not None
    return lead_id, made.callback.call_id


async def called(bench: Bench, lead_id: int, campaign: str = "WRAPUP") -> str:
    """Agent 1000 talks to the lead."""
    await bench.log_in("1000", campaign)
    call = await bench.core.agent_commands.dial("1000", DialRequest(number="", lead_id=lead_id))
    await bench.happens(ami_event(DialEnd, Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER"))
    return call.id


async def hung_up(bench: Bench, call_id: str, cause: int = 16) -> None:
    await bench.happens(ami_event(Hangup, Uniqueid=call_id, Cause=cause))


async def word(bench: Bench, status: str, callback: Asked | None = None) -> None:
    await bench.core.agent_commands.set_status("1000", status, callback=callback, asked_by="")


async def of(bench: Bench, callback_id: str) -> Callback:
    found = await bench.core.lead_desk.callback(callback_id)
    assert found is not None
    return found


async def told(bench: Bench, callback_id: str) -> list[Any]:
    """Its events, as they are decoded."""
    of_it = events.c.subject == f"callbacks/{callback_id}"
    async with bench.core.db.read() as conn:
        rows = await conn.execute(select(events.c.type, events.c.data).where(of_it).order_by(events.c.seq))
        return [decode(row.type, row.data) for row in rows]


async def test_the_agents_word_keeps_it(any_bench: Bench) -> None:
    lead_id, key = await promised(any_bench)
    call_id = await called(any_bench, lead_id)
    await hung_up(any_bench, call_id)
    assert not (await of(any_bench, key)).archived, "her word is waited for"
    await word(any_bench, "SALE")
    kept = await of(any_bench, key)
    assert (kept.archived, kept.state, kept.done_call) == (True, "INACTIVE", call_id)
    made, done = await told(any_bench, key)
    assert (made.type, done.type) == ("callback.made", "callback.done")
    assert msgspec.to_builtins(done) | {"due_at": None} == {
        "callback_id": key,
        "lead_id": lead_id,
        "campaign": "TEST",
        "user": "1000",
        "status": "CALLBK",
        "due_at": None,
        "call_id": call_id,
        "call_status": "SALE",
        "called_by": "1000",
    }
    assert done.due_at == DUE


async def by_the_api(bench: Bench, call_id: str) -> None:
    await hung_up(bench, call_id)
    await bench.core.call_commands.dispose(call_id, "NI", asked_by="")


async def by_itself(bench: Bench, call_id: str) -> None:
    """Wrap-up is over: the campaign's default."""
    await hung_up(bench, call_id)

    async def over(turn: Turn) -> None:
        await bench.core.calls.signal(turn, call_id, signals.WrapupOver(at=turn.at))

    await Turns(bench.core.db).run(over)


async def before_the_end(bench: Bench, call_id: str) -> None:
    await word(bench, "SALE")
    await hung_up(bench, call_id)


@pytest.mark.parametrize("way", [by_the_api, by_itself, before_the_end])
async def test_so_does_whoever_else_disposes_of_a_talk(
    bench: Bench, way: Callable[[Bench, str], Awaitable[None]]
) -> None:
    lead_id, key = await promised(bench, user="")
    call_id = await called(bench, lead_id)
    await way(bench, call_id)
    assert (await bench.call(call_id)).status
    assert (await of(bench, key)).done_call == call_id


async def test_another_agents_call_keeps_it_too(bench: Bench) -> None:
    lead_id, key = await promised(bench, user="1001")
    await hung_up(bench, await called(bench, lead_id))
    await word(bench, "SALE")
    done = (await told(bench, key))[-1]
    assert (done.user, done.called_by) == ("1001", "1000")


@pytest.mark.parametrize("cause", [17, 19, 1], ids=["busy", "no answer", "no such number"])
async def test_what_the_network_says_keeps_none(any_bench: Bench, cause: int) -> None:
    lead_id, key = await promised(any_bench, user="")
    call = await any_bench.dial(number="", lead_id=lead_id)
    await hung_up(any_bench, call.id, cause)
    assert (await any_bench.call(call.id)).status, "it has its disposition"
    assert not (await of(any_bench, key)).archived
    assert [one.type for one in await told(any_bench, key)] == ["callback.made"]


async def test_her_own_try_without_an_answer_keeps_none_until_she_says_so(bench: Bench) -> None:
    lead_id, key = await promised(bench)
    await bench.log_in("1000", "TEST")
    call = await bench.core.agent_commands.dial("1000", DialRequest(number="", lead_id=lead_id))
    report = signals.Report(at=datetime.now(UTC), cause=17, dial_status="BUSY")
    await bench.core.calls.report(call.id, report, machine="", dropped=False)
    assert (await bench.call(call.id)).status == "AB"
    assert not (await of(bench, key)).archived


async def test_a_new_promise_takes_the_place_of_the_old_one(any_bench: Bench) -> None:
    lead_id, key = await promised(any_bench)
    call_id = await called(any_bench, lead_id)
    await word(any_bench, "CALLBK", Asked(at="2030-12-01 10:00:00", anyone=False))
    await hung_up(any_bench, call_id)
    assert (await of(any_bench, key)).done_call == call_id
    standing = await any_bench.core.lead_desk.callbacks(lead_id, archived=False)
    assert [(one.call_id, one.user, one.asked) for one in standing] == [
        (call_id, "1000", "2030-12-01 10:00:00")
    ]
    assert [one.type for one in await told(any_bench, call_id)] == ["callback.made"]


@pytest.mark.parametrize("first", ["her word", "the end"])
@pytest.mark.parametrize(
    ("at", "status"),
    [("2030-12-01 10:00:00", "CBHOLD"), ("2020-12-01 10:00:00", "CALLBK"), ("tomorrow at ten", "CALLBK")],
    ids=["later", "past", "unread"],
)
async def test_a_lead_that_is_to_be_called_back_later_waits_for_that(
    any_bench: Bench, first: str, at: str, status: str
) -> None:
    lead_id = await any_bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
    call_id = await called(any_bench, lead_id)
    steps = [
        partial(word, any_bench, "CALLBK", Asked(at=at, anyone=True)),
        partial(hung_up, any_bench, call_id),
    ]
    for step in steps if first == "her word" else reversed(steps):
        await step()
    lead = await any_bench.core.leads.get(lead_id)
    assert lead is not None
    assert (lead.status, (await any_bench.call(call_id)).status) == (status, "CALLBK")


async def test_a_status_that_asks_for_one_without_a_time_leaves_the_old_one(bench: Bench) -> None:
    lead_id, key = await promised(bench)
    await hung_up(bench, await called(bench, lead_id))
    await word(bench, "CALLBK")
    assert not (await of(bench, key)).archived


async def test_another_disposition_takes_back_what_was_promised_in_the_call(bench: Bench) -> None:
    lead_id = await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
    call_id = await called(bench, lead_id)
    for day in ("2030-12-01 10:00:00", "2030-12-02 10:00:00"):
        await word(bench, "CALLBK", Asked(at=day, anyone=False))
    await word(bench, "SALE")
    made, changed, gone = await told(bench, call_id)
    assert (made.type, changed.fields, gone.why) == ("callback.made", ("due_at",), "disposition")
    assert (gone.user, gone.due_at) == ("1000", changed.due_at)


async def test_a_refused_dial_keeps_none(bench: Bench) -> None:
    lead_id, key = await promised(bench)
    await bench.core.leads.add_dnc(CUSTOMER, by="test")
    await bench.log_in()
    with pytest.raises(DialRefused):
        await bench.core.agent_commands.dial("1000", DialRequest(number="", lead_id=lead_id))
    assert not (await of(bench, key)).archived
