"""Remote agents under `/v1`: listed, switched on and off, moved; by the rules of the line format."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, crm
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS
from bridge.agents.model import AgentState

URL = "/v1/remoteagents"
HER = f"{URL}/1000"


@pytest.fixture(autouse=True)
def remote(world: World) -> None:
    """Agent 1000 is a remote one, with a phone that rings anywhere, and off."""
    world.agents.open.clear()
    known = world.access.users_by_name["1000"]
    world.access.users_by_name["1000"] = replace(known, remote="TESTCAMP", phone="5551000")


def told(world: World) -> list[tuple[str, ...]]:
    return [command for command in world.record.commands if command[1] == "1000"]


async def switched(http: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    reply = await http.patch(HER, json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def test_she_is_switched_on_and_off(admin: httpx.AsyncClient, world: World) -> None:
    assert (await admin.get(HER)).json() | {"name": ""} == {
        "user": "1000",
        "name": "",
        "group": "AGENTS",
        "phone": "5551000",
        "campaign": "TESTCAMP",
        "active": False,
        "on_call": False,
        "session": None,
    }
    on = await switched(admin, active=True)
    assert (on["active"], on["on_call"]) == (True, False)
    assert (on["session"]["state"], on["session"]["on_hook"]) == ("ready", True)
    off = await switched(admin, active=False)
    assert (off["active"], off["session"]) == (False, None)
    assert told(world) == [
        ("login", "1000", "5551000", "TESTCAMP", "6666"),
        ("resume", "1000", "6666"),
        ("logout", "1000", "6666"),
    ]


@pytest.mark.parametrize("active", [True, False])
async def test_who_is_so_already_stays_so(admin: httpx.AsyncClient, world: World, *, active: bool) -> None:
    first = await switched(admin, active=active)
    before = told(world)
    assert await switched(admin, active=active) == first
    assert told(world) == before


async def test_who_did_not_answer_is_neither_on_nor_off_and_can_be_made_either(
    admin: httpx.AsyncClient, world: World
) -> None:
    world.agents.seat("1000", AgentState.PAUSED, pause_reason="NOANS", on_hook=True)
    found = (await admin.get(HER)).json()
    assert (found["active"], found["session"]["pause_reason"]) == (False, "NOANS")
    assert (await switched(admin, active=True))["session"]["state"] == "ready"
    world.agents.seat("1000", AgentState.PAUSED, pause_reason="NOANS", on_hook=True)
    assert (await switched(admin, active=False))["session"] is None


async def test_she_is_moved_while_she_has_no_call(admin: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1000", AgentState.READY, on_hook=True, campaign="OTHERCMP")
    moved = await switched(admin, campaign="TESTCAMP")
    assert (moved["session"]["campaign"], moved["active"]) == ("TESTCAMP", True)
    assert [command[0] for command in told(world)] == ["logout", "login", "resume"]
    off = await switched(admin, active=False, campaign="OTHERCMP")
    assert (off["campaign"], off["session"]) == ("OTHERCMP", None)
    assert world.access.users_by_name["1000"].remote == "OTHERCMP"


@pytest.mark.parametrize("state", [AgentState.OFFERED, AgentState.INCALL, AgentState.DIALING])
async def test_in_a_call_she_is_not_moved(admin: httpx.AsyncClient, world: World, state: AgentState) -> None:
    world.agents.seat("1000", state, on_hook=True, call_id="a")
    assert (await admin.get(HER)).json()["on_call"] is True
    reply = await admin.patch(HER, json={"campaign": "OTHERCMP"})
    assert (reply.status_code, reply.json()["error_id"]) == (409, "remote-agent-has-a-call")
    assert (told(world), world.access.users_by_name["1000"].remote) == ([], "TESTCAMP")


async def test_who_was_to_leave_behind_her_call_stays_when_she_is_switched_on(
    admin: httpx.AsyncClient, world: World
) -> None:
    leaves = AgentState.LOGGED_OUT
    world.agents.seat("1000", AgentState.INCALL, on_hook=True, call_id="a", after_call=leaves)
    assert (await admin.get(HER)).json()["active"] is False
    assert (await switched(admin, active=True))["active"] is True
    assert told(world) == [("stay", "1000", "6666")]


async def test_without_a_phone_nothing_is_done(admin: httpx.AsyncClient, world: World) -> None:
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], phone="")
    reply = await admin.patch(HER, json={"active": True, "campaign": "OTHERCMP"})
    assert (reply.status_code, reply.json()["error_id"]) == (409, "no-phone")
    world.agents.seat("1000", AgentState.READY, on_hook=True, campaign="OTHERCMP")
    assert (await admin.patch(HER, json={"campaign": "TESTCAMP"})).status_code == 409
    assert (told(world), world.access.users_by_name["1000"].remote) == ([], "TESTCAMP")


async def test_listed_by_page_and_no_other_agents(admin: httpx.AsyncClient, world: World) -> None:
    known = world.access.users_by_name["1000"]
    world.access.users_by_name |= {"1001": replace(known, user="1001", remote="")}
    world.access.users_by_name |= {"1002": replace(known, user="1002", remote="OTHERCMP")}
    world.agents.seat("1002", AgentState.INCALL, on_hook=True, call_id="a")
    first = await admin.get(f"{URL}?limit=1")
    rest = await admin.get(first.links["next"]["url"])
    assert [(one["user"], one["campaign"], one["on_call"]) for one in first.json() + rest.json()] == [
        ("1000", "TESTCAMP", False),
        ("1002", "OTHERCMP", True),
    ]
    assert rest.links == {}


@pytest.mark.parametrize(
    "change",
    [
        {"limits": Limits(campaigns=frozenset({"OTHERCMP"}))},
        {"limits": Limits(agents=frozenset({"1001"}))},
        {"group": "LIMITED"},
    ],
    ids=["campaign", "agent", "group"],
)
async def test_beyond_the_limits_she_is_not_there(world: World, change: dict[str, Any]) -> None:
    world.agents.seat("1000", AgentState.READY, on_hook=True)
    async with await crm(world, **change) as http:
        assert (await http.get(URL)).json() == []
        for method, body in (("GET", None), ("PATCH", {"active": False})):
            reply = await http.request(method, HER, json=body)
            assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-agent")
    assert told(world) == []


async def test_nobody_takes_her_out_of_or_into_a_campaign_that_is_not_her_own(world: World) -> None:
    world.agents.seat("1000", AgentState.READY, on_hook=True, campaign="OTHERCMP")
    limits = Limits(campaigns=frozenset({"TESTCAMP"}))
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], limits=limits)
    async with await crm(world, limits=limits) as http:
        assert (await http.patch(HER, json={"active": False})).status_code == 404, "she works for another"
        world.agents.seat("1000", AgentState.READY, on_hook=True)
        reply = await http.patch(HER, json={"campaign": "OTHERCMP"})
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign")
    assert told(world) == []


async def test_nobody_switches_who_may_do_more(world: World) -> None:
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], level=9)
    async with await crm(world, level=8) as http:
        reply = await http.patch(HER, json={"active": True})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "level")
    assert told(world) == []


async def test_it_is_a_right(world: World) -> None:
    rights = {name: value for name, value in ALL_RIGHTS.items() if name != "modify_remoteagents"}
    async with await crm(world, functions=frozenset({"update_remote_agent"}), rights=rights) as http:
        reply = await http.patch(HER, json={"active": True})
        assert (reply.status_code, reply.json()["details"]["needs"]) == (403, "modify_remoteagents")
        assert (await http.get(URL)).json()["details"]["needs"] == "logged_in_agents"
    assert told(world) == []


async def test_who_is_no_remote_agent(admin: httpx.AsyncClient, world: World) -> None:
    for user in ("1001", "6666", "9999"):
        reply = await admin.patch(f"{URL}/{user}", json={"active": True})
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-agent")
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "active"),
        ({"active": None}, "active"),
        ({"active": "yes"}, ""),
        ({"active": 1}, ""),
        ({"campaign": "NOPE"}, "campaign"),
        ({"campaign": ""}, ""),
        ({"campaign": "A\r\nB"}, ""),
        ({"campaign": "A" * 1_000}, ""),
        ({"active": True, "number_of_lines": 2}, ""),
        ([], ""),
    ],
)
async def test_what_cannot_be_changes_nothing(
    admin: httpx.AsyncClient, world: World, body: object, field: str
) -> None:
    reply = await admin.patch(HER, json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input"), reply.text
    assert not field or reply.json()["field"] == field
    assert told(world) == []


async def test_a_key_does_it_once(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "on-1"}
    first = await admin.patch(HER, json={"active": True}, headers=headers)
    again = await admin.patch(HER, json={"active": True}, headers=headers)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert [command[0] for command in told(world)] == ["login", "resume"]
