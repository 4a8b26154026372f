"""What an agent's page is told to register with: that of her own phone, and to her alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from api_fakes import World, basic, client
from msgspec.structs import replace

from bridge.campaigns.browser_server import BrowserPhone

PATH = "/v1/console/phone"
PASSWORD = "correct horse battery"


def phone(login: str) -> BrowserPhone:
    return BrowserPhone(
        websocket="wss://pbx.example/ws",
        uri=f"sip:{login}@pbx.example",
        user=login,
        password=f"sip-secret-of-{login}",
        ice_servers=("stun:stun.example:3478",),
    )


@pytest.fixture
async def hers(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The page of agent 1000, who sits at phone 1020 and has 1030 as her own."""
    world.access.console.passwords["1000"] = PASSWORD
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], phone="1030")
    world.agents.open["1000"] = replace(world.agents.open["1000"], phone="1020")
    async with client(world) as made:
        reply = await made.post("/v1/console/login", json={"user": "1000", "password": PASSWORD})
        assert reply.status_code == 200
        yield made


async def test_it_is_that_of_the_phone_at_which_she_sits(hers: httpx.AsyncClient, world: World) -> None:
    world.browser_phones.known = {login: phone(login) for login in ("1000", "1020", "1030")}
    reply = await hers.get(PATH)
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
    assert reply.json() == {
        "websocket": "wss://pbx.example/ws",
        "uri": "sip:1020@pbx.example",
        "user": "1020",
        "password": "sip-secret-of-1020",
        "ice_servers": ["stun:stun.example:3478"],
    }


async def test_before_her_shift_it_is_that_of_her_own_phone(hers: httpx.AsyncClient, world: World) -> None:
    del world.agents.open["1000"]
    world.browser_phones.known = {login: phone(login) for login in ("1000", "1020", "1030")}
    assert (await hers.get(PATH)).json()["user"] == "1030"


async def test_a_desk_phone_and_none_are_404(hers: httpx.AsyncClient, world: World) -> None:
    world.browser_phones.known = {"1030": phone("1030")}
    desk = await hers.get(PATH)
    assert (desk.status_code, desk.json()["error_id"]) == (404, "no-browser-phone")
    assert "agent-bridge phone secret" in desk.text
    del world.agents.open["1000"]
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], phone="")
    none = await hers.get(PATH)
    assert (none.status_code, none.json()["detail"]) == (404, "this agent has no phone")


async def test_nobody_else_is_told(hers: httpx.AsyncClient, world: World) -> None:
    world.browser_phones.known = {"1020": phone("1020")}
    async with client(world) as nobody, client(world, auth=basic()) as administrator:
        for reply in (
            await nobody.get(PATH),
            await administrator.get(PATH),
            await hers.get(PATH, headers={"sec-fetch-site": "cross-site"}),
            await hers.get(f"{PATH}?user=1001"),
        ):
            assert reply.status_code in {400, 401, 403}, reply.text
            assert "sip-secret" not in reply.text
    await hers.delete("/v1/console")
    assert (await hers.get(PATH)).status_code == 401


async def test_the_audit_trail_has_no_secret(hers: httpx.AsyncClient, world: World) -> None:
    world.browser_phones.known = {"1020": phone("1020")}
    await hers.get(PATH)
    row = world.audit.entries[-1]
    assert (row.function, row.user) == ("console.phone", "1000")
    assert "sip-secret" not in repr(row)
