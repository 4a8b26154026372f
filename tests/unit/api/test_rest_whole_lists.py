"""`/v1/lists/{list_id}/…`: lists counted, reset and emptied, by who may."""

from __future__ import annotations

import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS
from bridge.campaigns.model import Campaign
from bridge.leads.model import LeadList

URL = "/v1/lists"
LIMITED = pytest.mark.parametrize(
    "limits",
    [Limits(campaigns=frozenset({"TESTCAMP"})), Limits(lists=frozenset({"901"}))],
    ids=["campaigns", "lists"],
)


@pytest.fixture(autouse=True)
async def _lists(world: World) -> None:
    await world.site.put(Campaign(id="TESTCAMP", dial_statuses=("NEW", "NA")))
    await world.site.put(LeadList(id=901, campaign="TESTCAMP"))
    await world.site.put(LeadList(id=902, campaign="OTHERCMP"))


async def test_how_many_leads_a_list_has(world: World) -> None:
    async with await crm(world) as http:
        told = (await http.get(f"{URL}/901/counts")).json()
    assert {key: told[key] for key in ("list_id", "leads", "new", "dialable", "resets_today")} == {
        "list_id": 901,
        "leads": 911,
        "new": 3,
        "dialable": 2,
        "resets_today": 2,
    }
    assert told["changed_at"].endswith("Z")
    assert told["called_at"] is None


async def test_a_list_is_reset_once_for_a_key(world: World) -> None:
    async with await crm(world) as http:
        for _ in range(2):
            reply = await http.post(f"{URL}/901/reset", headers={"Idempotency-Key": "k"})
            assert (reply.status_code, reply.json()) == (200, {"leads": 5})
    assert world.record.commands == [("reset", "901", "TESTCAMP")]


@pytest.mark.parametrize(("query", "archived"), [("", "False"), ("?archived=true", "True")])
async def test_its_leads_are_deleted(world: World, query: str, archived: str) -> None:
    async with await crm(world) as http:
        reply = await http.delete(f"{URL}/901/leads{query}")
    assert (reply.status_code, reply.json()) == (200, {"leads": 4})
    assert world.record.commands == [("delete leads", "901", archived)]


@LIMITED
async def test_who_is_limited_does_nothing_with_other_lists(world: World, limits: Limits) -> None:
    async with await crm(world, limits=limits) as http:
        assert (await http.get(f"{URL}/902/counts")).status_code == 403
        assert (await http.post(f"{URL}/902/reset")).status_code == 403
        assert (await http.delete(f"{URL}/902/leads")).status_code == 403
        assert world.record.commands == []
        assert (await http.post(f"{URL}/901/reset")).status_code == 200


@pytest.mark.parametrize("right", ["delete_lists", "modify_leads", "modify_lists"])
async def test_to_delete_leads_takes_three_rights(world: World, right: str) -> None:
    rights = {name: value for name, value in ALL_RIGHTS.items() if name != right}
    async with await crm(world, rights=rights) as http:
        reply = await http.delete(f"{URL}/901/leads")
    assert (reply.status_code, reply.json()["details"]["needs"]) == (403, right)
    assert world.record.commands == []


@pytest.mark.parametrize("list_id", ["999", "0", "x", "-1", "9" * 30])
async def test_what_is_no_list(world: World, list_id: str) -> None:
    async with await crm(world) as http:
        reply = await http.post(f"{URL}/{list_id}/reset")
    assert reply.status_code in (400, 404)
    assert world.record.commands == []
