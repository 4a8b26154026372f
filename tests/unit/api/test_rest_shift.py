"""Lists, queues, the past, and what an agent's shift is told under `/v1`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.agents.model import AgentState
from bridge.api.rest.paging import moment
from bridge.calls.model import CallState
from bridge.campaigns.model import Campaign, InGroup
from bridge.errors import InvalidInput
from bridge.events.catalogue import Right
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.leads.model import Lead
from bridge.services import ApiOptions, DialRequest, EventPage, EventQuery

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_record(seq: int) -> EventRecord:
    data = msgspec.Raw(b'{"user":"1000"}')
    return EventRecord(seq, f"e{seq}", "agent.paused", "agents/1000", NOON, data)


# -- lists


async def test_every_list_is_paged_in_the_same_way(admin: httpx.AsyncClient) -> None:
    schema = (await admin.get("/v1/openapi.json")).json()
    found = 0
    for path, operations in schema["paths"].items():
        operation = operations.get("get", {})
        content = operation.get("responses", {}).get("200", {}).get("content", {})
        if content.get("application/json", {}).get("schema", {}).get("type") != "array":
            continue
        if path.endswith(("/timeline", "/parties", "/deliveries", "/consents")):  # of one call or lead: whole
            continue
        found += 1
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert {"limit", "cursor"} <= names, path
        assert "Link" in operation["responses"]["200"]["headers"], path
    assert found >= 12


async def test_agents_by_page(admin: httpx.AsyncClient, world: World) -> None:
    for user in ("1001", "1002"):
        world.agents.seat(user, AgentState.PAUSED)
        world.access.users_by_name[user] = msgspec.structs.replace(
            world.access.users_by_name["1000"], user=user
        )
    first = await admin.get("/v1/agents?limit=2&campaign=TESTCAMP")
    assert [agent["user"] for agent in first.json()] == ["1000", "1001"]
    rest = await admin.get(first.links["next"]["url"])
    assert ([agent["user"] for agent in rest.json()], rest.links) == (["1002"], {})


async def test_the_link_leads_to_where_others_reach_us(world: World) -> None:
    world.options = ApiOptions(public_url="https://bridge.example/calls")
    world.events.page = EventPage([], 41)
    async with client(world, auth=basic()) as http:
        reply = await http.get("/v1/events/past?type=call&limit=5")
    url = "https://bridge.example/calls/v1/events/past?type=call&limit=5&cursor=41"
    assert reply.links["next"]["url"] == url


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2026-11-24T12:00:00Z", 0), ("2026-11-24T07:00-05:00", 0), ("2026-11-24T12:00:01.5+00:00", 1.5)],
)
def test_a_moment(text: str, seconds: float) -> None:
    found = moment(text, "since")
    assert found is not None
    assert (found - NOON).total_seconds() == seconds


@pytest.mark.parametrize("text", ["2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "0001-01-01T00:00+23:59"])
def test_a_moment_that_there_is_not(text: str) -> None:
    with pytest.raises(InvalidInput):
        moment(text, "since")


async def test_calls_by_time(admin: httpx.AsyncClient, world: World) -> None:
    await admin.get("/v1/calls?since=2026-11-24T12:00:00Z&until=2026-11-24T13:00:00%2B01:00&agent=1000")
    (query,) = world.calls.listed
    assert (query.since, query.until, query.user) == (NOON, NOON, "1000")


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2026-11-24T12:00:00", "until=1795521600", "since=2026-99-99T00:00:00Z"],
)
@pytest.mark.parametrize("path", ["/v1/calls", "/v1/events/past"])
async def test_a_time_that_is_none(admin: httpx.AsyncClient, world: World, path: str, query: str) -> None:
    reply = await admin.get(f"{path}?{query}")
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert (world.calls.listed, world.events.queries) == ([], [])


async def test_the_past(admin: httpx.AsyncClient, world: World) -> None:
    world.events.page = EventPage([a_record(7)], 7)
    query = "agent=1000&type=agent&since=2026-11-24T12:00:00Z&until=2026-11-24T12:00:00Z&limit=1&cursor=6"
    reply = await admin.get(f"/v1/events/past?{query}")
    assert [(event["seq"], event["data"]) for event in reply.json()] == [(7, {"user": "1000"})]
    wanted = Filter(types=("agent",), agent="1000", rights=frozenset(Right))
    assert world.events.queries == [EventQuery(wanted=wanted, since=NOON, until=NOON, after=6, limit=1)]
    assert "cursor=7" in reply.links["next"]["url"]


async def test_the_stream_of_one_agent(admin: httpx.AsyncClient, world: World) -> None:
    await admin.get("/v1/events?agent=1000")
    assert world.events.asked == [(None, Filter(agent="1000", rights=frozenset(Right)))]
    assert (await admin.get("/v1/events", params={"agent": 'x"'})).status_code == 400


async def test_who_sees_only_some_campaigns_has_no_past(world: World) -> None:
    async with client(world, auth=basic("7001", "test7001")) as limited:
        assert (await limited.get("/v1/events/past")).status_code == 403


def test_events_of_an_agent_and_of_her_calls() -> None:
    hers = Filter(agent="1000")
    call = msgspec.structs.replace(a_record(1), type="call.ended", subject="calls/c1")
    assert hers.passes(a_record(1))
    assert hers.passes(call)
    other = msgspec.structs.replace(call, data=msgspec.Raw(b'{"user":"10001","number":"1000"}'))
    assert not hers.passes(other)


# -- queues


async def test_a_queue_with_who_waits_and_who_serves(admin: httpx.AsyncClient, world: World) -> None:
    world.site.items[InGroup, "SALES"] = InGroup(name="SALES", title="Sales")
    world.site.items[InGroup, "TECH"] = InGroup(name="TECH")
    world.agents.seat("1000", AgentState.READY, queues=("SALES",))
    for number in ("7275550701", "7275550702"):
        call = await world.calls.dial(DialRequest(number=number, campaign="TESTCAMP"))
        world.calls._change(call, state=CallState.QUEUED, queue="SALES")
    sales, tech = (await admin.get("/v1/queues")).json()
    assert [caller["number"] for caller in sales["callers"]] == ["7275550701", "7275550702"]
    assert [(agent["user"], agent["state"]) for agent in sales["agents"]] == [("1000", "ready")]
    assert (tech["name"], tech["callers"], tech["agents"]) == ("TECH", [], [])
    assert (await admin.get("/v1/queues/SALES")).json() == sales
    first = await admin.get("/v1/queues?limit=1")
    assert [queue["name"] for queue in first.json()] == ["SALES"]
    assert (await admin.get(first.links["next"]["url"])).json() == [tech]
    missing = await admin.get("/v1/queues/NONE")
    assert (missing.status_code, missing.json()["error_id"]) == (404, "not-found")


async def test_callers_of_hidden_campaigns_are_left_out(world: World) -> None:
    world.site.items[InGroup, "SALES"] = InGroup(name="SALES")
    world.agents.seat("1000", AgentState.READY, queues=("SALES",))
    call = await world.calls.dial(DialRequest(number="7275550701", campaign="TESTCAMP"))
    world.calls._change(call, state=CallState.QUEUED, queue="SALES")
    async with client(world, auth=basic("7001", "test7001")) as limited:
        (sales,) = (await limited.get("/v1/queues")).json()
    assert (sales["callers"], sales["agents"]) == ([], [])


# -- the shift


@pytest.fixture
def inbound(world: World) -> World:
    campaign = world.lookups.campaigns["TESTCAMP"]
    world.site.items[Campaign, "TESTCAMP"] = msgspec.structs.replace(campaign, inbound=True)
    return world


async def test_a_pause_code(admin: httpx.AsyncClient) -> None:
    reply = await admin.put("/v1/agents/1000/pause-code", json={"code": "LUNCH"})
    assert (reply.status_code, reply.json()["pause_reason"]) == (200, "LUNCH")
    assert (await admin.put("/v1/agents/1000/pause-code", json={"code": "TOOLONG"})).status_code == 400


async def test_in_groups_are_changed(admin: httpx.AsyncClient, inbound: World) -> None:
    name = min(inbound.lookups.in_groups)
    reply = await admin.put("/v1/agents/1000/queues", json={"queues": [name]})
    assert (reply.status_code, reply.json()["queues"]) == (200, [name])
    reply = await admin.put("/v1/agents/1000/queues", json={"queues": [name], "how": "remove"})
    assert reply.json()["queues"] == []
    assert [command[:3] for command in inbound.record.commands] == [
        ("queues", "1000", "change"),
        ("queues", "1000", "remove"),
    ]


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        ({"queues": ["NOSUCH"]}, 400, "invalid-input"),
        ({"queues": [], "how": "add"}, 400, "invalid-input"),
        ({"queues": ["a b"]}, 400, "invalid-input"),
        ({"queues": [], "blended": True}, 409, "invalid-state"),
        ({"queues": [], "how": "swap"}, 400, "invalid-input"),
    ],
)
async def test_in_groups_that_cannot_be_served(
    admin: httpx.AsyncClient, inbound: World, body: Any, status: int, error_id: str
) -> None:
    method = {"dial_method": "MANUAL"}
    campaign = inbound.site.items[Campaign, "TESTCAMP"]
    inbound.site.items[Campaign, "TESTCAMP"] = msgspec.structs.replace(campaign, **method)
    reply = await admin.put("/v1/agents/1000/queues", json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (status, error_id), reply.text
    assert inbound.record.commands == []


async def test_a_campaign_that_takes_no_inbound_calls(admin: httpx.AsyncClient, world: World) -> None:
    campaign = world.lookups.campaigns["TESTCAMP"]
    world.site.items[Campaign, "TESTCAMP"] = msgspec.structs.replace(campaign, inbound=False)
    reply = await admin.put("/v1/agents/1000/queues", json={"queues": []})
    assert (reply.status_code, reply.json()["error_id"]) == (409, "invalid-state")


async def test_the_disposition_and_the_callback(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
    callback = {"at": "2026-11-25T15:30:00-05:00", "anyone": False, "comments": "blue"}
    reply = await admin.put("/v1/agents/1000/status", json={"status": "CALLBK", "callback": callback})
    assert (reply.status_code, reply.json()["status"]) == (200, "CALLBK")
    assert ("status", "1000", "CALLBK", "2026-11-25 20:30:00!False!blue") in world.record.commands
    bad = {"status": "CALLBK", "callback": {"at": "2026-11-31T15:30:00Z"}}
    assert (await admin.put("/v1/agents/1000/status", json=bad)).status_code == 400


async def test_a_callback_on_the_customers_own_clock(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
    world.leads.kept[701] = Lead(id=701, list_id=101, phone_number="7275550100")
    world.agents.open["1000"] = msgspec.structs.replace(world.agents.open["1000"], lead_id=701)
    wish = {"status": "CALLBK", "callback": {"customer_time": "2026-12-25T15:30"}}
    assert (await admin.put("/v1/agents/1000/status", json=wish)).status_code == 200
    assert ("status", "1000", "CALLBK", "2026-12-25 20:30:00!True!") in world.record.commands
    shown = (await admin.get("/v1/agents/1000/screen/snapshot")).json()["customer_time"]
    assert datetime.fromisoformat(shown).utcoffset() in {timedelta(hours=-5), timedelta(hours=-4)}


@pytest.mark.parametrize(
    ("callback", "field"),
    [
        ({}, "callback.at"),
        ({"at": "2026-12-25T15:30:00Z", "customer_time": "2026-12-25T15:30"}, "callback.at"),
        ({"customer_time": "2026-12-25T15:30"}, "customer_time"),
        ({"customer_time": "2026-12-25 15:30"}, "callback.customer_time"),
    ],
)
async def test_a_callback_needs_one_time_that_can_be_told(
    admin: httpx.AsyncClient, world: World, callback: dict[str, str], field: str
) -> None:
    await admin.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
    before = list(world.record.commands)
    reply = await admin.put("/v1/agents/1000/status", json={"status": "CALLBK", "callback": callback})
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert world.record.commands == before


async def test_her_call_is_hung_up_once(admin: httpx.AsyncClient, world: World) -> None:
    assert (await admin.post("/v1/agents/1000/hangup")).json()["error_id"] == "no-call"
    await admin.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
    headers = {"Idempotency-Key": "k"}
    first = await admin.post("/v1/agents/1000/hangup", headers=headers)
    again = await admin.post("/v1/agents/1000/hangup", headers=headers)
    assert (first.status_code, again.content) == (200, first.content)
    assert [command[0] for command in world.record.commands].count("hangup call") == 1
