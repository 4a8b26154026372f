"""Deliveries on both databases, to a web server that fails, hangs, redirects and is slow."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from delivery_world import Clock, Hook, Request, emit, hook, lead, running, settled, tried
from structlog.testing import capture_logs

from bridge.delivery.model import DeliveryState
from bridge.delivery.service import Deliveries
from bridge.events.log import EventLog
from bridge.events.queries import advance
from bridge.store.database import Database, Transaction


def leads(hook: Hook) -> list[int]:
    """What it was told, in its order."""
    return [int(request.query["lead"]) for request in hook.asked]


async def test_each_event_is_told_once_and_what_became_of_it_is_kept(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        await emit(db, lead(101), lead(102), lead(201))
        found = await settled(db, 3)
    assert sorted(leads(crm)) == [101, 102, 201]
    assert [(each.state, each.status, each.attempts, each.error) for each in found] == [
        ("done", 200, 1, "")
    ] * 3
    assert {each.url for each in found} == {f"{crm.url}/in?lead=***"}
    ids = {request.headers["X-Delivery-Id"] for request in crm.asked}
    assert ids == {each.id for each in found}
    (one,) = await Deliveries(db).of_call("call-2")
    assert (one.lead_id, one.kind, one.source) == (201, "lead", "plain")


async def test_none_is_sent_again_while_the_others_end(db: Database) -> None:
    """Each end wakes a look at what is due, in which the next end falls."""
    wanted = [100 * subject for subject in range(1, 9)]
    async with hook() as crm, running(db, crm.url):
        for turn in range(12):
            await emit(db, *(lead(subject + turn) for subject in wanted))
        await settled(db, 12 * len(wanted))
    assert len(leads(crm)) == len(set(leads(crm))) == 12 * len(wanted)


async def test_what_was_before_the_first_start_is_not_told(db: Database) -> None:
    await emit(db, lead(101))
    async with hook() as crm, running(db, crm.url):
        await emit(db, lead(102))
        await settled(db, 1)
    assert leads(crm) == [102]


async def test_a_failure_is_tried_again_until_it_is_taken(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        answers = [503, 404, 302, 200]

        async def answer(request: Request) -> bytes:
            return await crm.say(answers.pop(0), "Location: http://169.254.169.254/")(request)

        crm.answer = answer
        await emit(db, lead(101))
        (found,) = await settled(db, 1)
    assert (found.state, found.attempts, found.status) == (DeliveryState.DONE, 4, 200)
    assert len({request.headers["X-Delivery-Id"] for request in crm.asked}) == 1
    assert [request.headers["X-Delivery-Attempt"] for request in crm.asked] == ["1", "2", "3", "4"]


async def test_after_a_day_it_has_failed_and_can_be_tried_again(db: Database) -> None:
    clock = Clock()
    async with hook() as crm:
        crm.answer = crm.say(500)
        async with running(db, crm.url, first_pause=3600, clock=clock) as _:
            await emit(db, lead(101), lead(102))
            (waiting, _) = await settled(db, 2, DeliveryState.PENDING)
            await crm.until(1)
            assert leads(crm) == [101], "the second of its subject waits for the first"
        clock.ahead = timedelta(days=2)
        async with running(db, crm.url, clock=clock):
            found = await settled(db, 2, DeliveryState.FAILED)
            assert [each.error for each in found] == ["answered 500", "answered 500"]
            crm.answer = crm.say(204)
            deliveries = Deliveries(db, clock=clock)
            assert await deliveries.retry(waiting.id)
            (done,) = await settled(db, 1, DeliveryState.DONE)
            assert (done.id, done.status) == (waiting.id, 204)
            assert not await deliveries.retry(waiting.id), "what was taken is not sent again"
            assert not await deliveries.retry("nothing")
    events = (await EventLog(db).read_after(0)).records
    assert [each.type for each in events if each.subject == f"deliveries/{waiting.id}"] == [
        "delivery.failed",
        "delivery.retried",
    ]


async def test_what_is_told_of_one_subject_is_told_in_its_order(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        failures = {101: 2}

        async def answer(request: Request) -> bytes:
            number = int(request.query["lead"])
            left = failures.get(number, 0)
            failures[number] = left - 1
            return await crm.say(500 if left > 0 else 200)(request)

        crm.answer = answer
        await emit(db, lead(101), lead(102), lead(103), lead(201))
        await settled(db, 4, DeliveryState.DONE)
    assert [number for number in leads(crm) if number < 200] == [101, 101, 101, 102, 103]
    assert leads(crm).index(201) < leads(crm).index(102), "another subject does not wait"


async def test_so_many_at_a_time_and_a_host_that_hangs_holds_up_no_other(db: Database) -> None:
    async with hook() as crm, hook() as other, running(db, crm.url, other=other.url, per_host=2):
        opened = asyncio.Event()

        async def answer(request: Request) -> bytes:
            await opened.wait()
            return await crm.say(200)(request)

        crm.answer = answer
        await emit(db, *(lead(number * 100) for number in range(1, 7)))
        await crm.until(2)
        await emit(db, lead(901))
        await other.until(1)
        assert crm.under_way == crm.most == 2
        opened.set()
        await settled(db, 7, DeliveryState.DONE)
    assert crm.most == 2


async def test_one_that_hangs_is_given_up_in_time_and_tried_again(db: Database) -> None:
    async with hook() as crm, running(db, crm.url, seconds=0.3):
        hanging = asyncio.Event()

        async def answer(request: Request) -> bytes:
            if len(crm.asked) == 1:
                await hanging.wait()
            return await crm.say(200)(request)

        crm.answer = answer
        await emit(db, lead(101))
        (found,) = await settled(db, 1)
        hanging.set()
    assert (found.state, found.attempts) == (DeliveryState.DONE, 2)


async def test_killed_between_send_and_mark_it_is_sent_again_with_the_same_id(db: Database) -> None:
    async with hook() as crm:
        stuck = asyncio.Event()

        async def answer(request: Request) -> bytes:
            await stuck.wait()
            return await crm.say(200)(request)

        crm.answer = answer
        async with running(db, crm.url):
            await emit(db, lead(101), lead(102))
            await crm.until(1)
        crm.answer = crm.say(200)
        async with running(db, crm.url):
            await settled(db, 2, DeliveryState.DONE)
        stuck.set()
    assert leads(crm) == [101, 101, 102]
    assert crm.asked[0].headers["X-Delivery-Id"] == crm.asked[1].headers["X-Delivery-Id"]


async def test_events_that_are_read_again_make_no_second_delivery(db: Database) -> None:
    async with hook() as crm:
        async with running(db, crm.url):
            await emit(db, lead(101))
            await settled(db, 1)

        async def back(tx: Transaction) -> None:
            await tx.conn.exec_driver_sql("DELETE FROM sink_cursors")
            await advance(tx.conn, "deliveries:plain", 0, datetime.now(UTC))

        await db.write(back)
        async with running(db, crm.url):
            await emit(db, lead(102))
            await settled(db, 2)
    assert leads(crm) == [101, 102]


async def test_what_came_while_the_bridge_was_down_is_told(db: Database) -> None:
    async with hook() as crm:
        async with running(db, crm.url):
            pass
        await emit(db, *(lead(number) for number in range(101, 110)))
        async with running(db, crm.url):
            await settled(db, 9)
    assert leads(crm) == list(range(101, 110))


async def test_an_event_that_breaks_the_source_stops_no_other(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        with capture_logs() as logs:
            await emit(db, lead(13), lead(101))
            await settled(db, 1)
    assert leads(crm) == [101]
    assert [line["error"] for line in logs if line["log_level"] == "error"] == ["RuntimeError"]


async def test_a_private_address_is_never_reached_and_nothing_personal_is_logged(db: Database) -> None:
    with capture_logs() as logs:
        async with running(db, "http://10.0.0.1"):
            await emit(db, lead(101))
            found = await tried(db)
    assert "no public address" in found.error
    assert "lead=101" not in f"{logs} {found}"


async def test_what_is_settled_is_kept_for_a_while(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        await emit(db, lead(101))
        await settled(db, 1)
        crm.answer = crm.say(500)
        await emit(db, lead(102))
        await crm.until(2)
        assert await Deliveries(db).trim(datetime.now(UTC) - timedelta(days=30)) == 0
        assert await Deliveries(db).trim(datetime.now(UTC) + timedelta(days=1)) == 1
        (left,) = await Deliveries(db).page()
    assert left.lead_id == 102


async def test_pages_with_the_newest_first(db: Database) -> None:
    async with hook() as crm, running(db, crm.url):
        await emit(db, *(lead(number * 100) for number in range(1, 6)))
        await settled(db, 5)
    deliveries = Deliveries(db)
    first = await deliveries.page(limit=2)
    rest = await deliveries.page(limit=9, before=first[-1].id)
    everything = [each.id for each in first + rest]
    assert everything == sorted(everything, reverse=True)
    assert len(everything) == 5
    assert await deliveries.page(states=[DeliveryState.FAILED]) == []
    assert [each.call_id for each in await deliveries.page(call_id="call-3")] == ["call-3"]


@pytest.mark.parametrize("after", ["7200", "x", "-5", "999999999"])
async def test_a_busy_host_says_when(db: Database, after: str) -> None:
    async with hook() as crm, running(db, crm.url, first_pause=1):
        crm.answer = crm.say(429, f"Retry-After: {after}")
        await emit(db, lead(101))
        found = await tried(db)
    assert found.next_at is not None
    seconds = (found.next_at - datetime.now(UTC)).total_seconds()
    assert (3500 < seconds <= 3600) if after == "7200" else seconds <= 1
