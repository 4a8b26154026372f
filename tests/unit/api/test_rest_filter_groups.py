"""Groups of filtered numbers under `/v1`: who may read and change them, and what is a number."""

from __future__ import annotations

import httpx
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS

URL = "/v1/filtergroups"
NUMBERS = f"{URL}/NUISANCE/numbers"
NUMBER = "+13125559999"
KEPT = {"number": "3125559999"}


@pytest.fixture
async def group(admin: httpx.AsyncClient) -> httpx.AsyncClient:
    """The administrator, with a group."""
    reply = await admin.post(URL, json={"name": "NUISANCE", "title": "They call at night"})
    assert (reply.status_code, reply.json()) == (201, {"name": "NUISANCE", "title": "They call at night"})
    return admin


async def test_put_in_ask_and_take_out(group: httpx.AsyncClient) -> None:
    put = await group.post(NUMBERS, json={"number": NUMBER})
    assert (put.status_code, put.json()) == (201, KEPT)
    again = await group.post(NUMBERS, json={"number": "(312) 555-9999"})
    assert (again.status_code, again.json()["error_id"]) == (409, "conflict")
    assert (await group.get(NUMBERS)).json() == [KEPT]
    assert (await group.get(NUMBERS, params={"number": "13125559999"})).json() == [KEPT]
    assert (await group.get(NUMBERS, params={"number": "3125558888"})).json() == []
    assert (await group.delete(f"{NUMBERS}/{NUMBER}")).status_code == 204
    gone = await group.delete(f"{NUMBERS}/{NUMBER}")
    assert (gone.status_code, gone.json()["error_id"]) == (404, "not-found")


async def test_a_group_is_made_once_and_taken_away(group: httpx.AsyncClient) -> None:
    again = await group.post(URL, json={"name": "NUISANCE"})
    assert (again.status_code, again.json()["error_id"]) == (409, "exists")
    assert [one["name"] for one in (await group.get(URL)).json()] == ["NUISANCE"]
    assert (await group.delete(f"{URL}/NUISANCE")).status_code == 204
    assert (await group.get(URL)).json() == []


async def test_a_group_that_is_not_there(admin: httpx.AsyncClient) -> None:
    for method, path, body in (
        ("GET", "/numbers", None),
        ("GET", f"/numbers?number={NUMBER[1:]}", None),
        ("POST", "/numbers", {"number": NUMBER}),
        ("DELETE", f"/numbers/{NUMBER}", None),
        ("DELETE", "", None),
    ):
        reply = await admin.request(method, f"{URL}/NONE{path}", json=body)
        assert (reply.status_code, reply.json()["error_id"]) == (404, "not-found"), path
        assert "'NONE'" in reply.json()["detail"]


async def test_by_page(group: httpx.AsyncClient) -> None:
    await group.post(URL, json={"name": "OTHERS"})
    first = await group.get(f"{URL}?limit=1")
    rest = await group.get(first.links["next"]["url"])
    assert [one["name"] for one in first.json() + rest.json()] == ["NUISANCE", "OTHERS"]
    for last in (3, 1, 2):
        await group.post(NUMBERS, json={"number": f"312555000{last}"})
    first = await group.get(f"{NUMBERS}?limit=2")
    rest = await group.get(first.links["next"]["url"])
    assert [one["number"][-1] for one in first.json() + rest.json()] == ["1", "2", "3"]
    assert rest.links == {}


async def test_who_is_limited_to_a_campaign_has_no_group_of_the_site(
    group: httpx.AsyncClient, world: World
) -> None:
    await group.post(NUMBERS, json={"number": NUMBER})
    async with await crm(world, limits=Limits(campaigns=frozenset({"TESTCAMP"}))) as http:
        for method, path, body in (
            ("GET", URL, None),
            ("GET", NUMBERS, None),
            ("GET", f"{NUMBERS}?number=3125559999", None),
            ("POST", URL, {"name": "MINE"}),
            ("POST", NUMBERS, {"number": "3125558888"}),
            ("DELETE", f"{NUMBERS}/{NUMBER}", None),
            ("DELETE", f"{URL}/NUISANCE", None),
        ):
            reply = await http.request(method, path, json=body)
            assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign"), (method, path)
    assert world.filters.inside == {"NUISANCE": {"3125559999"}}


@pytest.mark.parametrize(
    ("method", "path", "function", "missing"),
    [
        ("POST", NUMBERS, "add_fpg_phone", "modify_lists"),
        ("DELETE", f"{NUMBERS}/{NUMBER}", "delete_fpg_phone", "modify_lists"),
        ("POST", URL, "add_filter_group", "modify_lists"),
        ("DELETE", f"{URL}/NUISANCE", "add_filter_group", "delete_lists"),
        ("GET", URL, "add_fpg_phone", "modify_lists"),
        ("GET", NUMBERS, "add_fpg_phone", "view_reports"),
    ],
)
async def test_each_is_a_right(
    group: httpx.AsyncClient, world: World, method: str, path: str, function: str, missing: str
) -> None:
    await group.post(NUMBERS, json={"number": NUMBER})
    rights = {name: value for name, value in ALL_RIGHTS.items() if name != missing}
    async with await crm(world, functions=frozenset({function}), rights=rights) as http:
        body = (
            ({"number": "3125558888"} if path == NUMBERS else {"name": "NEW"}) if method == "POST" else None
        )
        reply = await http.request(method, path, json=body)
        assert (reply.status_code, reply.json()["details"]["needs"]) == (403, missing)
        assert NUMBER[2:] not in reply.text
    assert world.filters.inside == {"NUISANCE": {"3125559999"}}


async def test_who_may_not_see_reports_may_ask_for_one_number(group: httpx.AsyncClient, world: World) -> None:
    await group.post(NUMBERS, json={"number": NUMBER})
    async with await crm(world, functions=frozenset({"add_fpg_phone"}), rights={"modify_lists": 1}) as http:
        assert (await http.get(NUMBERS, params={"number": NUMBER})).json() == [KEPT]


@pytest.mark.parametrize("number", ["12", "312", "hello", "+4990*", "'; DROP TABLE dnc; --", "9" * 40])
async def test_what_is_no_number_is_named(group: httpx.AsyncClient, world: World, number: str) -> None:
    for reply in (
        await group.post(NUMBERS, json={"number": number}),
        await group.get(NUMBERS, params={"number": number}),
    ):
        assert (reply.status_code, reply.json()["error_id"]) == (400, "unreadable-number"), reply.text
        assert reply.json()["field"] == "number"
    assert (await group.delete(f"{NUMBERS}/{number}")).status_code == 404
    assert world.filters.inside == {"NUISANCE": set()}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": 3125559999},
        {"number": "312555\r\n9999"},
        {"number": "3" * 1_000},
        {"number": NUMBER, "campaign": "A"},
        {"number": ""},
        [],
    ],
)
async def test_a_body_that_is_none(group: httpx.AsyncClient, world: World, body: object) -> None:
    reply = await group.post(NUMBERS, json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.filters.inside == {"NUISANCE": set()}


@pytest.mark.parametrize("name", ["", "A B", "A" * 21, "A\n", "'"])
async def test_a_name_that_is_none(admin: httpx.AsyncClient, world: World, name: str) -> None:
    reply = await admin.post(URL, json={"name": name})
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.filters.kept == {}


@pytest.mark.parametrize("query", ["number=A%0D%0AB", "number=", "group=A", "number=3125559999&number=1"])
async def test_a_query_that_is_none(group: httpx.AsyncClient, query: str) -> None:
    reply = await group.get(f"{NUMBERS}?{query}")
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")


async def test_a_key_puts_it_in_once(group: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "one"}
    for replayed in (False, True):
        reply = await group.post(NUMBERS, json={"number": NUMBER}, headers=headers)
        assert (reply.status_code, reply.json()) == (201, KEPT)
        assert ("idempotency-replayed" in reply.headers) is replayed
    assert world.filters.inside == {"NUISANCE": {"3125559999"}}
