"""What the CRM is told of calls and leads, from the event log to its web server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from delivery_world import HERE, Hook, began, duty, emit, hook, settled

from bridge.access.model import PrincipalKind, UserSpec
from bridge.access.service import Access
from bridge.calls import queries as calls
from bridge.calls.model import Call, CallKind, CallState, StatusSource
from bridge.campaigns.model import Campaign, InGroup
from bridge.campaigns.service import Site
from bridge.crm.urls import CrmUrls
from bridge.delivery.engine import DeliveryEngine
from bridge.delivery.model import DeliveryState
from bridge.delivery.service import Deliveries
from bridge.events.catalogue import CallAnswered, CallBridged, CallDisposed, CallEnded, CallEvent
from bridge.events.log import EventLog
from bridge.ids import legacy_uniqueid, uuid7
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.outgoing import Outgoing
from bridge.store.database import Database, Transaction

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
KINDS = {
    "start_call_url": "start_call",
    "dispo_call_url": "dispo_call",
    "no_agent_call_url": "no_agent",
    "add_lead_url": "add_lead",
}


@asynccontextmanager
async def telling(db: Database, system: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """An engine that tells a CRM."""
    async with Outgoing(allowed=HERE) as http:
        source = CrmUrls(db, Site(db), system or {}, UTC)
        engine = DeliveryEngine(db, EventLog(db), [source], http, duty(), first_pause=0.05)
        task = asyncio.create_task(engine.run())
        try:
            await began(db, "deliveries:crm")
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def urls(base: str, level: str) -> dict[str, str]:
    """An address for each kind, which says from which level it is."""
    query = "lead=--A--lead_id--B--&dispo=--A--dispo--B--&user=--A--user--B--&name=--A--first_name--B--"
    return {field: f"{base}/{kind}/{level}?{query}" for field, kind in KINDS.items()}


async def furnish(db: Database, **levels: Mapping[str, Any]) -> None:
    site = Site(db)
    await site.put(InGroup(name="LINE", **levels.get("group", {})))
    await site.put(Campaign(id="SALES", queues=("LINE",), **levels.get("campaign", {})))
    await site.put(LeadList(id=101, campaign="SALES", **levels.get("list", {})))
    spec = UserSpec(user="1000", kind=PrincipalKind.AGENT, name="Ann", group="AGENTS")
    await Access(db).create(spec)


async def add_lead(db: Database, **fields: Any) -> int:
    new = NewLead(list_id=101, phone_number="7275550100", first_name="Zoë & Co", **fields)
    return await Leads(db).add(new, campaign="SALES")


def call(kind: CallKind, lead_id: int | None = None, **fields: Any) -> Call:
    """A call of the campaign that is over and disposed."""
    known: dict[str, Any] = {
        "id": uuid7(),
        "legacy_id": f"{kind.value}{uuid7()[-12:]}",
        "legacy_uniqueid": legacy_uniqueid(NOON),
        "state": CallState.DISPOSED,
        "asterisk": "one",
        "campaign": "SALES",
        "number": "17275550100",
        "lead_id": lead_id,
        "asked_at": NOON,
        "ended_at": NOON + timedelta(seconds=40),
        "disposed_at": NOON + timedelta(seconds=50),
        "status": "SALE",
    }
    return Call(kind=kind, **known | fields)


def told(kind: type[CallEvent], of: Call, **more: Any) -> CallEvent:
    return kind(
        call_id=of.id,
        legacy_id=of.legacy_id,
        kind=of.kind,
        state=of.state,
        number=of.number,
        campaign=of.campaign,
        user=of.user,
        lead_id=of.lead_id,
        **more,
    )


async def happen(db: Database, made: Call, *kinds: type[CallEvent]) -> None:
    """Store a call and tell what happened to it."""

    async def work(tx: Transaction) -> None:
        await calls.add(tx.conn, made)

    await db.write(work)
    for kind in kinds:
        more = {"status": made.status, "source": StatusSource.AGENT} if kind is CallDisposed else {}
        await emit(db, told(kind, made, **more))


def targets(crm: Hook) -> list[str]:
    return [request.target.partition("?")[0] for request in crm.asked]


async def test_the_life_of_an_agents_call(db: Database) -> None:
    async with hook() as crm:
        await furnish(db, campaign=urls(crm.url, "campaign"))
        async with telling(db):
            lead_id = await add_lead(db)
            made = call(CallKind.AUTO, lead_id, user="1000", bridged_at=NOON)
            await happen(db, made, CallAnswered, CallBridged, CallBridged, CallEnded, CallDisposed)
            found = await settled(db, 3)
    assert targets(crm)[0] == "/add_lead/campaign" or len(crm.asked) == 3
    of_call = [request for request in crm.asked if "add_lead" not in request.target]
    assert [request.target.partition("?")[0] for request in of_call] == [
        "/start_call/campaign",
        "/dispo_call/campaign",
    ]
    assert of_call[-1].query == {"lead": str(lead_id), "dispo": "SALE", "user": "1000", "name": "Zoë & Co"}
    assert [each.kind for each in await Deliveries(db).of_call(made.id)] == ["start_call", "dispo_call"]
    assert "Zo" not in f"{found}"
    assert found[0].url.endswith("name=--A--first_name--B--")


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (CallKind.AUTO, {"status": "NA"}, ["no_agent"]),
        (CallKind.AUTO, {"user": "1000", "bridged_at": NOON}, ["start_call", "dispo_call"]),
        (CallKind.INBOUND, {"queue": "LINE", "status": "XDROP"}, ["no_agent"]),
        (CallKind.MANUAL, {"user": "1000", "answered_at": NOON}, ["start_call", "dispo_call"]),
        (CallKind.MANUAL, {"user": "1000", "status": "AB"}, ["dispo_call"]),
        (CallKind.CLICK, {"status": "NA"}, ["dispo_call"]),
        (CallKind.THREE_WAY, {"user": "1000", "answered_at": NOON}, []),
        (CallKind.BLIND, {}, []),
        (CallKind.LEFT, {}, []),
    ],
)
async def test_which_is_called_for_which_call(
    db: Database, kind: CallKind, fields: dict[str, Any], expected: list[str]
) -> None:
    async with hook() as crm:
        await furnish(db, campaign=urls(crm.url, "campaign"))
        async with telling(db):
            made = call(kind, **fields)
            reached = [CallAnswered] if made.answered_at else [CallBridged] if made.bridged_at else []
            await happen(db, made, *reached, CallDisposed)
            lead_id = await add_lead(db)
            found = await settled(db, len(expected) + 1)
    assert [each.kind for each in found] == [*expected, "add_lead"]
    assert found[-1].lead_id == lead_id


@pytest.mark.parametrize(
    ("given", "off", "counts"),
    [
        ("list group campaign system", "", "list"),
        ("group campaign system", "", "group"),
        ("campaign system", "", "campaign"),
        ("system", "", "system"),
        ("", "", ""),
        ("group campaign system", "list", ""),
        ("list campaign system", "group", "list"),
        ("campaign system", "group", ""),
        ("system", "campaign", ""),
    ],
)
async def test_list_before_in_group_before_campaign_before_system(
    db: Database, given: str, off: str, counts: str
) -> None:
    async with hook() as crm:
        levels: dict[str, Mapping[str, Any]] = {level: urls(crm.url, level) for level in given.split()}
        if off:
            levels[off] = dict.fromkeys(KINDS, "DISABLED")
        await furnish(db, **levels)
        await Site(db).put(LeadList(id=102, campaign="SALES", add_lead_url=f"{crm.url}/last"))
        lead_id = await Leads(db).add(NewLead(list_id=101, phone_number="7275550100"))
        async with telling(db, levels.get("system")):
            made = call(CallKind.INBOUND, lead_id, queue="LINE", user="1000", bridged_at=NOON)
            await happen(db, made, CallDisposed)
            await Leads(db).add(NewLead(list_id=102, phone_number="7275550100"))
            await settled(db, 2 if counts else 1)
    assert sorted(targets(crm)) == sorted(["/last", *([f"/dispo_call/{counts}"] if counts else [])])


@pytest.mark.parametrize("field", sorted(KINDS))
async def test_an_address_counts_from_when_it_is_set_until_it_is_taken_away(db: Database, field: str) -> None:
    await furnish(db)
    site = Site(db)
    for item in (
        InGroup(name="LINE"),
        Campaign(id="SALES", queues=("LINE",)),
        LeadList(id=101, campaign="SALES"),
    ):
        assert not await site.tells_anything()
        await site.put(msgspec.structs.replace(item, **{field: "https://crm.example/x"}))
        assert await site.tells_anything()
        await site.put(item)
    assert not await site.tells_anything()


async def test_a_value_that_would_lead_elsewhere_is_not_sent_and_said(db: Database) -> None:
    async with hook() as crm:
        path = f"{crm.url}/lead/--A--vendor_lead_code--B--/in"
        await furnish(db, campaign={"add_lead_url": path})
        async with telling(db):
            lead_id = await add_lead(db, vendor_lead_code="..")
            (found,) = await settled(db, 1)
            other = await add_lead(db, vendor_lead_code="a/../b")
            await crm.until(1)
    assert (found.state, found.attempts, found.lead_id) == (DeliveryState.FAILED, 0, lead_id)
    assert "path" in found.error
    assert targets(crm) == ["/lead/a%2F..%2Fb/in"]
    assert other != lead_id
    assert not await Deliveries(db).retry(found.id), "it would come to the same"
