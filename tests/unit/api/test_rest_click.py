"""Click to dial under `/v1`, `Prefer: wait`, and keys on every command."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler

from bridge.api.rest.dialling import wait_preferred
from bridge.calls.model import Call, CallState
from bridge.campaigns.model import Campaign
from bridge.store.errors import StoreUnavailable

URL = "/v1/calls"
CLICK = {"from": "2000", "to": "+17275550100", "campaign": "TESTCAMP"}


async def test_an_extension_is_rung_for_a_number(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post(URL, json=CLICK)
    call = reply.json()
    assert (reply.status_code, call["kind"], call["extension"], call["agent"]) == (201, "CL", "2000", "")
    assert reply.headers["location"] == f"/v1/calls/{call['id']}"
    assert "preference-applied" not in reply.headers
    assert world.calls.waits == []


@pytest.mark.parametrize(
    ("body", "status", "error_id"),
    [
        ({**CLICK, "agent": "1000"}, 400, "invalid-input"),
        ({**CLICK, "number": "7275550101"}, 400, "invalid-input"),
        ({**CLICK, "phone_code": "1"}, 400, "invalid-input"),
        ({**CLICK, "from": "1000&SIP/911"}, 400, "invalid-input"),
        ({**CLICK, "from": ""}, 400, "invalid-input"),
        ({**CLICK, "ring_seconds": 4}, 400, "invalid-input"),
        ({**CLICK, "ring_seconds": 121}, 400, "invalid-input"),
        ({**CLICK, "extension": "2000"}, 400, "invalid-input"),
        ({"from": "2000", "campaign": "TESTCAMP"}, 400, "invalid-input"),
        ({"from": "2000", "to": "+17275550100"}, 400, "invalid-input"),
        ({**CLICK, "from": "1000"}, 409, "phone-in-use"),
    ],
)
async def test_what_is_no_click(
    admin: httpx.AsyncClient, world: World, body: dict[str, Any], status: int, error_id: str
) -> None:
    reply = await admin.post(URL, json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (status, error_id), reply.text
    assert world.record.commands == []


async def test_the_campaign_may_be_left_out_where_there_is_one(
    admin: httpx.AsyncClient, world: World
) -> None:
    told = (await admin.post(URL, json={"from": "2000", "to": "7275550100"})).json()
    assert told["field"] == "campaign"
    assert "TESTCAMP" in told["detail"], "the choice is named"
    for kind, key in list(world.site.items):
        if kind is Campaign and key != "TESTCAMP":
            del world.site.items[kind, key]
    assert (await admin.post(URL, json={"from": "2000", "to": "7275550100"})).json()["campaign"] == "TESTCAMP"
    world.site.items.clear()
    reply = await admin.post(URL, json={"from": "2000", "to": "7275550100"})
    assert (reply.status_code, reply.json()["field"]) == (400, "campaign")


async def test_a_campaign_named_default_is_the_default(admin: httpx.AsyncClient, world: World) -> None:
    world.site.items[Campaign, "default"] = Campaign(id="default")
    reply = await admin.post(URL, json={"from": "2000", "to": "7275550100"})
    assert reply.json()["details"]["campaign"] == "default", "and the fakes have no such campaign"


async def test_who_may_not_command_an_agent_does_not_ring_her_phone(world: World) -> None:
    async with client(world, auth=basic("7001", "test7001")) as limited:
        reply = await limited.post(URL, json={**CLICK, "from": "1002"})
        assert (reply.status_code, reply.json()["error_id"]) == (403, "forbidden")
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=20", 20),
        ("respond-async, wait=20", 20),
        ("WAIT = 20", 20),
        ('wait="20"', 20),
        ("wait=20;x=1", 20),
        ("wait=9999", 60),
        ("wait=0", 0),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("wait", 0),
        ("waiting=20", 0),
        ("handling=strict", 0),
        ("wait=5, wait=7", 5),
        ("wait=" + "9" * 4000, 0),
    ],
)
def test_how_long_is_waited(prefer: str | None, seconds: int) -> None:
    assert wait_preferred(prefer) == seconds


async def test_the_answer_comes_when_the_call_is_answered(admin: httpx.AsyncClient, world: World) -> None:
    now = datetime.now(UTC)
    world.calls.becomes = lambda call: msgspec.structs.replace(
        call, state=CallState.BRIDGED, answered_at=now, bridged_at=now
    )
    reply = await admin.post(URL, json=CLICK, headers={"Prefer": "wait=20"})
    assert (reply.status_code, reply.json()["state"]) == (201, "bridged")
    assert reply.headers["preference-applied"] == "wait=20"
    assert reply.headers["location"] == f"/v1/calls/{reply.json()['id']}"
    assert world.calls.waits == [(reply.json()["id"], 20)]


@pytest.mark.parametrize("what", ["busy", "declined", "unanswered", "unreachable"])
async def test_an_extension_that_fails_is_a_problem_of_its_own_name(
    admin: httpx.AsyncClient, world: World, what: str
) -> None:
    def failed(call: Call) -> Call:
        return msgspec.structs.replace(call, state=CallState.DISPOSED, end_reason=f"extension_{what}")

    world.calls.becomes = failed
    headers = {"Prefer": "wait=20", "Idempotency-Key": "k"}
    reply = await admin.post(URL, json=CLICK, headers=headers)
    problem = reply.json()
    assert (reply.status_code, problem["error_id"]) == (409, f"extension-{what}")
    assert problem["type"] == f"urn:agent-bridge:error:extension-{what}"
    assert problem["details"]["extension"] == "2000"
    assert reply.headers["preference-applied"] == "wait=20"
    assert reply.headers["content-type"] == "application/problem+json"
    again = await admin.post(URL, json=CLICK, headers=headers)
    assert (again.status_code, again.content) == (409, reply.content)
    assert len(world.record.commands) == 1
    assert (await admin.get(f"{URL}/{problem['details']['call']}")).json()[
        "end_reason"
    ] == f"extension_{what}"


async def test_a_call_that_cannot_be_read_any_more_is_told_as_it_was_placed(
    admin: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(world.calls, "wait", lost)
    reply = await admin.post(URL, json=CLICK, headers={"Prefer": "wait=20"})
    assert reply.status_code == 201, "it was dialled"


# -- keys


def test_every_post_that_acts_takes_a_key(world: World) -> None:
    """What is added under `/v1/site` has a name: adding it again is a conflict.

    What lets an agent into her page is told once and kept nowhere, by no key either.
    """
    without = []
    for route in app_of(world).routes:
        for handler in getattr(route, "route_handlers", ()):
            acts = isinstance(handler, HTTPRouteHandler) and "POST" in handler.http_methods
            lets_in = route.path in ("/v1/console/login", "/v1/agents/{user:str}/console/link")
            if not acts or lets_in or not route.path.startswith("/v1/") or route.path.startswith("/v1/site/"):
                continue
            if "idempotency_key" not in handler.parsed_fn_signature.parameters:
                without.append(route.path)
    assert without == []


COMMANDS: list[tuple[str, Any]] = [
    ("/v1/agents/1001/login", {"phone": "1001", "campaign": "TESTCAMP"}),
    ("/v1/agents/1000/logout", None),
    ("/v1/agents/1000/pause", {"reason": "LUNCH"}),
    ("/v1/agents/1000/resume", None),
]


@pytest.mark.parametrize(("path", "body"), COMMANDS)
async def test_a_command_with_a_key_is_carried_out_once(
    admin: httpx.AsyncClient, world: World, path: str, body: Any
) -> None:
    world.access.users_by_name["1001"] = world.access.users_by_name["1000"]
    headers = {"Idempotency-Key": "wish-1"}
    first = await admin.post(path, json=body, headers=headers)
    assert first.is_success, first.text
    again = await admin.post(path, json=body, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again.headers["idempotency-replayed"], "location" in again.headers) == ("true", False)
    assert again.headers["content-type"] == first.headers["content-type"] == "application/json"
    assert len(world.record.commands) == 1


async def test_hanging_up_with_a_key_is_done_once(admin: httpx.AsyncClient, world: World) -> None:
    call = (await admin.post(URL, json=CLICK)).json()
    path, headers = f"{URL}/{call['id']}/hangup", {"Idempotency-Key": "wish-1"}
    first = await admin.post(path, headers=headers)
    again = await admin.post(path, headers=headers)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert [command[0] for command in world.record.commands] == ["dial", "hangup call"]


async def test_a_key_belongs_to_one_request(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "wish-1"}
    await admin.post("/v1/agents/1000/pause", headers=headers)
    reply = await admin.post("/v1/agents/1000/resume", headers=headers)
    assert (reply.status_code, reply.json()["error_id"]) == (422, "idempotency-key-reused")
    assert len(world.record.commands) == 1


async def test_a_refused_command_is_kept_and_an_outage_is_not(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "wish-1"}
    await admin.post("/v1/agents/1000/resume")
    first = await admin.post("/v1/agents/1000/resume", headers=headers)
    assert (first.status_code, first.json()["error_id"]) == (409, "agent-not-paused")
    await admin.post("/v1/agents/1000/pause")
    again = await admin.post("/v1/agents/1000/resume", headers=headers)
    assert (again.status_code, again.content) == (409, first.content)
    world.record.asterisk_up = False
    away = await admin.post("/v1/agents/1000/pause", headers={"Idempotency-Key": "wish-2"})
    assert away.status_code == 503
    world.record.asterisk_up = True
    back = await admin.post("/v1/agents/1000/pause", headers={"Idempotency-Key": "wish-2"})
    assert back.status_code == 200


async def test_who_may_not_command_her_leaves_no_key(world: World) -> None:
    async with client(world, auth=basic("7001", "test7001")) as limited:
        reply = await limited.post("/v1/agents/1000/pause", headers={"Idempotency-Key": "k"})
    assert reply.status_code == 403
    assert world.idempotency.kept == {}


async def test_a_transfer_that_a_crash_cut_off_is_not_repeated(
    admin: httpx.AsyncClient, world: World
) -> None:
    """Nobody knows whether it was carried out: a second time may reach somebody else."""
    headers, body = {"Idempotency-Key": "k"}, {"keys": "1"}
    await admin.post(URL, json={"agent": "1000", "number": "7275550100"})
    first = await admin.post("/v1/agents/1000/keys", json=body, headers=headers)
    assert (first.status_code, first.content) == (202, b"")
    again = await admin.post("/v1/agents/1000/keys", json=body, headers=headers)
    assert (again.status_code, again.headers["idempotency-replayed"]) == (202, "true")
    same, done = world.idempotency.kept["6666", "k"]
    world.idempotency.kept["6666", "k"] = (same, msgspec.structs.replace(done, outcome="new"))
    cut = await admin.post("/v1/agents/1000/keys", json=body, headers=headers)
    assert (cut.status_code, cut.json()["error_id"]) == (409, "idempotency-outcome-unknown")
    assert [command[0] for command in world.record.commands] == ["dial", "press"]
