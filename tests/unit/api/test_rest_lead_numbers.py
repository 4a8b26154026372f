"""More numbers of a lead under `/v1`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.leads.alternates import AltNumber
from bridge.leads.model import Lead, LeadList

NUMBERS = "/v1/leads/701/numbers"
WORK = {"number": "7275550101", "phone_code": "1", "note": "work", "active": True}
LONDON = {"number": "2079460958", "phone_code": "44", "note": "", "active": False}


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP"))
    await world.site.put(LeadList(id=103, campaign="TESTCAMP", country="GB"))
    for lead_id, list_id in ((701, 101), (703, 103)):
        world.desk.kept[lead_id] = Lead(id=lead_id, list_id=list_id, phone_number="7275550100")


async def test_they_are_set_as_a_whole_and_read(admin: httpx.AsyncClient, world: World) -> None:
    body = [{"number": "(727) 555-0101", "note": "work"}, {"number": "+44 20 7946 0958", "active": False}]
    reply = await admin.put(NUMBERS, json={"numbers": body})
    assert (reply.status_code, reply.json()) == (200, {"numbers": [WORK, LONDON]}), reply.text
    assert (await admin.get(NUMBERS)).json() == {"numbers": [WORK, LONDON]}
    assert (await admin.get("/v1/leads/701")).json()["numbers"] == [WORK, LONDON]
    again = await admin.put(NUMBERS, json=(await admin.get(NUMBERS)).json())
    assert again.json() == {"numbers": [WORK, LONDON]}, "what is read may be sent back"
    assert (await admin.put(NUMBERS, json={"numbers": []})).json() == {"numbers": []}
    assert world.desk.others[701] == []
    assert world.audit.entries[-1].target(frozenset()) == "lead=701"


async def test_they_are_read_in_the_country_of_the_list(admin: httpx.AsyncClient) -> None:
    reply = await admin.put("/v1/leads/703/numbers", json={"numbers": [{"number": "020 7946 0958"}]})
    (number,) = reply.json()["numbers"]
    assert (number["phone_code"], number["number"]) == ("44", "2079460958")


async def test_a_new_lead_brings_them(admin: httpx.AsyncClient, world: World) -> None:
    body = {"list_id": 101, "phone_number": "7275550100", "numbers": [{"number": "727 555 0101"}]}
    reply = await admin.post("/v1/leads", json=body)
    assert reply.status_code == 200, reply.text
    assert world.desk.added[0].numbers == [AltNumber(number="7275550101")]
    reply = await admin.post("/v1/leads", json=body | {"numbers": [{"number": "5"}]})
    assert (reply.status_code, reply.json()["field"]) == (400, "numbers[0].number")
    assert len(world.desk.added) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "numbers"),
        ({"numbers": [{"number": "5"}]}, "numbers[0].number"),
        ({"numbers": [WORK, {"number": "911"}]}, "numbers[1].number"),
        ({"numbers": [WORK, {"number": "+1 727 555 0101"}]}, "numbers[1].number"),
        ({"numbers": [{"number": "7275550101", "phone_code": "999"}]}, "numbers[0].number"),
        ({"numbers": [WORK] * 101}, "numbers"),
        ({"numbers": [WORK | {"note": "a\r\nb"}]}, "numbers[0].note"),
        ({"numbers": [WORK | {"active": "yes"}]}, "numbers[0].active"),
        ({"numbers": [WORK | {"number": "x" * 1_000}]}, "numbers[0].number"),
        ({"numbers": [WORK | {"rank": 1}]}, "numbers[0].rank"),
        ({"numbers": "7275550101"}, "numbers"),
    ],
)
async def test_what_cannot_be_changes_nothing(
    admin: httpx.AsyncClient, world: World, body: dict[str, Any], field: str
) -> None:
    reply = await admin.put(NUMBERS, json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field), reply.text
    assert world.record.commands == []


async def test_a_lead_that_is_not_there_has_none(admin: httpx.AsyncClient) -> None:
    for reply in (
        await admin.get("/v1/leads/999/numbers"),
        await admin.put("/v1/leads/999/numbers", json={"numbers": []}),
    ):
        assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-lead")


@pytest.mark.parametrize(
    "limits", [Limits(lists=frozenset({"103"})), Limits(campaigns=frozenset({"OTHER"}))], ids=str
)
async def test_leads_of_others_are_as_under_leads(world: World, limits: Limits) -> None:
    async with await crm(world, limits=limits) as http:
        same = (await http.get("/v1/leads/701")).status_code
        assert (await http.get(NUMBERS)).status_code == same == 403
        assert (await http.put(NUMBERS, json={"numbers": [WORK]})).status_code == same
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("function", "statuses"), [("lead_all_info", (200, 403)), ("update_lead", (403, 200))]
)
async def test_to_read_and_to_set_them_need_their_rights(
    world: World, function: str, statuses: tuple[int, int]
) -> None:
    async with await crm(world, functions=frozenset({function})) as http:
        found = (
            (await http.get(NUMBERS)).status_code,
            (await http.put(NUMBERS, json={"numbers": []})).status_code,
        )
    assert found == statuses
