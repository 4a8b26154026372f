"""Links that log an agent in to her page once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from api_fakes import World, client, crm

from bridge.access.limits import Limits
from bridge.access.tokens import LINK_PREFIX, LONG, is_token
from bridge.audit.entry import Result
from bridge.services import ApiOptions


async def made(admin: httpx.AsyncClient) -> str:
    reply = await admin.post("/v1/agents/1000/console/link")
    assert reply.status_code == 201, reply.text
    return str(urlsplit(reply.json()["url"]).fragment.removeprefix("link="))


async def test_a_link_holds_its_token_where_no_server_sees_it(admin: httpx.AsyncClient, world: World) -> None:
    world.options = ApiOptions(public_url="https://bridge.example")
    async with client(world, auth=admin.auth) as http:
        reply = await http.post("/v1/agents/1000/console/link", json={"minutes": 5})
    url = urlsplit(reply.json()["url"])
    assert (url.scheme, url.netloc, url.path, url.query) == ("https", "bridge.example", "/console", "")
    assert is_token(url.fragment.removeprefix("link="), LINK_PREFIX, LONG)
    assert world.audit.entries[-1].function == "agents.console"
    assert url.fragment not in repr(
        [getattr(world.audit.entries[-1], name) for name in ("_targets", "reason")]
    )


async def test_a_link_logs_in_once(admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World) -> None:
    token = await made(admin)
    first = await http.post("/v1/console/login", json={"link": token})
    assert (first.status_code, first.json()["user"]) == (200, "1000")
    assert "agent_bridge_console=abc_" in first.headers["set-cookie"]
    assert (await http.get("/v1/console")).status_code == 200
    again = await http.post("/v1/console/login", json={"link": token})
    assert (again.status_code, again.json()["error_id"]) == (401, "login-bad")
    entry = world.audit.entries[-1]
    assert (entry.function, entry.result, entry.reason) == ("console.login", Result.REFUSED, "login-bad")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user"),
        ({"user": "1000"}, "password"),
        ({"password": "x" * 10}, "user"),
        ({"link": "x", "user": "1000"}, "link"),
        ({"link": "x", "password": "x"}, "link"),
        ({"link": "x" * 300}, "link"),
        ({"link": 7}, "link"),
    ],
)
async def test_a_body_that_is_no_login_names_the_field(
    http: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    reply = await http.post("/v1/console/login", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)


@pytest.mark.parametrize("link", ["", "x", "abl_", "abl_" + "0" * 49, "\u0000", "' OR 1=1"])
async def test_what_is_no_link_opens_nothing(http: httpx.AsyncClient, world: World, link: str) -> None:
    assert (await http.post("/v1/console/login", json={"link": link})).status_code == 401
    assert world.access.console.sessions == {}


async def test_a_page_of_another_site_uses_no_link(
    admin: httpx.AsyncClient, http: httpx.AsyncClient, world: World
) -> None:
    token = await made(admin)
    foreign = {"origin": "https://evil.example"}
    assert (await http.post("/v1/console/login", json={"link": token}, headers=foreign)).status_code == 403
    assert world.access.console.links, "it is not used up"


@pytest.mark.parametrize("minutes", [0, -1, 1441, "5", 1.5])
async def test_a_time_that_cannot_be(admin: httpx.AsyncClient, world: World, minutes: object) -> None:
    reply = await admin.post("/v1/agents/1000/console/link", json={"minutes": minutes})
    assert (reply.status_code, reply.json()["field"]) == (400, "minutes")
    assert world.access.console.links == {}


async def test_only_agents_have_links_and_only_from_who_may(admin: httpx.AsyncClient, world: World) -> None:
    for user in ("nobody", "6666"):
        assert (await admin.post(f"/v1/agents/{user}/console/link")).status_code == 404
    async with await crm(world, limits=Limits(countries=("US",))) as http:
        held = await http.post("/v1/agents/1000/console/link")
    assert (held.status_code, held.json()["details"]["rule"]) == (403, "limits")
    await world.access.remove("crm")
    async with await crm(world, level=1) as http:
        below = await http.post("/v1/agents/1000/console/link")
    assert below.status_code == 403
    assert world.access.console.links == {}
