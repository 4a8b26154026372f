"""A user's own limits to agents, campaigns and lists hold where it is easy to forget them."""

from __future__ import annotations

from typing import Any

import pytest
from api_fakes import SECRET, World, crm
from msgspec.structs import replace
from test_vicidial_endpoint import ask

from bridge.access.limits import Limits
from bridge.access.model import PrincipalKind, UserSpec
from bridge.access.names import ALL
from bridge.agents.model import AgentState
from bridge.api.rest.screen import _still_may
from bridge.campaigns.model import InGroup
from bridge.leads.model import Lead
from bridge.services import DialRequest

ONE = Limits(agents=frozenset({"1000"}))
LINE = {"source": "test", "user": "crm", "pass": SECRET}


@pytest.mark.parametrize(
    "named",
    [
        {"agent_user": "1000", "value": "LOCAL_ONLY"},
        {"agent_user": "CCC_REMOTE", "value": "CCC_REMOTE", "lead_id": "201"},
    ],
    ids=["here", "remote"],
)
@pytest.mark.parametrize("function", ["force_fronter_audio_stop", "force_fronter_leave_3way"])
async def test_another_agent_in_the_call_is_commanded_within_the_limits(
    world: World, function: str, named: dict[str, str]
) -> None:
    world.agents.seat("1000", AgentState.INCALL, lead_id=201, call_id="a")
    world.agents.seat("1001", AgentState.INCALL, lead_id=201, call_id="b")
    world.playback.plays |= {"1000", "1001"}
    limits = ONE if named["agent_user"] == "1000" else Limits(agents=frozenset({"1002"}))
    async with await crm(world, limits=limits) as http:
        reply = await ask(http, **LINE, function=function, **named)
    assert reply.startswith(f"ERROR: {function} failed, user crm may not use {function}: agent"), reply
    assert world.record.commands == []


async def test_a_screen_ends_with_its_key(world: World) -> None:
    async with await crm(world, limits=ONE):
        one, other = [await world.access.keys.make("crm", name, None) for name in ("one", "other")]
        services: Any = world.services()
        ends, goes_on = [replace(world.access.users_by_name["crm"], key=made.key.id) for made in (one, other)]
        assert await _still_may(services, ends, "1000")
        await world.access.keys.revoke("crm", one.key.id)
        assert not await _still_may(services, ends, "1000")
        assert await _still_may(services, goes_on, "1000")


async def test_a_screen_begins_now_for_who_may_not_see_every_campaign(world: World) -> None:
    async with await crm(world, limits=Limits(campaigns=frozenset({"TESTCAMP"}))) as http:
        await http.get("/v1/agents/1000/screen?after=0")
        await http.get("/v1/agents/1000/screen", headers={"Last-Event-ID": "0"})
    assert [after for after, _ in world.events.asked] == [None, None], "she may have worked for others before"


@pytest.mark.parametrize("limits", [ONE, Limits(lists=frozenset({"101"}))], ids=["agents", "lists"])
async def test_the_trail_is_for_those_who_see_everything(world: World, limits: Limits) -> None:
    async with await crm(world, limits=limits) as http:
        reply = await http.get("/v1/audit")
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "scope")


async def test_what_an_agent_who_is_gone_has_left_is_still_hers(world: World) -> None:
    session = world.agents.seat("1002", AgentState.PAUSED)
    call = await world.agents.dial("1002", DialRequest(number="7275550100"))
    recording = world.recordings.add(session)
    await world.access.remove("1002")
    world.record.commands.clear()
    async with await crm(world, limits=ONE) as http:
        assert (await http.get(f"/v1/calls/{call.id}")).status_code == 404
        assert (await http.get(f"/v1/calls/{call.id}/timeline")).status_code == 404
        assert (await http.get(f"/v1/calls/{call.id}/deliveries")).status_code == 404
        assert (await http.get(f"/v1/calls/{call.id}/rules")).status_code == 404
        assert (await http.post(f"/v1/calls/{call.id}/hangup")).status_code == 404
        assert (await http.get(f"/v1/recordings/{recording.id}")).status_code == 404
    assert world.record.commands == []


async def test_recordings_of_a_call_that_is_hidden_are_none_of_a_call_that_is_not_there(
    world: World,
) -> None:
    world.agents.seat("1002", AgentState.PAUSED)
    call = await world.agents.dial("1002", DialRequest(number="7275550100"))
    async with await crm(world, limits=ONE) as http:
        hidden, unknown = [
            (await http.get(f"/v1/recordings?call={one}")).json()["error_id"] for one in (call.id, "nothing")
        ]
    assert hidden == unknown == "no-such-call"


async def test_other_agents_are_not_found_among_the_users(world: World) -> None:
    async with await crm(world, limits=ONE) as http:
        assert [one["user"] for one in (await http.get("/v1/site/agents")).json()] == ["1000"]
        assert (await http.get("/v1/site/agents/1001")).status_code == 404
        assert (await http.get("/v1/site/agents/1000")).status_code == 200
        assert len((await http.get("/v1/site/apiusers")).json()) > 1, "they are no agents"


@pytest.mark.parametrize(
    ("path", "body"),
    [("refresh", {"panels": ["formreload"]}), ("timer", {"action": "WEBFORM", "seconds": 3})],
)
async def test_who_may_not_see_a_screen_does_not_see_it_by_changing_it(
    world: World, path: str, body: dict[str, Any]
) -> None:
    world.leads.kept[201] = Lead(
        id=201, list_id=101, phone_code="1", phone_number="7275550201", first_name="Pat"
    )
    world.agents.seat("1000", AgentState.INCALL, lead_id=201)
    for functions in (ALL, frozenset({"refresh_panel", "set_timer_action"})):
        world.access.users_by_name.pop("crm", None)
        async with await crm(world, functions=functions, limits=Limits()) as http:
            reply = await http.post(f"/v1/agents/1000/screen/{path}", json=body)
            assert reply.status_code == 200, reply.text
            assert ("Pat" in reply.text) is (functions is ALL)


@pytest.mark.parametrize(
    ("path", "body"),
    [("parties", {"queue": "AGENTDIRECT"}), ("transfer", {"queue": "AGENTDIRECT"})],
)
async def test_a_customer_is_passed_on_to_agents_within_the_limits(
    world: World, path: str, body: dict[str, Any]
) -> None:
    await world.site.add(InGroup(name="AGENTDIRECT"))
    await world.agents.dial("1000", DialRequest(number="7275550100"))
    world.record.commands.clear()
    async with await crm(world, limits=ONE) as http:
        reply = await http.post(f"/v1/agents/1000/{path}", json=body | {"agent": "1001"})
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "agent")
        line = {
            "agent_user": "1000",
            "consultative": "YES",
            "phone_number": "1001",
            "ingroup_choices": "AGENTDIRECT",
        }
        value = "LOCAL_CLOSER" if path == "transfer" else "DIAL_WITH_CUSTOMER"
        told = await ask(http, **LINE, function="transfer_conference", value=value, **line)
        assert "may not use transfer_conference: agent" in told, told
        assert world.record.commands == []
        assert (await http.post(f"/v1/agents/1000/{path}", json=body)).status_code == 202


async def test_a_key_of_a_request_that_a_limit_refuses_is_not_in_use_for_ever(world: World) -> None:
    async with await crm(world, limits=Limits(lists=frozenset({"101"}))) as http:
        body = {"phone_number": "7275551313", "phone_code": "1"}
        for _ in range(2):
            reply = await http.post("/v1/agents/1000/leads", json=body, headers={"Idempotency-Key": "one"})
            assert (reply.status_code, reply.json()["error_id"]) == (403, "forbidden")


async def test_an_api_user_gives_no_function_to_people_whom_its_limits_of_numbers_do_not_hold(
    world: World,
) -> None:
    limits = Limits(countries=("US",), calls_per_hour=10)
    body = {"user": "2000", "group": "AGENTS", "functions": ["external_dial"], "api_access": True}
    within = {"limits": {"countries": ["US"], "calls_per_hour": 10}}
    await world.access.create(
        UserSpec(
            user="2001",
            kind=PrincipalKind.AGENT,
            group="AGENTS",
            api_access=True,
            functions=ALL,
            limits=limits,
        ),
        "x",
    )
    async with await crm(world, limits=limits) as http:
        made = await http.post("/v1/site/agents", json=body | within)
        assert (made.status_code, made.json()["details"]["rule"]) == (403, "kind")
        taken = await http.post("/v1/site/agents/2001/secret")
        assert (taken.status_code, taken.json()["details"]["rule"]) == (403, "kind")
        fine = await http.post("/v1/site/agents", json=body | within | {"functions": []})
        assert fine.status_code == 201
    assert world.access.secrets["2001"] == "x"


async def test_who_is_counted_gets_no_second_count(world: World) -> None:
    """Neither by a change of itself, which begins a new one, nor by another user."""
    async with await crm(world, limits=Limits(calls_per_hour=10)) as http:
        body = {"user": "crm", "group": "ADMIN", "functions": "ALL", "api_access": True}
        body |= {"limits": {"calls_per_hour": 10}}
        for attempt in (
            http.put("/v1/site/apiusers/crm", json=body),
            http.post("/v1/site/apiusers/crm/secret"),
            http.post("/v1/site/apiusers/crm/enable"),
            http.post("/v1/site/apiusers", json=body | {"user": "crm2"}),
        ):
            reply = await attempt
            assert reply.json()["details"] == {"rule": "limits", "limit": "calls_per_hour"}, reply.text
