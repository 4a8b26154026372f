"""Lists of leads under `/v1/site/lists`: who sees and changes which, and what cannot be one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, crm
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS
from bridge.leads.model import LeadList

URL = "/v1/site/lists"
OTHER_RIGHTS = {name: value for name, value in ALL_RIGHTS.items() if name != "custom_fields_modify"}


@pytest.fixture(autouse=True)
async def _lists(world: World) -> None:
    for one in (
        LeadList(id=901, campaign="TESTCAMP"),
        LeadList(id=902, campaign="OTHERCMP"),
        LeadList(id=903),
    ):
        await world.site.put(one)


@pytest.mark.parametrize(
    "limits",
    [Limits(campaigns=frozenset({"TESTCAMP"})), Limits(lists=frozenset({"901"}))],
    ids=["campaigns", "lists"],
)
async def test_who_is_limited_sees_and_changes_only_its_own(world: World, limits: Limits) -> None:
    before = dict(world.site.items)
    async with await crm(world, limits=limits) as http:
        assert [one["id"] for one in (await http.get(URL)).json()] == [901]
        assert (await http.get(f"{URL}/901")).status_code == 200
        for number in (902, 903):
            moved = {"id": number, "campaign": "TESTCAMP"}
            assert (await http.get(f"{URL}/{number}")).status_code == 403
            assert (await http.put(f"{URL}/{number}", json=moved)).status_code == 403
            assert (await http.delete(f"{URL}/{number}")).status_code == 403
        elsewhere = {"id": 904, "campaign": "OTHERCMP"}
        assert (await http.post(URL, json=elsewhere)).status_code == 403
    assert world.site.items == before


async def test_who_is_limited_to_a_campaign_gives_no_list_away(world: World) -> None:
    async with await crm(world, limits=Limits(campaigns=frozenset({"TESTCAMP"}))) as http:
        assert (await http.put(f"{URL}/901", json={"id": 901, "campaign": "OTHERCMP"})).status_code == 403
        assert (await http.put(f"{URL}/901", json={"id": 901})).status_code == 403
        assert (await http.post(URL, json={"id": 905, "campaign": "TESTCAMP"})).status_code == 201
    assert world.site.items[LeadList, "901"] == LeadList(id=901, campaign="TESTCAMP")


async def test_to_remove_one_is_a_right_of_its_own(world: World) -> None:
    rights = {name: value for name, value in ALL_RIGHTS.items() if name != "delete_lists"}
    async with await crm(world, rights=rights) as http:
        refused = await http.delete(f"{URL}/901")
        assert (refused.status_code, refused.json()["details"]["needs"]) == (403, "delete_lists")
    assert (LeadList, "901") in world.site.items


async def test_custom_fields_are_a_right_of_their_own(world: World) -> None:
    await world.site.put(LeadList(id=901, campaign="TESTCAMP", custom_fields={"car": "text"}))
    async with await crm(world, rights=OTHER_RIGHTS) as http:
        same = {"id": 901, "campaign": "TESTCAMP", "custom_fields": {"car": "text"}, "name": "May"}
        assert (await http.put(f"{URL}/901", json=same)).status_code == 200
        for body in ({"id": 901, "campaign": "TESTCAMP"}, same | {"custom_fields": {"car": "area"}}):
            refused = await http.put(f"{URL}/901", json=body)
            assert (refused.status_code, refused.json()["details"]["needs"]) == (403, "custom_fields_modify")
        new = await http.post(URL, json=same | {"id": 906})
        assert new.status_code == 403
    assert world.site.items[LeadList, "901"] == LeadList(
        id=901, campaign="TESTCAMP", custom_fields={"car": "text"}, name="May"
    )


@pytest.mark.parametrize(
    "change", [{"active": False}, {"campaign": "OTHERCMP"}, {"expires_at": "2020-01-01T00:00:00Z"}]
)
async def test_leads_that_are_not_to_be_dialled_leave_the_hopper(
    admin: httpx.AsyncClient, world: World, change: dict[str, Any]
) -> None:
    body = {"id": 901, "campaign": "TESTCAMP"}
    assert (await admin.put(f"{URL}/901", json=body | {"name": "still dialled"})).status_code == 200
    assert world.record.commands == []
    assert (await admin.put(f"{URL}/901", json=body | change)).status_code == 200
    assert world.record.commands == [("leave hopper", "901", "TESTCAMP")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 0},
        {"id": -1},
        {"id": 10**14},
        {"id": 2**70},
        {"id": "901"},
        {"id": 9.5},
        {"name": "x" * 101},
        {"name": "a\r\nb"},
        {"name": "a\x00b"},
        {"description": "x" * 60_000},
        {"campaign": "A B"},
        {"campaign": ["TESTCAMP"]},
        {"active": "Y"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"expires_at": "0001-01-01T00:00:00+14:00"},
        {"expires_at": "9999-12-31T23:59:59-14:00"},
        {"call_time": "'; --"},
        {"caller_id": "+17275550100"},
        {"custom_fields": {"": "text"}},
        {"custom_fields": {"a\x00": "text"}},
        {"custom_fields": {"phone_number": "text"}},
        {"custom_fields": {"car": "lorry"}},
        {"custom_fields": ["car"]},
        {"start_call_url": "ftp://crm.example/"},
        {"line_settings": {"a b": "x"}},
        {"nmae": "Spring"},
    ],
)
async def test_what_is_no_list_changes_nothing(
    admin: httpx.AsyncClient, world: World, wrong: dict[str, Any]
) -> None:
    before = dict(world.site.items)
    body = {"id": 901, "campaign": "TESTCAMP"} | wrong
    for reply in (await admin.post(URL, json=body), await admin.put(f"{URL}/901", json=body)):
        assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
        assert next(iter(wrong)) in reply.json()["detail"] + reply.json().get("field", ""), "it is named"
    assert world.site.items == before


@pytest.mark.parametrize("key", ["abc", "0", "9" * 40, "x_y"])
async def test_a_key_that_no_list_has(admin: httpx.AsyncClient, key: str) -> None:
    for method in ("GET", "DELETE"):
        reply = await admin.request(method, f"{URL}/{key}")
        assert (reply.status_code, reply.json()["error_id"]) == (404, "not-found")


async def test_a_megabyte_is_too_much(admin: httpx.AsyncClient, world: World) -> None:
    before = dict(world.site.items)
    reply = await admin.post(URL, json={"id": 907, "name": "x" * 1_000_000})
    assert reply.status_code == 413
    assert world.site.items == before


async def test_who_may_only_read_reads(world: World) -> None:
    async with await crm(world, functions=frozenset({"campaigns_list"})) as http:
        assert (await http.get(f"{URL}/901")).json()["campaign"] == "TESTCAMP"
        body = {"id": 901, "campaign": "TESTCAMP", "name": "mine"}
        assert (await http.put(f"{URL}/901", json=body)).json()["details"] == {
            "rule": "function",
            "needs": "add_list",
        }
    plain = world.site.items[LeadList, "901"]
    assert isinstance(plain, LeadList)
    assert replace(plain, name="") == plain
