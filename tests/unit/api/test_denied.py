"""Every function and route, for each caller who may not: refused, nothing changed, one row of the audit."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import httpx
import pytest
from api_fakes import World, basic, client
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, Principal, UserSpec
from bridge.access.names import ALL
from bridge.access.rights import ACTIONS
from bridge.api.guard import NO_RIGHTS
from bridge.api.rest.docs import complete
from bridge.api.rest.examples import EXAMPLES
from bridge.api.vicidial.registry import FUNCTIONS
from bridge.audit.entry import Result

URL: Final = "/agc/api.php"
SECRET: Final = "its-secret"
NOW: Final = datetime.now(UTC)

LINES: Final[Mapping[str, Mapping[str, str]]] = {
    "audio_playback": {"value": "hello", "stage": "PLAY"},
    "call_agent": {"value": "CALL"},
    "calls_in_queue_count": {"value": "DISPLAY"},
    "change_ingroups": {"value": "CHANGE", "blended": "YES", "ingroup_choices": " SALESLINE -"},
    "external_add_lead": {"value": "7275551313", "phone_code": "1"},
    "external_dial": {
        "value": "7275551212",
        "phone_code": "1",
        "search": "YES",
        "preview": "NO",
        "focus": "YES",
    },
    "external_hangup": {"value": "1"},
    "external_pause": {"value": "PAUSE"},
    "external_status": {"value": "SALE"},
    "force_fronter_audio_stop": {"value": "LOCAL_ONLY"},
    "force_fronter_leave_3way": {"value": "LOCAL_ONLY"},
    "logout": {"value": "LOGOUT"},
    "park_call": {"value": "PARK_CUSTOMER"},
    "pause_code": {"value": "LUNCH"},
    "preview_dial_action": {"value": "SKIP"},
    "ra_call_control": {"value": "V1120100000000000201", "stage": "HANGUP", "status": "XFER1"},
    "recording": {"value": "START"},
    "refresh_panel": {"formreload": "1"},
    "send_dtmf": {"value": "1234"},
    "send_notification": {"recipient": "1000", "recipient_type": "USER", "notification_text": "Hello"},
    "set_timer_action": {"value": "MESSAGE_ONLY", "notes": "Say goodbye", "rank": "30"},
    "st_get_agent_active_lead": {"value": "CRM1000", "vendor_id": "x"},
    "st_login_log": {"value": "CRM1000", "vendor_id": "Blue"},
    "stereo_recording": {"value": "BEGIN"},
    "switch_lead": {"lead_id": "201"},
    "transfer_conference": {"value": "BLIND_TRANSFER", "phone_number": "7275551212"},
    "update_fields": {"first_name": "Newname"},
    "vm_message": {"value": "hello", "lead_id": "201"},
    "webphone_url": {"value": "LAUNCH"},
    "webserver": {},
}
"""A request of each function that a caller with all rights has carried out, or could in another state."""

PATH: Final = {
    "user": "1000",
    "asterisk": "main",
    "call_id": "x",
    "key": "k",
    "number": "3125559999",
    "group": "NUISANCE",
    "key_id": "abk_k",
    "recording_id": "1",
    "party": "customer",
    "post_id": "1",
    "campaign": "TESTCAMP",
    "lead_id": "201",
    "list_id": "101",
    "callback_id": "x",
    "import_id": "019aa5d2-1f00-7000-8000-000000000001",
}


class Denied(NamedTuple):
    """Somebody who may not."""

    change: Mapping[str, Any]
    """What is different from a user who may do everything."""
    status: int
    rule: str = ""
    """Under `/v1`; empty where the answer does not say why."""
    reason: str = ""
    """In the audit trail."""
    line: str = r"ERROR: Invalid Username/Password: \|\S*\|\S*\|0\|1\|BAD.*"
    secret: str = SECRET


def _limits(**limits: Any) -> Mapping[str, Any]:
    return {"limits": Limits(**limits)}


EVERYWHERE: Final = {
    "wrong": Denied({}, 401, reason="login-bad", secret="wrong-secret"),
    "disabled": Denied({"active": False}, 401, reason="login-inactive"),
    "stopped": Denied({"stopped": "61 calls within an hour"}, 401, reason="login-inactive"),
    "expired": Denied(_limits(expires_at=NOW - timedelta(days=1)), 401, reason="login-inactive"),
    "not yet": Denied(_limits(not_before=NOW + timedelta(days=1)), 401, reason="login-inactive"),
    "wrong address": Denied(
        _limits(addresses=("203.0.113.0/24",)),
        403,
        "address",
        "address",
        r"ERROR: user may not come from this address - crm",
    ),
    "over the rate": Denied(
        _limits(rate=0.001, burst=1),
        429,
        "",
        "",
        r"ERROR: too many requests, try again in some seconds - crm\|\d+",
    ),
    "lacking the function": Denied(
        {"functions": frozenset({"version"})},
        403,
        "function",
        "function",
        r"ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - .*",
    ),
}
"""Refused whatever is asked for. (Without a credential: `test_api_routes` and below.)"""

OF_AGENTS: Final = {
    "wrong campaign": Denied(
        _limits(campaigns=frozenset({"OTHERCMP"})),
        403,
        "campaign",
        "campaign",
        r"ERROR: \w+ failed, user crm may not use \w+: campaign \(needs TESTCAMP\) - .*",
    ),
    "wrong agent": Denied(
        _limits(agents=frozenset({"1002"})),
        403,
        "agent",
        "agent",
        r"ERROR: \w+ failed, user crm may not use \w+: agent \(needs 1000\) - .*",
    ),
}
"""Refused where an agent is commanded."""
NO_AGENT: Final = {
    "wrong campaign": {"webserver", "send_notification", "st_login_log"},
    "wrong agent": {"webserver"},
}


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client(world) as made:
        yield made


async def caller(world: World, denied: Denied) -> None:
    change = {name: value for name, value in denied.change.items() if name != "stopped"}
    spec: dict[str, Any] = {
        "level": 9,
        "api_access": True,
        "functions": ALL,
        "rights": ALL_RIGHTS,
        "group": "ADMIN",
    }
    made = await world.access.create(UserSpec(user="crm", **spec | change), SECRET)
    world.access.users_by_name["crm"] = replace(made, stopped=denied.change.get("stopped", ""))
    if made.limits.rate:
        world.access.throttle.admit(made, "127.0.0.1")


def state(world: World) -> str:
    """All that a request could change: what the fakes were told to do, and what they keep."""
    access = world.access
    keeps = (
        world.record,
        world.site,
        world.leads,
        world.recordings,
        world.screens,
        world.agents,
        world.manual,
    )
    more = (world.idempotency, world.in_groups, world.playback, world.phones, world.calls, access.keys)
    kept = [vars(each) for each in (*keeps, *more)]
    return repr((kept, access.users_by_name, access.secrets, access.teams))


def routes(world: World) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Method, path and rights of each that asks for a login."""
    for route in app_of(world).routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or handler.opt.get("right") in NO_RIGHTS:
                continue
            right = handler.opt.get("right")
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                assert right is not None, f"{method} {route.path} has no rule"
                yield method, route.path, (right,) if isinstance(right, str) else tuple(right)


class Bodies:
    """The example of each body in the API's own description."""

    def __init__(self, world: World) -> None:
        self._schema = complete(app_of(world).openapi_schema.to_schema())

    def of(self, method: str, path: str) -> Any:
        plain = re.sub(r":\w+}", "}", path)
        body = self._schema["paths"].get(plain, {}).get(method.lower(), {}).get("requestBody")
        if body is None or "application/json" not in body["content"]:
            return None
        name = re.findall(r"schemas/(\w+)", str(body["content"]["application/json"]["schema"]))[0]
        return EXAMPLES.get(name)


async def ask(http: httpx.AsyncClient, bodies: Bodies, method: str, path: str, secret: str) -> httpx.Response:
    filled = re.sub(r"{(\w+):\w+}", lambda found: PATH[found[1]], path)
    body = bodies.of(method, path)
    return await http.request(method, filled, json=body, auth=basic("crm", secret))


def check_row(world: World, denied: Denied, before: int, asked: str) -> None:
    if asked in ("GET /", "GET /reports"):  # pages, which ask for all that they show under `/v1`
        return
    assert len(world.audit.entries) == before + 1, asked
    entry = world.audit.entries[-1]
    assert (entry.result, entry.reason) == (Result.REFUSED, denied.reason or entry.reason), asked
    assert SECRET not in repr(entry), asked


def test_no_function_is_forgotten() -> None:
    assert set(LINES) == set(FUNCTIONS)
    assert set(FUNCTIONS) <= set(ACTIONS), "a function without a rule is refused, but cannot be used either"


@pytest.mark.parametrize("why", EVERYWHERE)
async def test_no_route_for_who_may_not(http: httpx.AsyncClient, world: World, why: str) -> None:
    denied, bodies, seen = EVERYWHERE[why], Bodies(world), 0
    await caller(world, denied)
    before = state(world)
    for method, path, _ in routes(world):
        rows = len(world.audit.entries)
        reply = await ask(http, bodies, method, path, denied.secret)
        assert reply.status_code == denied.status, (method, path, reply.text)
        assert reply.headers["content-type"] == "application/problem+json"
        assert not denied.rule or reply.json()["details"]["rule"] == denied.rule, (method, path)
        assert denied.status != 429 or int(reply.headers["retry-after"]) > 0
        assert state(world) == before, (method, path)
        check_row(world, denied, rows, f"{method} {path}")
        seen += 1
    assert seen > 60


@pytest.mark.parametrize("why", OF_AGENTS)
async def test_no_agent_for_who_is_limited_to_others(http: httpx.AsyncClient, world: World, why: str) -> None:
    denied, bodies, seen = OF_AGENTS[why], Bodies(world), 0
    await caller(world, denied)
    before = state(world)
    for method, path, _ in routes(world):
        if not path.startswith("/v1/agents/{user:str}"):
            continue
        rows = len(world.audit.entries)
        reply = await ask(http, bodies, method, path, denied.secret)
        assert (reply.status_code, reply.json()["details"].get("rule")) == (403, denied.rule), (method, path)
        assert state(world) == before, (method, path)
        check_row(world, denied, rows, f"{method} {path}")
        seen += 1
    assert seen > 30


async def test_no_route_without_the_level_and_the_rights(http: httpx.AsyncClient, world: World) -> None:
    denied, bodies, seen = Denied({"rights": {}, "level": 1}, 403), Bodies(world), 0
    await caller(world, denied)
    before = state(world)
    for method, path, rights in routes(world):
        if any(ACTIONS[right].level == 1 and not ACTIONS[right].needs for right in rights):
            continue
        rows = len(world.audit.entries)
        reply = await ask(http, bodies, method, path, denied.secret)
        assert reply.status_code == 403, (method, path)
        assert reply.json()["details"]["rule"] in ("level", "right"), (method, path)
        assert state(world) == before, (method, path)
        check_row(world, denied, rows, f"{method} {path}")
        seen += 1
    assert seen > 30


@pytest.mark.parametrize("why", [*EVERYWHERE, *OF_AGENTS])
async def test_no_function_for_who_may_not(http: httpx.AsyncClient, world: World, why: str) -> None:
    denied = (EVERYWHERE | OF_AGENTS)[why]
    await caller(world, denied)
    before = state(world)
    for function, own in LINES.items():
        if function in NO_AGENT.get(why, ()):
            continue
        rows = len(world.audit.entries)
        login = {"source": "test", "user": "crm", "pass": denied.secret, "agent_user": "1000"}
        reply = await http.get(URL, params={**login, "function": function, **own})
        assert re.fullmatch(denied.line, reply.text.splitlines()[0]), (function, reply.text)
        assert "SUCCESS" not in reply.text, function
        assert denied.secret not in reply.text, function
        assert state(world) == before, function
        check_row(world, denied, rows, function)


@pytest.mark.parametrize("function", LINES)
async def test_no_function_without_a_credential(http: httpx.AsyncClient, world: World, function: str) -> None:
    before = state(world)
    reply = await http.get(
        URL, params={"source": "test", "agent_user": "1000", "function": function, **LINES[function]}
    )
    assert reply.text.startswith("ERROR: Invalid Username/Password: ||")
    assert state(world) == before
    check_row(world, Denied({}, 401, reason="login-bad"), 0, function)


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if ACTIONS[name].needs])
async def test_no_function_without_its_rights(http: httpx.AsyncClient, world: World, function: str) -> None:
    await caller(world, Denied({"rights": {}}, 403))
    before = state(world)
    login = {"source": "test", "user": "crm", "pass": SECRET, "agent_user": "1000"}
    reply = await http.get(URL, params={**login, "function": function, **LINES[function]})
    assert reply.text.startswith("ERROR: ")
    assert state(world) == before


def test_the_caller_who_may_everything_is_no_exception() -> None:
    """The difference in each row is what is refused, not that the user may nothing anyway."""
    full = Principal(user="crm", level=9, api_access=True, functions=ALL, rights=ALL_RIGHTS)
    for denied in (*EVERYWHERE.values(), *OF_AGENTS.values()):
        assert denied.secret != SECRET or denied.change
        assert replace(full, **denied.change) != full or denied.secret != SECRET
