"""Events reach the webhooks that want them: signed, in order, until they are taken."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from delivery_world import Clock, Hook, Request, emit, eventually, hook, lead, running, settled
from msgspec.structs import replace
from sqlalchemy import delete

from bridge.calls.model import CallState
from bridge.campaigns import service
from bridge.campaigns.service import Site
from bridge.delivery.model import DeliveryState
from bridge.events.catalogue import CallRinging
from bridge.secret import Secret
from bridge.store.database import Database, Transaction
from bridge.store.schema import events
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import headers, secret_of
from bridge.webhooks.source import Webhooks

KEY = Secret("k" * 32)
RINGING = CallRinging(
    call_id="c1",
    legacy_id="M1",
    kind="M",
    state=CallState.RINGING,
    number="+17275550199",
    campaign="SALES",
    user="1000",
)


@pytest.fixture
async def receiver() -> AsyncIterator[Hook]:
    async with hook() as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(db: Database) -> Site:
    return Site(db)


@pytest.fixture
def source(db: Database, site: Site, clock: Clock) -> Webhooks:
    return Webhooks(db, site, key=KEY, hash_key=Secret("h" * 32), origin="/agent-bridge/one", clock=clock)


def body(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(request.body)
    return found


def is_signed(request: Request, item: Webhook) -> bool:
    told = request.headers
    at = datetime.fromtimestamp(int(told["webhook-timestamp"]), tz=Clock()().tzinfo)
    expected = headers(secret_of(KEY, item), told["webhook-id"], at, request.body)
    return told["webhook-signature"] == expected["webhook-signature"]


async def test_an_event_comes_signed_in_its_envelope(
    db: Database, site: Site, source: Webhooks, receiver: Hook
) -> None:
    item = Webhook(name="crm", url=f"{receiver.url}/in?tenant=7", types=("call",))
    await site.put(item)
    async with running(db, "", source=source):
        await emit(db, lead(1), RINGING)
        await receiver.until(1)
        await eventually(lambda: len(receiver.answered) == 1)
    (request,) = receiver.asked
    assert (request.method, request.target) == ("POST", "/in?tenant=7")
    assert request.headers["Content-Type"] == "application/cloudevents+json"
    assert is_signed(request, item)
    told = body(request)
    assert (told["type"], told["subject"]) == ("call.ringing", "calls/c1")
    assert told["source"] == "/agent-bridge/one"
    assert told["data"]["number"] == "*0199"


@pytest.mark.parametrize(("how", "number"), [("full", "+17275550199"), ("none", "")])
async def test_a_number_is_shown_as_the_webhook_says(
    db: Database, site: Site, source: Webhooks, receiver: Hook, how: Any, number: str
) -> None:
    await site.put(Webhook(name="crm", url=receiver.url, personal=how))
    async with running(db, "", source=source):
        await emit(db, RINGING)
        await receiver.until(1)
    assert body(receiver.asked[0])["data"]["number"] == number


async def test_what_is_not_taken_comes_again_with_the_same_id_and_a_new_signature(
    db: Database, site: Site, source: Webhooks, receiver: Hook, clock: Clock
) -> None:
    item = Webhook(name="crm", url=receiver.url)
    await site.put(item)
    receiver.answer = receiver.say(500)
    async with running(db, "", source=source, clock=clock):
        await emit(db, RINGING)
        await receiver.until(1)
        clock.ahead = timedelta(seconds=10)
        await receiver.until(2)
        receiver.answer = receiver.say(200)
        await eventually(lambda: receiver.answered[-1].headers["X-Delivery-Attempt"] != "1")
    first, second = receiver.asked[0], receiver.asked[-1]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert first.body == second.body
    assert is_signed(second, item)


async def test_events_of_one_subject_come_in_their_order_and_each_webhook_has_its_own(
    db: Database, site: Site, source: Webhooks, receiver: Hook
) -> None:
    for name in ("one", "two"):
        await site.put(Webhook(name=name, url=f"{receiver.url}/{name}"))
    async with running(db, "", source=source):
        await emit(db, *[replace(RINGING, legacy_id=str(number)) for number in range(10)])
        await receiver.until(20)
    for name in ("one", "two"):
        own = [body(request) for request in receiver.asked if request.target == f"/{name}"]
        told = [event["data"]["legacy_id"] for event in own]
        assert told == [str(number) for number in range(10)]


async def test_no_webhook_is_left_out_behind_the_first_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 2)
    names = [f"hook{number}" for number in range(5)]
    for name in names:
        await site.put(Webhook(name=name, url="https://crm.example/in"))
    assert [item.name for item in await site.webhooks()] == names


async def test_a_webhook_that_is_removed_meanwhile_is_told_nothing_more(
    db: Database, site: Site, source: Webhooks, receiver: Hook
) -> None:
    item = Webhook(name="crm", url=receiver.url)
    await site.put(item)
    receiver.answer = receiver.say(500)
    async with running(db, "", source=source):
        await emit(db, RINGING)
        await receiver.until(1)
        await site.remove(Webhook, item.key)
        found = await settled(db, 1, DeliveryState.FAILED)
    assert "there no more" in found[0].error


async def test_what_waits_goes_to_the_address_and_by_the_secret_that_the_webhook_has_now(
    db: Database, site: Site, source: Webhooks, receiver: Hook
) -> None:
    item = Webhook(name="crm", url=f"{receiver.url}/old")
    await site.put(item)
    receiver.answer = receiver.say(500)
    async with running(db, "", source=source):
        await emit(db, RINGING)
        await receiver.until(1)
        moved = replace(item, url=f"{receiver.url}/new", generation=2, personal="none")
        await site.put(moved)
        await eventually(lambda: receiver.asked[-1].target == "/new")
        count = len(receiver.asked)
        receiver.answer = receiver.say(200)
        await settled(db, 1, DeliveryState.DONE)
    assert {request.target for request in receiver.asked[count - 1 :]} == {"/new"}
    assert is_signed(receiver.asked[-1], moved)
    assert body(receiver.asked[-1])["data"]["number"] == ""


async def test_an_event_past_its_retention_is_given_up(
    db: Database, site: Site, source: Webhooks, receiver: Hook
) -> None:
    await site.put(Webhook(name="crm", url=receiver.url))
    receiver.answer = receiver.say(500)

    async def forget(tx: Transaction) -> None:
        await tx.conn.execute(delete(events).where(events.c.type == RINGING.type))

    async with running(db, "", source=source):
        await emit(db, RINGING)
        await receiver.until(1)
        await db.write(forget)
        found = await settled(db, 1, DeliveryState.FAILED)
    assert "past its retention" in found[0].error


async def test_without_a_key_nothing_is_sent(db: Database, site: Site, receiver: Hook, clock: Clock) -> None:
    source = Webhooks(db, site, key=Secret(), hash_key=Secret(), origin="/", clock=clock)
    await site.put(Webhook(name="crm", url=receiver.url))
    async with running(db, "", source=source):
        await emit(db, RINGING)
        found = await settled(db, 1, DeliveryState.FAILED)
    assert "signing_key" in found[0].error
    assert receiver.asked == []


def test_the_signature_is_base64() -> None:
    told = headers(b"s" * 32, "id", datetime(2026, 11, 27, tzinfo=Clock()().tzinfo), b"{}")
    assert len(base64.b64decode(told["webhook-signature"].partition(",")[2])) == 32
