"""`/metrics`: who may read it."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import GroupScope
from bridge.access.names import ALL


async def test_the_page_is_given_as_prometheus_wants_it(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.get("/metrics")
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.content == world.metrics.text


async def test_a_credential_for_it_needs_no_other_function(world: World) -> None:
    spec = world.access.users_by_name["7008"]
    world.access.users_by_name["7008"] = msgspec.structs.replace(spec, functions=frozenset({"metrics"}))
    async with client(world, auth=basic("7008", "test7008")) as http:
        assert (await http.get("/metrics")).status_code == 200
        assert (await http.get("/v1/calls")).status_code == 403


async def test_without_a_login_there_is_nothing(world: World) -> None:
    async with client(world) as http:
        assert (await http.get("/metrics")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"functions": frozenset({"events"})},
        {"scope": GroupScope(campaigns=frozenset({"SALES"}), groups=ALL)},
        {"limits": Limits(agents=frozenset({"1000"}))},
    ],
    ids=["another function", "some campaigns", "some agents"],
)
async def test_who_may_not(world: World, change: dict[str, object]) -> None:
    spec = world.access.users_by_name["6666"]
    world.access.users_by_name["6666"] = msgspec.structs.replace(spec, **change)
    async with client(world, auth=basic("6666", "1234")) as http:
        assert (await http.get("/metrics")).status_code == 403
