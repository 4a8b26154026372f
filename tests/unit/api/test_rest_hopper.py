"""The hopper under `/v1`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL
from bridge.dialer.model import HopperRow, Source

HOPPER = "/v1/campaigns/TESTCAMP/hopper"
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
async def http(world: World) -> Any:
    async with client(world, auth=basic()) as made:
        yield made


async def test_a_lead_is_put_in(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(HOPPER, json={"lead_id": 201, "priority": 50})
    assert reply.status_code == 200, reply.text
    assert reply.json() == {"lead_id": 201, "campaign": "TESTCAMP", "hopper_id": 1}
    assert world.record.commands == [("hop", "TESTCAMP", "201", "50")]


async def test_once_with_a_key(http: httpx.AsyncClient, world: World) -> None:
    for _ in range(2):
        reply = await http.post(HOPPER, json={"lead_id": 201}, headers={"Idempotency-Key": "a"})
        assert reply.json()["hopper_id"] == 1
    assert len(world.record.commands) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        (HOPPER, {"lead_id": 999999}, 404, None),
        (HOPPER, {"lead_id": 201, "priority": 100}, 400, "priority"),
        (HOPPER, {"lead_id": 0}, 400, "lead_id"),
        (HOPPER, {}, 400, "lead_id"),
        (HOPPER.replace("TESTCAMP", "NOSUCH"), {"lead_id": 201}, 404, None),
    ],
)
async def test_what_cannot_be_is_refused(
    http: httpx.AsyncClient, world: World, path: str, body: Any, status: int, field: str | None
) -> None:
    reply = await http.post(path, json=body)
    assert reply.status_code == status, reply.text
    assert reply.json().get("field") == field
    assert world.record.commands == []


async def test_shown_in_order_and_by_pages(http: httpx.AsyncClient, world: World) -> None:
    for number, priority in ((1, 5), (2, 0), (3, -5)):
        row = HopperRow(
            id=number,
            lead_id=200 + number,
            campaign="TESTCAMP",
            list_id=101,
            priority=priority,
            source=Source.API,
            created_at=NOON,
        )
        world.hopper.rows.append(row)
    reply = await http.get(f"{HOPPER}?limit=2")
    assert [row["lead_id"] for row in reply.json()] == [201, 202]
    assert reply.json()[0]["source"] == "P"
    rest = await http.get(reply.links["next"]["url"])
    assert [row["lead_id"] for row in rest.json()] == [203]
    assert "next" not in rest.links
    assert (await http.get(f"{HOPPER}?cursor=nonsense")).status_code == 400


async def test_a_user_who_is_limited_to_other_lists(world: World) -> None:
    spec = UserSpec(
        user="few",
        level=9,
        api_access=True,
        group="ADMIN",
        functions=ALL,
        rights=ALL_RIGHTS,
        limits=Limits(lists=frozenset({"4711"})),
    )
    await world.access.create(spec, "its-secret")
    async with client(world, auth=basic("few", "its-secret")) as http:
        assert (await http.post(HOPPER, json={"lead_id": 201})).status_code == 403
        assert (await http.get(HOPPER)).status_code == 403, "it would show leads of all lists"
    assert world.record.commands == []
