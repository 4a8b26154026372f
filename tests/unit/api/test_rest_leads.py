"""Leads that are there, under `/v1/leads`: read, found and changed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client, crm

from bridge.access.limits import Limits
from bridge.leads.adding import ToHopper
from bridge.leads.model import Lead, LeadList

LEAD = "/v1/leads/701"


@pytest.fixture
async def site(world: World) -> World:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP", custom_fields={"colour": "TEXT"}))
    await world.site.put(LeadList(id=102))
    await world.site.put(LeadList(id=103, campaign="TESTCAMP", country="GB"))
    for lead_id, list_id in ((701, 101), (702, 102), (703, 103)):
        lead = Lead(id=lead_id, list_id=list_id, phone_number="7275550100", vendor_lead_code=f"C{list_id}")
        world.desk.kept[lead_id] = lead
    return world


@pytest.fixture
async def http(site: World) -> Any:
    async with client(site, auth=basic()) as made:
        yield made


async def test_one_is_read_with_all_its_fields(http: httpx.AsyncClient) -> None:
    found = (await http.get(LEAD)).json()
    assert (found["id"], found["list_id"], found["phone_number"]) == (701, 101, "7275550100")
    missing = await http.get("/v1/leads/999")
    assert (missing.status_code, missing.json()["error_id"]) == (404, "no-such-lead")


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"phone_number": "7275550100"}, [703, 702, 701]),
        ({"phone_number": "+1 (727) 555-0100"}, [703, 702, 701]),
        ({"phone_number": "7275550100", "limit": "1"}, [703]),
        ({"phone_number": "12345"}, []),
        ({"vendor_lead_code": "C102"}, [702]),
    ],
)
async def test_they_are_found_by_number_or_code(
    http: httpx.AsyncClient, asked: dict[str, str], ids: list[int]
) -> None:
    reply = await http.get("/v1/leads", params=asked)
    assert [lead["id"] for lead in reply.json()] == ids, reply.text


async def test_the_pages_of_a_search_hold_each_lead_once(http: httpx.AsyncClient) -> None:
    reply = await http.get("/v1/leads", params={"phone_number": "7275550100", "limit": "2"})
    assert [lead["id"] for lead in reply.json()] == [703, 702]
    rest = await http.get(reply.links["next"]["url"])
    assert ([lead["id"] for lead in rest.json()], rest.links) == ([701], {})
    reply = await http.get("/v1/leads", params={"phone_number": "7275550100", "cursor": "x"})
    assert (reply.status_code, reply.json()["field"]) == (400, "cursor")


@pytest.mark.parametrize("asked", [{}, {"phone_number": "7275550100", "vendor_lead_code": "C1"}])
async def test_a_search_needs_exactly_one_of_them(http: httpx.AsyncClient, asked: dict[str, str]) -> None:
    reply = await http.get("/v1/leads", params=asked)
    assert (reply.status_code, reply.json()["field"]) == (400, "phone_number")


async def test_fields_are_changed_and_the_others_stay(http: httpx.AsyncClient, site: World) -> None:
    body = {"status": "SALE", "first_name": "Ann", "comments": "", "custom": {"colour": "red"}, "again": True}
    reply = await http.patch(LEAD, json=body | {"hopper": {"priority": 9}})
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert (found["status"], found["first_name"], found["vendor_lead_code"]) == ("SALE", "Ann", "C101")
    assert found["custom"] == {"colour": "red"}
    (wish,) = site.desk.changed
    assert wish.fields["called_since_last_reset"] == "N"
    assert (wish.custom_list, wish.hopper) == (101, ToHopper(campaign="TESTCAMP", priority=9))


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"phone_number": "(813) 555-0100"}, ("1", "8135550100")),
        ({"phone_number": "+44 20 7946 0958"}, ("44", "2079460958")),
        ({"phone_number": "020 7946 0958", "list_id": 103}, ("44", "2079460958")),
    ],
)
async def test_a_number_is_read_in_the_country_of_its_list(
    http: httpx.AsyncClient, body: dict[str, Any], number: tuple[str, str]
) -> None:
    found = (await http.patch(LEAD, json=body)).json()
    assert (found["phone_code"], found["phone_number"]) == number


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"phone_number": "911"}, "phone_number"),
        ({"phone_code": "44", "first_name": "Ann"}, "phone_code"),
        ({"hopper": {}, "leave_hopper": True}, "leave_hopper"),
        ({"list_id": 999}, "list_id"),
        ({"status": "MUCHTOOLONG"}, "status"),
        ({"first_name": "a\r\nb"}, "first_name"),
        ({"custom": {"size": "XL"}}, "custom.size"),
        ({"list_id": 102, "hopper": {}}, "hopper"),
        ({"frist_name": "Ann"}, None),
    ],
)
async def test_what_cannot_be_changes_nothing(
    http: httpx.AsyncClient, site: World, body: dict[str, Any], field: str | None
) -> None:
    reply = await http.patch(LEAD, json=body)
    assert reply.status_code == 400, reply.text
    if field:
        assert reply.json()["field"] == field
    assert site.desk.changed == []


async def test_limits_hide_what_is_not_the_callers(site: World) -> None:
    limits = Limits(lists=frozenset({"101"}), campaigns=frozenset({"TESTCAMP"}))
    async with await crm(site, limits=limits) as http:
        found = (await http.get("/v1/leads", params={"phone_number": "7275550100"})).json()
        assert [lead["id"] for lead in found] == [701]
        assert (await http.get("/v1/leads/703")).status_code == 403
        assert (await http.patch("/v1/leads/702", json={"status": "A"})).status_code == 403
        assert (await http.patch(LEAD, json={"list_id": 103})).status_code == 403
    assert site.desk.changed == []


@pytest.mark.parametrize(("function", "status"), [("lead_all_info", 403), ("update_lead", 200)])
async def test_to_change_one_needs_its_own_right(site: World, function: str, status: int) -> None:
    async with await crm(site, functions=frozenset({function})) as http:
        assert (await http.patch(LEAD, json={"status": "A"})).status_code == status
