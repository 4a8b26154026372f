"""`GET /v1/health`: what is there, since when, and why not; for the system's keepers alone."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import msgspec
from api_fakes import World, basic, client

from bridge.services import Check

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def test_each_dependency_with_its_reason(admin: httpx.AsyncClient, world: World) -> None:
    world.health.states = [
        Check(name="database", ok=True, detail="sqlite", since=NOON),
        Check(name="mqtt", ok=False, detail="the broker refuses us", needed=False),
    ]
    world.health.duties = ["mqtt"]
    told = (await admin.get("/v1/health")).json()
    assert (told["ready"], told["duties"]) == (True, ["mqtt"])
    assert told["dependencies"] == [
        {"name": "database", "ok": True, "needed": True, "since": "2026-11-27T12:00:00Z", "detail": "sqlite"},
        {"name": "mqtt", "ok": False, "needed": False, "since": None, "detail": "the broker refuses us"},
    ]


async def test_what_calls_need_and_is_away_is_told_with_200(admin: httpx.AsyncClient, world: World) -> None:
    world.health.states = [Check(name="database", ok=False, detail="gone")]
    reply = await admin.get("/v1/health")
    assert (reply.status_code, reply.json()["ready"]) == (200, False)


async def test_reasons_are_not_for_everybody(world: World) -> None:
    spec = world.access.users_by_name["7008"]
    world.access.users_by_name["7008"] = msgspec.structs.replace(spec, functions=frozenset({"callid_info"}))
    async with client(world, auth=basic("7008", "test7008")) as http:
        assert (await http.get("/v1/health")).status_code == 403
    async with client(world) as http:
        assert (await http.get("/v1/health")).status_code == 401
        assert "detail" not in (await http.get("/ready")).text
