"""Every route with the cookie of an agent's page: only what is her own, and only with herself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
from api_fakes import World, client
from msgspec.structs import replace
from test_denied import PATH, Bodies, routes, state

from bridge.access.model import ALL_RIGHTS
from bridge.access.names import ALL
from bridge.access.rights import ACTIONS
from bridge.access.tokens import CONSOLE_PREFIX, LONG, new_token
from bridge.agents.model import AgentState
from bridge.api.console import COOKIE
from bridge.audit.entry import Result

HERS: Final = "/v1/agents/{user:str}"
OWN: Final = {name for name, right in ACTIONS.items() if right.own}


class Page:
    """A browser with the cookie of agent 1000."""

    def __init__(self, http: httpx.AsyncClient, world: World) -> None:
        self._http = http
        self._bodies = Bodies(world)

    async def ask(self, method: str, path: str, user: str = "1000") -> httpx.Response:
        names = {**PATH, "user": user}
        filled = re.sub(r"{(\w+):\w+}", lambda found: names[found[1]], path)
        body = {"campaign": "TESTCAMP"} if path.endswith("/login") else self._bodies.of(method, path)
        return await self._http.request(method, filled, json=body)


@pytest.fixture
async def page(world: World) -> AsyncIterator[Page]:
    """The page of agent 1000, who has all that an agent may have; two others are logged in beside her."""
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], phone="1000")
    for user in ("1001", "1002"):
        world.agents.seat(user, AgentState.PAUSED)
    token = new_token(CONSOLE_PREFIX, LONG)
    world.access.console.begin("1000", token)
    async with client(world, cookies={COOKIE: token}) as made:
        yield Page(made, world)


def is_own(path: str, rights: tuple[str, ...]) -> bool:
    return path.startswith(HERS) and OWN.issuperset(rights)


async def test_nothing_that_is_not_her_own(page: Page, world: World) -> None:
    before, seen = state(world), 0
    for method, path, rights in routes(world):
        if is_own(path, rights):
            continue
        reply = await page.ask(method, path)
        wanted = 403 if path.startswith(HERS) else 401
        assert reply.status_code == wanted, (method, path, reply.text)
        assert wanted == 401 or reply.json()["details"]["rule"] == "console", (method, path)
        assert state(world) == before, (method, path)
        if path.startswith("/v1/"):
            assert world.audit.entries[-1].result is Result.REFUSED, (method, path)
        seen += 1
    assert seen > 90


@pytest.mark.parametrize("user", ["1001", "nobody", "6666"])
async def test_nothing_of_hers_with_another(page: Page, world: World, user: str) -> None:
    before, seen = state(world), 0
    for method, path, rights in routes(world):
        if not is_own(path, rights):
            continue
        reply = await page.ask(method, path, user)
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "console"), (method, path)
        assert state(world) == before, (method, path)
        assert world.audit.entries[-1].result is Result.REFUSED, (method, path)
        seen += 1
    assert seen > 25


async def test_what_is_her_own_is_let_through(page: Page, world: World) -> None:
    """What then becomes of it is said by her state: no rule of rights stands in the way."""
    seen = set()
    for method, path, rights in routes(world):
        if not is_own(path, rights) or (method, path) == ("POST", f"{HERS}/logout"):
            continue
        reply = await page.ask(method, path)
        assert reply.status_code != 401, (method, path, reply.text)
        assert '"error_id":"forbidden"' not in reply.text, (method, path, reply.text)
        assert world.audit.entries[-1].user == "1000"
        seen |= set(rights)
    assert seen | {"agents.logout"} == OWN
    assert (await page.ask("POST", f"{HERS}/logout")).status_code == 200


async def test_who_has_nothing_but_her_page_has_no_other_rights(page: Page, world: World) -> None:
    """Rights that an agent has been given for the API are not those of her page."""
    given = {"functions": ALL, "rights": ALL_RIGHTS, "level": 9, "api_access": True}
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], **given)
    await test_nothing_that_is_not_her_own(page, world)
    await test_nothing_of_hers_with_another(page, world, "1001")
