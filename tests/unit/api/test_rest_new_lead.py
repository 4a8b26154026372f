"""Leads added under `/v1/leads`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client, crm

from bridge.access.limits import Limits
from bridge.leads.adding import ToHopper
from bridge.leads.duplicates import Check, Duplicate, What, Where
from bridge.leads.model import LeadList

BODY = {"list_id": 101, "phone_number": "(727) 555-0100"}
GIVEN = {"purpose": "sales", "given_at": "2026-11-24T14:05:00Z", "source": "form /quote"}


@pytest.fixture
async def site(world: World) -> World:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP", custom_fields={"colour": "TEXT"}))
    await world.site.put(LeadList(id=102))
    return world


@pytest.fixture
async def http(site: World) -> Any:
    async with client(site, auth=basic()) as made:
        yield made


async def test_it_is_added_with_all_that_comes_with_it(http: httpx.AsyncClient, site: World) -> None:
    more = {"first_name": "Ann", "rank": 7, "gmt_offset_minutes": -300, "custom": {"colour": "red"}}
    asked = {"source": "crm", "duplicates": "duplist-30day", "hopper": {"priority": 50}, "consent": GIVEN}
    reply = await http.post("/v1/leads", json=BODY | more | asked)
    assert reply.status_code == 200, reply.text
    assert reply.json() == {"lead_id": 701, "list_id": 101, "e164": "+17275550100", "hopper_id": 9}
    (wish,) = site.desk.added
    lead = wish.lead
    assert (lead.phone_code, lead.phone_number, lead.status, lead.user) == ("1", "7275550100", "NEW", "6666")
    assert (lead.first_name, lead.rank, lead.gmt_offset_minutes) == ("Ann", 7, -300)
    assert (lead.custom, lead.entry_list_id) == ({"colour": "red"}, 101)
    assert wish.unless == [Check(what=What.PHONE, where=Where.LIST, days=30)]
    assert wish.hopper == ToHopper(campaign="TESTCAMP", priority=50)
    assert (wish.source, wish.recorded_by) == ("crm", "6666")
    assert wish.consent is not None
    assert wish.consent.purpose == "sales"
    assert "701" in site.audit.entries[-1].target(frozenset())


@pytest.mark.parametrize(
    ("number", "code", "e164"),
    [
        ("7275550100", "", "+17275550100"),
        ("+44 20 7946 0958", "", "+442079460958"),
        ("020 7946 0958", "44", "+442079460958"),
    ],
)
async def test_numbers_are_read_as_a_dial_reads_them(
    http: httpx.AsyncClient, number: str, code: str, e164: str
) -> None:
    reply = await http.post("/v1/leads", json=BODY | {"phone_number": number, "phone_code": code})
    assert reply.json()["e164"] == e164


async def test_numbers_of_a_list_are_read_in_its_country(http: httpx.AsyncClient, site: World) -> None:
    await site.site.put(LeadList(id=103, country="GB"))
    reply = await http.post("/v1/leads", json={"list_id": 103, "phone_number": "020 7946 0958"})
    assert reply.json()["e164"] == "+442079460958"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone_number": "12345"}, "phone_number"),
        ({"phone_number": "911"}, "phone_number"),
        ({"phone_number": ""}, "phone_number"),
        ({"phone_number": "7275550100\n"}, "phone_number"),
        ({"phone_number": "7" * 41}, "phone_number"),
        ({"phone_number": 7275550100}, "phone_number"),
        ({"list_id": 999}, "list_id"),
        ({"list_id": 0}, "list_id"),
        ({"list_id": 2**63}, "list_id"),
        ({"status": "MUCHTOOLONG"}, "status"),
        ({"first_name": "a<b"}, "first_name"),
        ({"first_name": "x" * 256}, "first_name"),
        ({"custom": {"size": "XL"}}, "custom.size"),
        ({"duplicates": "DUPEVERYWHERE"}, "duplicates"),
        ({"list_id": 102, "hopper": {}}, "hopper"),
        ({"hopper": {"priority": 100}}, "hopper.priority"),
        ({"consent": GIVEN | {"given_at": "2999-01-01T00:00:00Z"}}, "consent.given_at"),
        ({"consent": GIVEN | {"purpose": ""}}, "consent.purpose"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_added(
    http: httpx.AsyncClient, site: World, change: dict[str, Any], field: str
) -> None:
    reply = await http.post("/v1/leads", json=BODY | change)
    assert (reply.status_code, reply.json().get("field")) == (400, field), reply.text
    assert site.desk.added == []


async def test_a_field_that_is_not_known_is_refused(http: httpx.AsyncClient, site: World) -> None:
    assert (await http.post("/v1/leads", json=BODY | {"frist_name": "Ann"})).status_code == 400
    assert site.desk.added == []


async def test_once_with_a_key(http: httpx.AsyncClient, site: World) -> None:
    headers = {"Idempotency-Key": "a"}
    first, again = [await http.post("/v1/leads", json=BODY, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert len(site.desk.added) == 1


async def test_a_duplicate_is_named_to_who_may_use_its_list(site: World) -> None:
    site.desk.duplicate = Duplicate(
        check=Check(what=What.PHONE, where=Where.SYSTEM), lead_id=201, list_id=102, field="PHONE"
    )
    async with client(site, auth=basic()) as http:
        reply = await http.post("/v1/leads", json=BODY | {"duplicates": "DUPSYS"})
        assert (reply.status_code, reply.json()["error_id"]) == (409, "duplicate-lead")
        assert reply.json()["details"] == {"lead_id": "201", "list_id": "102"}
    async with await crm(site, limits=Limits(lists=frozenset({"101"}))) as http:
        reply = await http.post("/v1/leads", json=BODY | {"duplicates": "DUPSYS"})
        assert reply.status_code == 409
        assert "201" not in reply.text
    assert site.desk.added == []


@pytest.mark.parametrize(
    ("spec", "limits", "change"),
    [
        ({"functions": frozenset({"external_dial"})}, Limits(), {}),
        ({"functions": frozenset({"add_lead"})}, Limits(), {"consent": GIVEN}),
        ({"level": 7}, Limits(), {}),
        ({"rights": {}}, Limits(), {}),
        ({}, Limits(lists=frozenset({"102"})), {}),
        ({}, Limits(campaigns=frozenset({"OTHER"})), {}),
    ],
)
async def test_who_may_not(site: World, spec: Any, limits: Limits, change: Any) -> None:
    async with await crm(site, limits=limits, **spec) as http:
        assert (await http.post("/v1/leads", json=BODY | change)).status_code == 403
    assert site.desk.added == []
