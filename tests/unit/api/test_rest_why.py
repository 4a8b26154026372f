"""Why nothing is dialled, under `/v1`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL

CAMPAIGN, LEAD = "/v1/campaigns/TESTCAMP/why", "/v1/leads/201/why"


@pytest.fixture
async def http(world: World) -> Any:
    async with client(world, auth=basic()) as made:
        yield made


async def test_of_a_campaign_and_of_a_lead(http: httpx.AsyncClient) -> None:
    campaign, lead = await http.get(CAMPAIGN), await http.get(LEAD)
    assert (campaign.status_code, lead.status_code) == (200, 200), (campaign.text, lead.text)
    assert campaign.json()["campaign"] == "TESTCAMP"
    assert campaign.json()["counts"] == []
    assert (lead.json()["lead_id"], lead.json()["reasons"]) == (201, [])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (CAMPAIGN.replace("TESTCAMP", "NOSUCH"), 404),
        (LEAD.replace("201", "999999"), 404),
        (LEAD.replace("201", "0"), 400),
        (LEAD.replace("201", "x"), 404),
    ],
)
async def test_what_is_not_there(http: httpx.AsyncClient, path: str, status: int) -> None:
    reply = await http.get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    ("limits", "campaign", "lead"),
    [
        (Limits(lists=frozenset({"4711"})), 403, 403),
        (Limits(campaigns=frozenset({"OTHERCMP"})), 403, 403),
        (Limits(campaigns=frozenset({"TESTCAMP"})), 200, 200),
    ],
)
async def test_a_user_with_limits(world: World, limits: Limits, campaign: int, lead: int) -> None:
    spec = UserSpec(
        user="few",
        level=9,
        api_access=True,
        group="ADMIN",
        functions=ALL,
        rights=ALL_RIGHTS,
        limits=limits,
    )
    await world.access.create(spec, "its-secret")
    async with client(world, auth=basic("few", "its-secret")) as http:
        assert (await http.get(CAMPAIGN)).status_code == campaign, "it would count leads of all lists"
        assert (await http.get(LEAD)).status_code == lead
