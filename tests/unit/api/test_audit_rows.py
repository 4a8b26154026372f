"""Each request has one row, which says what it was and what came of it, and nothing that is secret."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client
from api_fakes.http import app_of

from bridge.access.errors import TooManyLogins
from bridge.agents.model import AgentState
from bridge.api.guard import NO_RIGHTS
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.audit.entry import Entry, Result
from bridge.store.errors import StoreUnavailable

LOGIN = {"source": "test", "user": "6666", "pass": "1234"}
OK, REFUSED, FAILED = Result.OK, Result.REFUSED, Result.FAILED


async def line(http: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    return await http.get("/agc/api.php", params=LOGIN | parameters)


def only(world: World) -> Entry:
    (entry,) = world.audit.entries
    return entry


def told(entry: Entry) -> tuple[str, Result, str]:
    return entry.function, entry.result, entry.reason


async def test_a_function_that_was_carried_out(http: httpx.AsyncClient, world: World) -> None:
    reply = await line(http, function="external_pause", agent_user="1000", value="PAUSE")
    entry = only(world)
    assert told(entry) == ("external_pause", OK, "")
    assert (entry.user, entry.right, entry.status) == ("6666", "external_pause", 200)
    assert entry.target(frozenset({"1000"})) == "agent=1000"
    assert entry.address == "127.0.0.1"
    assert reply.headers["x-request-id"] == entry.id


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"source": ""}, ("external_pause", FAILED, "Invalid Source")),
        ({"pass": "wrong"}, ("external_pause", REFUSED, "login-bad")),
        ({"user": "nobody"}, ("external_pause", REFUSED, "login-bad")),
        ({"user": "7006", "pass": "test7006"}, ("external_pause", REFUSED, "login-lock")),
        ({"user": "7002", "pass": "test7002"}, ("external_pause", REFUSED, "login-inactive")),
        ({"user": "7003", "pass": "test7003"}, ("external_pause", REFUSED, "login-noapi")),
        ({"user": "7000", "pass": "test7000"}, ("external_pause", REFUSED, "function")),
        ({"agent_user": "1001"}, ("external_pause", FAILED, "agent_user is not logged in")),
        ({"value": ""}, ("external_pause", FAILED, "external_pause not valid")),
        ({"value": "x" * 9000}, ("unknown", FAILED, "parameter is too long")),
        ({"function": "hunter2"}, ("unknown", OK, "")),
        ({"function": "version"}, ("version", OK, "")),
        ({"function": "coffee"}, ("coffee", FAILED, "http-418")),
    ],
)
async def test_what_a_line_says_is_in_the_row(
    http: httpx.AsyncClient, world: World, parameters: dict[str, str], expected: tuple[str, Result, str]
) -> None:
    await line(http, **{"function": "external_pause", "agent_user": "1000", "value": "PAUSE"} | parameters)
    assert told(only(world)) == expected


async def test_who_it_said_it_was_when_it_was_not_let_in(http: httpx.AsyncClient, world: World) -> None:
    await line(http, user="7006", function="version2")
    entry = only(world)
    assert (entry.claimed, entry.user, entry.right) == ("7006", "", "")


async def test_too_many_logins_and_no_store(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for error, expected in (
        (TooManyLogins(), (REFUSED, "too-many-logins")),
        (StoreUnavailable(), (FAILED, "storage-unavailable")),
        (RuntimeError("hunter2"), (FAILED, "internal-error")),
    ):

        async def authenticate(*_: str, error: Exception = error) -> Any:
            raise error

        monkeypatch.setattr(world.access, "authenticate", authenticate)
        await line(http, function="external_pause")
        assert (world.audit.entries[-1].result, world.audit.entries[-1].reason) == expected
    assert len(world.audit.entries) == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "expected", "target"),
    [
        ("GET", "/v1/agents", None, ("agents.list", OK, "", 200), ""),
        ("POST", "/v1/agents/1000/pause", {}, ("agents.pause", OK, "", 200), "agent=1000"),
        (
            "POST",
            "/v1/agents/1001/pause",
            {},
            ("agents.pause", FAILED, "agent-not-logged-in", 409),
            "agent=1001",
        ),
        ("POST", "/v1/agents/hunter2/pause", {}, ("agents.pause", FAILED, "no-such-agent", 404), "agent=?"),
        (
            "POST",
            "/v1/agents/1000/pause",
            {"x": 1},
            ("agents.pause", FAILED, "invalid-input", 400),
            "agent=1000",
        ),
        ("GET", "/v1/calls/hunter2", None, ("calls.get", FAILED, "no-such-call", 404), "call=?"),
        ("GET", "/v1/site/phones/hunter2", None, ("site.read", FAILED, "not-found", 404), ""),
        ("DELETE", "/v1/site/campaigns/TESTCAMP", None, ("site.campaign", OK, "", 204), "campaigns=TESTCAMP"),
        ("DELETE", "/v1/site/agents/1001", None, ("users.write", OK, "", 204), "user=1001"),
        ("GET", "/v1/nothing", None, ("unknown", FAILED, "not-found", 404), ""),
        ("DELETE", "/v1/agents", None, ("unknown", FAILED, "method-not-allowed", 405), ""),
        ("GET", "//v1//agents", None, ("agents.list", OK, "", 200), ""),
    ],
)
async def test_a_request_under_v1(
    admin: httpx.AsyncClient,
    world: World,
    method: str,
    path: str,
    body: Any,
    expected: tuple[str, Result, str, int],
    target: str,
) -> None:
    options = {} if body is None else {"json": body}
    reply = await admin.request(method, httpx.URL("http://bridge" + path), **options)
    entry = only(world)
    assert (*told(entry), entry.status) == expected
    assert entry.target(frozenset({"1000", "1001"})) == target
    assert reply.headers["x-request-id"] == entry.id


@pytest.mark.parametrize(
    ("user", "secret", "reason"),
    [
        ("6666", "wrong", "login-bad"),
        ("nobody", "1234", "login-bad"),
        ("7006", "test7006", "login-lock"),
        ("7000", "test7000", "function"),
    ],
)
async def test_who_is_refused_under_v1(world: World, user: str, secret: str, reason: str) -> None:
    async with client(world, auth=basic(user, secret)) as http:
        await http.post("/v1/agents/1000/logout")
    entry = only(world)
    assert told(entry) == ("agents.logout", REFUSED, reason)
    assert entry.claimed == user
    assert entry.right == ""


async def test_without_any_login(http: httpx.AsyncClient, world: World) -> None:
    await http.get("/v1/agents")
    assert told(only(world)) == ("agents.list", REFUSED, "login-none")


async def test_which_of_a_routes_rights_was_used(admin: httpx.AsyncClient, world: World) -> None:
    for body, function, right in (
        ({"campaign": "TEST", "number": "7275550100"}, "calls.dial", "call_dial"),
        ({"agent": "1000", "number": "7275550100"}, "agents.dial", "external_dial"),
    ):
        await admin.post("/v1/calls", json=body)
        assert (world.audit.entries[-1].function, world.audit.entries[-1].right) == (function, right)


async def test_what_is_public_has_no_row(http: httpx.AsyncClient, world: World) -> None:
    for path in ("/health", "/ready", "/docs", "/assets/style.css"):
        await http.get(path)
    assert world.audit.entries == []


async def test_a_stream_has_its_row_when_it_begins(admin: httpx.AsyncClient, world: World) -> None:
    world.events.frames = [b": hello\n\n"]
    recorded: list[int] = []
    take = world.audit.record

    async def record(entry: Entry) -> None:
        recorded.append(len(recorded))
        await take(entry)

    world.audit.record = record  # type: ignore[method-assign]  # a spy
    async with admin.stream("GET", "/v1/events") as reply:
        assert recorded == [0]
        await reply.aread()
    assert recorded == [0]
    assert told(only(world)) == ("events.agents", OK, "")


async def test_rows_of_requests_at_once_are_not_mixed_up(admin: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1001", AgentState.PAUSED)
    paths = [f"/v1/agents/{user}/{what}" for user in ("1000", "1001") for what in ("pause", "logout")]
    await asyncio.gather(*(admin.post(path) for path in paths))
    seen = {(entry.function, entry.target(frozenset({"1000", "1001"}))) for entry in world.audit.entries}
    assert seen == {
        (f"agents.{what}", f"agent={user}") for user in ("1000", "1001") for what in ("pause", "logout")
    }


async def test_a_secret_that_was_put_into_both_fields_is_not_repeated(http: httpx.AsyncClient) -> None:
    reply = await line(http, user="hunter2", **{"pass": "hunter2"}, function="version2")
    assert reply.text == "ERROR: Invalid Username/Password: |****|****|0|1|BAD|0|api|****|\n"


BAD: dict[str, tuple[dict[str, str], str]] = {
    "none": ({}, "login-bad"),
    "wrong": ({"user": "6666", "pass": "wrong"}, "login-bad"),
    "nobody's": ({"user": "nobody", "pass": "1234"}, "login-bad"),
    "locked": ({"user": "7006", "pass": "test7006"}, "login-lock"),
    "disabled": ({"user": "7002", "pass": "test7002"}, "login-inactive"),
    "without the API": ({"user": "7003", "pass": "test7003"}, "login-noapi"),
    "lacking the right": ({"user": "7000", "pass": "test7000"}, "function"),
}
ASKED = {"agent_user": "1000", "phone_code": "1", "lead_id": "201", "phone_number": "7275550100"}
VALUES = {
    "audio_playback": {"stage": "PLAY", "value": "ss-noservice"},
    "call_agent": {"value": "CALL"},
    "external_add_lead": {"value": "7275550100"},
    "calls_in_queue_count": {"value": "DISPLAY"},
    "change_ingroups": {"value": "ADD", "blended": "YES", "ingroup_choices": " A -"},
    "external_dial": {"value": "7275550100", "search": "YES", "preview": "NO", "focus": "YES"},
    "force_fronter_audio_stop": {"value": "LOCAL_ONLY", "stage": "STOP"},
    "force_fronter_leave_3way": {"value": "LOCAL_ONLY"},
    "logout": {"value": "LOGOUT"},
    "park_call": {"value": "PARK_CUSTOMER"},
    "preview_dial_action": {"value": "SKIP"},
    "ra_call_control": {"value": "M1", "stage": "HANGUP"},
    "recording": {"value": "START"},
    "refresh_panel": {"value": "FORMRELOAD"},
    "send_notification": {"recipient": "1000", "recipient_type": "USER", "notification_text": "x"},
    "set_timer_action": {"value": "D1_DIAL", "notes": "x", "rank": "1"},
    "st_get_agent_active_lead": {"value": "1000", "vendor_id": "x"},
    "st_login_log": {"value": "x", "vendor_id": "x"},
    "stereo_recording": {"value": "BEGIN"},
    "switch_lead": {"lead_id": "201"},
    "transfer_conference": {"value": "HANGUP_XFER"},
    "vm_message": {"value": "x"},
    "webphone_url": {"value": "DISPLAY"},
}


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
@pytest.mark.parametrize("credential", BAD)
async def test_no_function_without_a_good_credential_and_a_row_for_each(
    http: httpx.AsyncClient, world: World, function: str, credential: str
) -> None:
    login, reason = BAD[credential]
    asked = ASKED | {"value": "PAUSE"} | VALUES.get(function, {})
    reply = await http.get("/agc/api.php", params={"source": "test", "function": function} | asked | login)
    assert reply.text.startswith("ERROR: ")
    assert world.record.commands == []
    entry = only(world)
    assert told(entry) == (function, REFUSED, reason)
    assert entry.claimed == login.get("user", "")
    assert entry.right == ""


@pytest.mark.parametrize("credential", BAD)
async def test_no_route_without_a_good_credential_and_a_row_for_each(world: World, credential: str) -> None:
    login, reason = BAD[credential]
    auth = basic(login["user"], login["pass"]) if login else None
    seen = 0
    async with client(world, auth=auth) as http:
        for route in app_of(world).routes:
            for handler in getattr(route, "route_handlers", ()):
                if handler.opt.get("right") in (None, *NO_RIGHTS):
                    continue
                for method in handler.http_methods - {"OPTIONS"}:
                    path = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+:str\}", "1001", route.path))
                    if not path.startswith("/v1/"):
                        continue
                    await http.request(method, path)
                    seen += 1
                    entry = world.audit.entries[-1]
                    assert entry.result is REFUSED, path
                    assert entry.reason in (reason, "login-none", "level"), path
    assert len(world.audit.entries) == seen > 60
    assert world.record.commands == []
