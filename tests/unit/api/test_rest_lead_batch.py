"""`PATCH /v1/leads`, and leads that come back from the archive."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.leads.model import Lead, LeadList

URL = "/v1/leads"


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    """Leads of two campaigns, and one of the archive."""
    await world.site.put(LeadList(id=101, campaign="TESTCAMP", custom_fields={"colour": "TEXT"}))
    await world.site.put(LeadList(id=102, campaign="OTHERCMP"))
    for lead_id, list_id in ((701, 101), (702, 102)):
        world.desk.kept[lead_id] = Lead(id=lead_id, list_id=list_id, phone_number="7275550100")
    world.desk.archive[801] = Lead(id=801, list_id=101, phone_number="7275550801")


async def test_each_lead_is_told_of(world: World, admin: httpx.AsyncClient) -> None:
    body = {"lead_ids": [702, 999, 701, 701], "change": {"status": "SALE", "city": "Tampa"}}
    reply = await admin.patch(URL, json=body)
    refused = [{"lead_id": 999, "why": "there is no such lead"}]
    assert (reply.status_code, reply.json()) == (200, {"changed": [701, 702], "refused": refused})
    assert [(one.status, one.city) for one in world.desk.kept.values()] == [("SALE", "Tampa")] * 2


async def test_a_change_that_fits_some(world: World, admin: httpx.AsyncClient) -> None:
    body = {"lead_ids": [701, 702], "change": {"custom": {"colour": "red"}}}
    reply = (await admin.patch(URL, json=body)).json()
    why = "custom.colour: list 102 has no field of this name"
    assert reply == {"changed": [701], "refused": [{"lead_id": 702, "why": why}]}
    assert [wish.lead_id for wish in world.desk.changed] == [701]


@pytest.mark.parametrize(
    "limits",
    [Limits(lists=frozenset({"101"})), Limits(campaigns=frozenset({"TESTCAMP"}))],
    ids=["lists", "campaigns"],
)
async def test_leads_beyond_the_callers_limits_are_not_there(world: World, limits: Limits) -> None:
    async with await crm(world, limits=limits) as http:
        body = {"lead_ids": [701, 702], "change": {"status": "SALE"}}
        reply = (await http.patch(URL, json=body)).json()
        moved = await http.patch(URL, json={"lead_ids": [701], "change": {"list_id": 102}})
    refused = [{"lead_id": 702, "why": "there is no such lead"}]
    assert reply == {"changed": [701], "refused": refused}
    assert moved.status_code == 403
    assert world.desk.kept[701].list_id == 101


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lead_ids": [], "change": {"status": "SALE"}},
        {"lead_ids": [701], "change": {}},
        {"lead_ids": [0], "change": {"status": "SALE"}},
        {"lead_ids": [701] * 501, "change": {"status": "SALE"}},
        {"lead_ids": [701], "change": {"status": "SEVENLT"}},
        {"lead_ids": [701], "change": {"list_id": 999}},
        {"lead_ids": [701], "change": {"phone_number": "none"}},
        {"lead_ids": [701], "change": {"city": "x" * 1000}},
        {"lead_ids": [701], "change": {"town": "Tampa"}},
        {"lead_ids": ["701'; --"], "change": {"city": "Tampa"}},
    ],
)
async def test_what_can_be_of_no_lead_changes_none(
    world: World, admin: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    reply = await admin.patch(URL, json=body)
    assert reply.status_code == 400
    assert reply.json()["error_id"] in {"invalid-input", "unreadable-number"}
    assert world.desk.changed == []


async def test_a_repeated_request_changes_nothing_again(world: World, admin: httpx.AsyncClient) -> None:
    body = {"lead_ids": [701], "change": {"status": "SALE"}}
    first, again = [await admin.patch(URL, json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert first.json() == again.json()
    assert len(world.desk.changed) == 1


async def test_a_lead_comes_back_from_the_archive(world: World, admin: httpx.AsyncClient) -> None:
    reply = await admin.post(f"{URL}/801/dearchive")
    assert (reply.status_code, reply.json()["phone_number"]) == (200, "7275550801")
    assert (await admin.post(f"{URL}/801/dearchive")).status_code == 404
    assert (await admin.post(f"{URL}/701/dearchive")).status_code == 404
    world.desk.archive[701] = world.desk.kept[701]
    there = await admin.post(f"{URL}/701/dearchive")
    assert (there.status_code, there.json()["error_id"]) == (409, "invalid-state")


async def test_one_of_another_list_does_not(world: World) -> None:
    async with await crm(world, limits=Limits(lists=frozenset({"102"}))) as http:
        assert (await http.post(f"{URL}/801/dearchive")).status_code == 403
    assert 801 in world.desk.archive
