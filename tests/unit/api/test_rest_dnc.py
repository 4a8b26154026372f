"""Do-not-call under `/v1`: who may read and change which list, and what is a number."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS
from bridge.dnc.model import Version
from bridge.leads.model import DncEntry

URL = "/v1/dnc"
NUMBER = "+13125559999"
NOW = datetime.now(UTC)


def a_version(number: int, dated: date, **more: Any) -> Version:
    fields: dict[str, Any] = {"name": "US", "source": "FTC", "version": f"v{number}", "in_force_at": NOW}
    return Version(key=f"k{number}", id=number, dated=dated, **fields | more)


async def test_forbid_read_and_allow(admin: httpx.AsyncClient, world: World) -> None:
    assert (await admin.get(f"{URL}/{NUMBER}")).json()["forbidden"] is False
    for status in (201, 200):
        reply = await admin.put(f"{URL}/{NUMBER}")
        assert (reply.status_code, reply.json()) == (
            status,
            {"number": "3125559999", "kind": "number", "campaign": ""},
        )
    told = (await admin.get(f"{URL}/(312) 555-9999")).json()
    (hit,) = told["hits"]
    assert (told["forbidden"], hit["list"], hit["entry"]["added_by"]) == (True, None, "6666")
    assert [one["number"] for one in (await admin.get(URL)).json()] == ["3125559999"]
    assert (await admin.delete(f"{URL}/{NUMBER}")).status_code == 204
    gone = await admin.delete(f"{URL}/{NUMBER}")
    assert (gone.status_code, gone.json()["error_id"]) == (404, "not-found")
    assert world.dnc.own == []


async def test_what_is_forbidden_to_a_campaign_is_so_to_it_alone(admin: httpx.AsyncClient) -> None:
    await admin.put(f"{URL}/{NUMBER}?campaign=TESTCAMP")
    assert (await admin.get(f"{URL}/{NUMBER}")).json()["forbidden"] is False
    assert (await admin.get(f"{URL}/{NUMBER}?campaign=TESTCAMP")).json()["forbidden"] is True
    assert (await admin.delete(f"{URL}/{NUMBER}")).status_code == 404


async def test_area_codes_and_prefixes(admin: httpx.AsyncClient, world: World) -> None:
    assert (await admin.put(f"{URL}/312")).json()["kind"] == "area_code"
    assert (await admin.put(f"{URL}/+4990*")).json() == {"number": "4990", "kind": "prefix", "campaign": ""}
    assert (await admin.get(f"{URL}/312")).status_code == 400
    assert (await admin.delete(f"{URL}/+4990*")).status_code == 204
    assert [one.number for one in world.dnc.own] == ["312"]


async def test_a_hit_names_list_source_version_and_date(admin: httpx.AsyncClient, world: World) -> None:
    world.dnc.known = [a_version(1, date(2020, 1, 1), replaced_at=NOW), a_version(2, NOW.date())]
    world.dnc.imported = [DncEntry(number="3125559999", list="US", version="v2")]
    (hit,) = (await admin.get(f"{URL}/{NUMBER}")).json()["hits"]
    found = hit["list"]
    assert (found["list"], found["source"], found["version"]) == ("US", "FTC", "v2")
    assert (found["dated"], found["stale"]) == (NOW.date().isoformat(), False)


async def test_lists_by_page_with_what_is_stale(admin: httpx.AsyncClient, world: World) -> None:
    world.dnc.known = [a_version(1, date(2020, 1, 1)), a_version(2, NOW.date(), name="DE")]
    first = await admin.get("/v1/dnclists?limit=1")
    assert [(one["list"], one["stale"], one["good_until"]) for one in first.json()] == [
        ("US", True, "2020-02-02T00:00:00Z")
    ]
    rest = await admin.get(first.links["next"]["url"])
    assert [(one["list"], one["stale"]) for one in rest.json()] == [("DE", False)]
    assert rest.links == {}


async def test_who_is_limited_to_a_campaign_changes_no_other_list(world: World) -> None:
    world.dnc.own = [DncEntry(number="3125559999"), DncEntry(number="3125558888", campaign="OTHERCMP")]
    world.dnc.known = [a_version(1, NOW.date(), campaign="OTHERCMP"), a_version(2, NOW.date())]
    before = list(world.dnc.own)
    async with await crm(world, limits=Limits(campaigns=frozenset({"TESTCAMP"}))) as http:
        for query in ("", "?campaign=OTHERCMP"):
            assert (await http.get(f"{URL}{query}")).status_code == 403
            assert (await http.put(f"{URL}/3125557777{query}")).status_code == 403
            assert (await http.delete(f"{URL}/3125559999{query}")).status_code == 403
        assert (await http.get(f"{URL}/{NUMBER}?campaign=OTHERCMP")).status_code == 403
        assert (await http.get(f"{URL}/{NUMBER}")).json()["forbidden"] is True
        assert [one["id"] for one in (await http.get("/v1/dnclists")).json()] == [2]
        assert world.dnc.own == before
        assert (await http.put(f"{URL}/3125557777?campaign=TESTCAMP")).status_code == 201


@pytest.mark.parametrize(
    ("method", "function", "missing"),
    [("PUT", "add_dnc_phone", "modify_lists"), ("DELETE", "delete_dnc_phone", "delete_from_dnc")],
)
async def test_each_change_is_a_right(world: World, method: str, function: str, missing: str) -> None:
    world.dnc.own = [DncEntry(number="3125559999")]
    rights = {name: value for name, value in ALL_RIGHTS.items() if name != missing}
    async with await crm(world, functions=frozenset({function}), rights=rights) as http:
        reply = await http.request(method, f"{URL}/{NUMBER}")
        assert (reply.status_code, reply.json()["details"]["needs"]) == (403, missing)
        assert (await http.get(URL)).json()["details"]["needs"] == "check_phone_number"
    assert len(world.dnc.own) == 1


@pytest.mark.parametrize("number", ["12", "hello", "+1", "*", "+999999999999999*9", "'; DROP TABLE dnc; --"])
async def test_what_is_no_number_is_named(admin: httpx.AsyncClient, world: World, number: str) -> None:
    for method in ("GET", "PUT"):
        reply = await admin.request(method, f"{URL}/{number}")
        assert (reply.status_code, reply.json()["error_id"]) == (400, "unreadable-number")
        assert reply.json()["field"] == "number"
    assert (await admin.delete(f"{URL}/{number}")).status_code in (400, 404)
    assert world.dnc.own == []


@pytest.mark.parametrize("number", ["312555%0d%0a9999", "312%005559999", "3" * 41, "%ff%fe"])
async def test_what_cannot_be_read_at_all(admin: httpx.AsyncClient, world: World, number: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        reply = await admin.request(method, f"{URL}/{number}")
        assert reply.status_code == 400
        assert reply.headers["content-type"] == "application/problem+json"
    assert world.dnc.own == []


@pytest.mark.parametrize(
    "query", ["campaign=A%0D%0AB", "campaign=" + "A" * 21, "list=US", "campaign=A&campaign=B"]
)
async def test_a_query_that_is_none(admin: httpx.AsyncClient, world: World, query: str) -> None:
    reply = await admin.put(f"{URL}/{NUMBER}?{query}")
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.dnc.own == []


async def test_who_may_ask_for_a_number_does_not_get_the_whole_list_by_it(world: World) -> None:
    """A key that leaks must not give away everybody who does not want to be called."""
    world.dnc.own = [DncEntry(number="3125559999")]
    async with await crm(world, functions=frozenset({"check_phone_number"}), rights={}) as http:
        assert (await http.get(f"{URL}/{NUMBER}")).json()["forbidden"] is True
        reply = await http.get(URL)
    assert reply.status_code == 403
    assert "3125559999" not in reply.text
