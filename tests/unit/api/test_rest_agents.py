"""Agents under `/v1`."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.agents.model import AgentState


async def test_log_in_pause_resume_log_out(admin: httpx.AsyncClient, world: World) -> None:
    body = {"phone": "1002", "campaign": "TESTCAMP"}
    seated = await admin.post("/v1/agents/1002/login", json=body)
    assert (seated.status_code, seated.json()["state"]) == (202, "connecting")
    paused = await admin.post("/v1/agents/1002/pause", json={"reason": "LUNCH"})
    assert (paused.json()["state"], paused.json()["pause_reason"]) == ("paused", "LUNCH")
    ready = await admin.post("/v1/agents/1002/resume")
    assert ready.json()["state"] == "ready"
    gone = await admin.post("/v1/agents/1002/logout")
    assert (gone.status_code, gone.json()["state"]) == (200, "logged_out")
    assert world.record.commands == [
        ("login", "1002", "1002", "TESTCAMP", "6666"),
        ("pause", "1002", "LUNCH", "6666"),
        ("resume", "1002", "6666"),
        ("logout", "1002", "6666"),
    ]


async def test_on_hook_she_is_logged_in_at_once(admin: httpx.AsyncClient) -> None:
    body = {"phone": "1002", "campaign": "TESTCAMP", "on_hook": True}
    seated = await admin.post("/v1/agents/1002/login", json=body)
    assert (seated.status_code, seated.json()["state"], seated.json()["on_hook"]) == (202, "paused", True)
    shown = (await admin.get("/v1/agents/1002")).json()
    assert shown["on_hook"] is True
    wrong = await admin.post("/v1/agents/1003/login", json={**body, "on_hook": "maybe"})
    assert wrong.status_code == 400


async def test_a_login_that_names_no_phone_rings_her_own(admin: httpx.AsyncClient, world: World) -> None:
    body = {"campaign": "TESTCAMP"}
    without = await admin.post("/v1/agents/1002/login", json=body)
    assert (without.status_code, without.json()["field"]) == (400, "phone")
    agent = world.access.users_by_name["1002"]
    world.access.users_by_name["1002"] = msgspec.structs.replace(agent, phone="2002")
    assert (await admin.post("/v1/agents/1002/login", json=body)).status_code == 202
    await admin.post("/v1/agents/1002/logout")
    assert (await admin.post("/v1/agents/1002/login", json={"phone": "3003", **body})).status_code == 202
    rung = [command[2] for command in world.record.commands if command[0] == "login"]
    assert rung == ["2002", "3003"]


async def test_the_list_shows_who_is_logged_in(admin: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1002", AgentState.READY, "OTHERCMP")
    everybody = (await admin.get("/v1/agents")).json()
    assert [(agent["user"], agent["state"]) for agent in everybody] == [("1000", "paused"), ("1002", "ready")]
    some = (await admin.get("/v1/agents", params={"campaign": "OTHERCMP"})).json()
    assert [agent["user"] for agent in some] == ["1002"]


async def test_one_agent(admin: httpx.AsyncClient) -> None:
    agent = (await admin.get("/v1/agents/1000")).json()
    assert (agent["user"], agent["campaign"], agent["room"]) == ("1000", "TESTCAMP", "8600051")


@pytest.mark.parametrize(
    ("path", "status", "error_id"),
    [
        ("/v1/agents/nobody", 404, "no-such-agent"),
        ("/v1/agents/1001", 409, "agent-not-logged-in"),
        ("/v1/agents/1%0A", 400, "invalid-input"),
        ("/v1/agents/" + "9" * 41, 400, "invalid-input"),
    ],
)
async def test_who_is_not_there(admin: httpx.AsyncClient, path: str, status: int, error_id: str) -> None:
    reply = await admin.get(path)
    assert (reply.status_code, reply.json()["error_id"]) == (status, error_id)


@pytest.mark.parametrize("user", ["7008", "6666"])
async def test_only_agents_are_commanded(admin: httpx.AsyncClient, world: World, user: str) -> None:
    login = {"phone": "1002", "campaign": "TESTCAMP"}
    for path, body in (("login", login), ("pause", {}), ("resume", {}), ("logout", {})):
        reply = await admin.post(f"/v1/agents/{user}/{path}", json=body)
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-agent"), path
    assert (await admin.get(f"/v1/agents/{user}")).status_code == 404
    assert world.record.commands == []


async def test_resume_while_she_waits_is_a_conflict_that_says_how_to_mend_it(
    admin: httpx.AsyncClient, world: World
) -> None:
    world.agents.seat("1000", AgentState.READY)
    reply = await admin.post("/v1/agents/1000/resume")
    problem = reply.json()
    assert (reply.status_code, problem["error_id"]) == (409, "agent-not-paused")
    assert problem["type"] == "urn:agent-bridge:error:agent-not-paused"
    assert problem["mend"]
    assert problem["details"]["state"] == "ready"


async def test_a_group_commands_and_sees_only_its_own(world: World) -> None:
    async with client(world, auth=basic("7001", "test7001")) as limited:
        assert (await limited.get("/v1/agents")).json() == []
        for path in ("", "/logout", "/pause", "/resume"):
            reply = await limited.request("POST" if path else "GET", f"/v1/agents/1000{path}")
            assert reply.status_code == 403, path
        body = {"phone": "1000", "campaign": "TESTCAMP"}
        assert (await limited.post("/v1/agents/1002/login", json=body)).status_code == 403
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "1000"}, "campaign"),
        ({"phone": "", "campaign": "TESTCAMP"}, "phone"),
        ({"phone": "1000\n", "campaign": "TESTCAMP"}, "phone"),
        ({"phone": "10\u000000", "campaign": "TESTCAMP"}, "phone"),
        ({"phone": "PJSIP/1000&PJSIP/911", "campaign": "TESTCAMP"}, "phone"),
        ({"phone": 1000, "campaign": "TESTCAMP"}, "phone"),
        ({"phone": None, "campaign": "TESTCAMP"}, "phone"),
        ({"phone": "x" * 1000, "campaign": "TESTCAMP"}, "phone"),
        ({"phone": "1000", "campaign": "'; DROP TABLE users"}, "campaign"),
        ({"phone": "1000", "campaign": "кампания"}, "campaign"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_done(
    admin: httpx.AsyncClient, world: World, body: object, field: str
) -> None:
    reply = await admin.post("/v1/agents/1002/login", json=body)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")
    assert reply.json()["field"] == field
    assert world.record.commands == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"phone":"1","campaign":"T","x":1}',
        b'"' + b"a" * 10,
        b"[" * 5000,
    ],
)
async def test_a_body_that_is_no_login(admin: httpx.AsyncClient, world: World, content: bytes) -> None:
    headers = {"content-type": "application/json"}
    reply = await admin.post("/v1/agents/1002/login", content=content, headers=headers)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "application/problem+json")
    assert world.record.commands == []
