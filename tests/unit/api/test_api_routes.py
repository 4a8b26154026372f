"""No route without a rule, and what the guard lets through."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client
from api_fakes.http import app_of
from litestar.handlers import HTTPRouteHandler

from bridge.access.rights import ACTIONS
from bridge.api.guard import CONSOLE, CONSOLE_LOGIN, NO_RIGHTS, OWN_LOGIN, PUBLIC

MAY_BE_PUBLIC = {
    *(
        "/health",
        "/ready",
        "/docs",
        "/console",
        "/assets/{name:str}",
        "/assets/vendor/{name:str}",
        "/v1/openapi.json",
    ),
    "/v1/recordings/{recording_id:int}/audio",  # by a signed link
}
"""Beside Litestar's own copy of the description."""


def _routes(world: World) -> list[tuple[str, HTTPRouteHandler]]:
    return [
        (route.path, handler)
        for route in app_of(world).routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
    ]


def test_every_route_names_its_right(world: World) -> None:
    routes = _routes(world)
    assert len(routes) > 40
    for path, handler in routes:
        if handler.http_methods == {"OPTIONS"}:
            continue
        right = handler.opt.get("right")
        assert right is not None, f"{path} has no authorisation rule"
        if right == PUBLIC:
            assert path in MAY_BE_PUBLIC or path.startswith(("/v1/openapi", "/v1/asyncapi")), path
        elif right == OWN_LOGIN:
            assert path in ("/agc/api.php", "/vicidial/non_agent_api.php", "/in/{token:str}"), path
        elif right in (CONSOLE, CONSOLE_LOGIN):
            assert path.startswith("/v1/console"), path
        else:
            rights = (right,) if isinstance(right, str) else right
            assert all(name in ACTIONS for name in rights), (path, rights)


async def test_nothing_but_the_public_without_a_login(http: httpx.AsyncClient, world: World) -> None:
    seen = 0
    for path, handler in _routes(world):
        if handler.opt.get("right") in (None, *NO_RIGHTS):
            continue
        for method in handler.http_methods - {"OPTIONS"}:
            filled = (
                path.replace("{user:str}", "1000")
                .replace("{call_id:str}", "x")
                .replace("{key:str}", "k")
                .replace("{recording_id:int}", "1")
                .replace("{post_id:int}", "1")
                .replace("{lead_id:int}", "1")
                .replace("{list_id:int}", "1")
            )
            reply = await http.request(method, filled)
            assert reply.status_code == 401, (method, filled)
            assert reply.headers["www-authenticate"].startswith("Basic ")
            assert reply.json()["error_id"] == "unauthorized"
            seen += 1
    assert seen > 40
    assert world.record.commands == []


async def test_nothing_for_a_user_without_functions(world: World) -> None:
    async with client(world, auth=basic("7000", "test7000")) as http:
        for method, path in (
            ("GET", "/v1/agents"),
            ("POST", "/v1/agents/1000/logout"),
            ("POST", "/v1/agents/1000/pause"),
            ("GET", "/v1/calls"),
            ("GET", "/v1/events"),
            ("GET", "/v1/site/campaigns"),
            ("DELETE", "/v1/site/agents/1000"),
            ("GET", "/"),
        ):
            reply = await http.request(method, path)
            assert (reply.status_code, reply.json()["error_id"]) == (403, "forbidden"), path
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("method", "path", "needs"),
    [
        ("GET", "/v1/agents", "logged_in_agents"),
        ("POST", "/v1/calls", "external_dial or click_to_dial or call_dial"),
        ("GET", "/v1/events", "agent_status or callid_info or lead_all_info or events"),
    ],
)
async def test_who_has_none_of_the_functions_is_told_all_that_suffice(
    world: World, method: str, path: str, needs: str
) -> None:
    async with client(world, auth=basic("7000", "test7000")) as http:
        told = (await http.request(method, path)).json()["details"]
    assert told == {"rule": "function", "needs": needs}


async def test_who_has_a_function_is_told_what_is_missing_beside_it(world: World) -> None:
    user = world.access.users_by_name["7000"]
    functions = frozenset({"callid_info"})
    world.access.users_by_name["7000"] = msgspec.structs.replace(user, functions=functions, level=1)
    async with client(world, auth=basic("7000", "test7000")) as http:
        told = (await http.get("/v1/events")).json()["details"]
    assert told == {"rule": "level", "needs": "7"}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic Og==",
        "Basic bm9jb2xvbg==",
        "Bearer x",
        "Basic /w==",
        "Basic " + "QQ" * 9999,
    ],
)
async def test_a_header_that_is_no_login(http: httpx.AsyncClient, header: str) -> None:
    reply = await http.get("/v1/agents", headers={"authorization": header})
    assert reply.status_code == 401


@pytest.mark.parametrize(
    ("user", "secret"), [("6666", "no"), ("nobody", "x"), ("7002", "test7002"), ("7003", "test7003")]
)
async def test_a_login_that_is_refused_does_not_say_why(world: World, user: str, secret: str) -> None:
    async with client(world, auth=basic(user, secret)) as http:
        reply = await http.get("/v1/agents")
    assert (reply.status_code, reply.json()["detail"]) == (
        401,
        "user and secret of an API user are needed, or one of its keys",
    )


async def test_a_locked_user_is_told(world: World) -> None:
    async with client(world, auth=basic("7006", "test7006")) as http:
        reply = await http.get("/v1/agents")
    assert reply.status_code == 401
    assert "locked" in reply.json()["detail"]


async def test_a_page_of_another_site_cannot_use_a_remembered_login(
    admin: httpx.AsyncClient, world: World
) -> None:
    reply = await admin.post("/v1/agents/1000/logout", headers={"origin": "https://evil.example"})
    assert reply.status_code == 403
    assert world.record.commands == []
    own = await admin.post("/v1/agents/1000/logout", headers={"origin": "http://bridge"})
    assert own.status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "null", "http://[v1.x", "//", "https://bridge:"])
async def test_an_origin_that_is_none_is_another_site(
    admin: httpx.AsyncClient, world: World, origin: str
) -> None:
    reply = await admin.post("/v1/agents/1000/logout", headers={"origin": origin})
    assert reply.status_code == 403
    assert world.record.commands == []


async def test_a_body_of_another_type_is_refused(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post("/v1/agents/1000/pause", content=b'{"reason": "LUNCH"}')
    assert (reply.status_code, reply.json()["status"]) == (415, 415)
    assert world.record.commands == []


async def test_a_body_over_the_limit_is_refused(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post("/v1/agents/1000/pause", json={"reason": "x" * 100_000})
    assert (reply.status_code, reply.headers["content-type"]) == (413, "application/problem+json")
    assert world.record.commands == []


async def test_unknown_routes_and_methods_are_problems_too(admin: httpx.AsyncClient) -> None:
    missing = await admin.get("/v1/nothing")
    assert (missing.status_code, missing.json()["error_id"]) == (404, "not-found")
    wrong = await admin.delete("/v1/agents")
    assert (wrong.status_code, wrong.json()["error_id"]) == (405, "method-not-allowed")
    assert "GET" in wrong.headers["allow"]


async def test_a_query_parameter_that_is_given_twice_is_refused(admin: httpx.AsyncClient) -> None:
    reply = await admin.get("/v1/calls", params=[("campaign", "ONE"), ("campaign", "TWO")])
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert "campaign" in reply.text


async def test_a_query_parameter_that_is_not_known_is_refused(admin: httpx.AsyncClient) -> None:
    reply = await admin.get("/v1/calls?lives=true")
    assert (reply.status_code, reply.json()["field"]) == (400, "lives")
    assert (await admin.get("/v1/calls?live=true&limit=3")).status_code == 200


async def test_options_tells_the_methods_to_anybody(http: httpx.AsyncClient) -> None:
    reply = await http.options("/v1/agents/1000/pause")
    assert (reply.status_code, reply.headers["allow"]) == (204, "OPTIONS, POST")
