"""`/v1/site/webhooks`: who may have which, and their secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.access.model import GroupScope
from bridge.access.names import ALL
from bridge.secret import Secret
from bridge.webhooks.model import Webhook
from bridge.webhooks.signing import secret_of, shown

URL = "/v1/site/webhooks"
OF_ALL = {"name": "all", "url": "https://crm.example/in"}
OF_CALLS = {"name": "calls", "url": "https://crm.example/in", "types": ["call"]}
OF_CAMPAIGN = {"name": "test", "url": "https://crm.example/in", "types": ["call"], "campaign": "TESTCAMP"}


@pytest.fixture
def without_key(world: World) -> None:
    world.options = replace(world.options, signing_key=Secret())


async def test_a_webhook_is_set_up_and_its_secret_told(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post(URL, json=OF_CALLS)
    assert reply.status_code == 201
    assert "secret" not in reply.text
    told = (await admin.get(f"{URL}/calls")).json()
    assert (told["types"], told["personal"], told["generation"]) == (["call"], "last_four", 1)
    assert world.site.items[Webhook, "calls"] == Webhook(
        name="calls", url="https://crm.example/in", types=("call",)
    )


async def test_its_secret(world: World) -> None:
    item = Webhook(name="calls", url="https://crm.example/in", types=("call",), generation=3)
    await world.site.put(item)
    async with await crm(world) as http:
        reply = await http.get(f"{URL}/calls/secret")
        assert reply.json() == {"secret": shown(secret_of(world.options.signing_key, item)), "generation": 3}
        assert (await http.get(f"{URL}/nothing/secret")).status_code == 404


@pytest.mark.usefixtures("without_key")
@pytest.mark.parametrize("how", ["add", "replace", "switch on"])
async def test_without_a_key_none_is_told_events(admin: httpx.AsyncClient, world: World, how: str) -> None:
    if how == "switch on":
        assert (await admin.post(URL, json=OF_CALLS | {"active": False})).status_code == 201
    before = dict(world.site.items)
    if how == "add":
        reply = await admin.post(URL, json=OF_CALLS)
    else:
        reply = await admin.put(f"{URL}/calls", json=OF_CALLS)
    assert (reply.status_code, reply.json()["error_id"]) == (409, "not-set-up")
    assert "signing_key" in reply.json()["detail"]
    assert world.site.items == before


@pytest.mark.usefixtures("without_key")
async def test_without_a_key_there_is_no_secret(admin: httpx.AsyncClient, world: World) -> None:
    await world.site.put(Webhook(name="calls", url="https://crm.example/in"))
    reply = await admin.get(f"{URL}/calls/secret")
    assert (reply.status_code, reply.json()["error_id"]) == (409, "not-set-up")
    assert "signing_key" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**OF_ALL, "url": "file:///etc/passwd"}, "url"),
        ({**OF_ALL, "types": ["call.teleported"]}, "types"),
        ({**OF_ALL, "personal": "some"}, "personal"),
        ({**OF_ALL, "secret": "mine"}, "secret"),
    ],
)
async def test_what_cannot_be_one(admin: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    reply = await admin.post(URL, json=body)
    assert reply.status_code == 400
    assert field in reply.text


async def test_nobody_hears_by_it_what_it_may_not_see(world: World) -> None:
    functions = frozenset({"webhooks", "campaigns_list", "callid_info"})
    async with await crm(world, functions=functions) as http:
        assert (await http.post(URL, json=OF_CALLS)).status_code == 201
        reply = await http.post(URL, json=OF_ALL)
        assert reply.status_code == 403
        assert reply.json()["details"]["needs"] in ("agent_status", "events", "lead_all_info")
        await world.site.put(Webhook(name="all", url="https://crm.example/in"))
        assert [one["name"] for one in (await http.get(URL)).json()] == ["calls"]
        assert (await http.get(f"{URL}/all/secret")).status_code == 403
        assert (await http.put(f"{URL}/all", json={**OF_CALLS, "name": "all"})).status_code == 403
        assert (await http.delete(f"{URL}/all")).status_code == 403


async def test_who_is_limited_to_a_campaign_has_webhooks_of_it_alone(world: World) -> None:
    async with await crm(world, limits=Limits(campaigns=frozenset({"TESTCAMP"}))) as http:
        assert (await http.post(URL, json=OF_CAMPAIGN)).status_code == 201
        assert (await http.post(URL, json=OF_CALLS)).status_code == 403
        elsewhere = {**OF_CAMPAIGN, "name": "other", "campaign": "OTHERCMP"}
        assert (await http.post(URL, json=elsewhere)).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"limits": Limits(agents=frozenset({"1000"}))},
        {"limits": Limits(lists=frozenset({"101"}))},
        {"scope": GroupScope(campaigns=ALL, groups=frozenset({"SALES"}))},
    ],
    ids=["agents", "lists", "groups"],
)
async def test_what_no_event_can_be_judged_by_has_no_webhook(world: World, change: dict[str, Any]) -> None:
    async with await crm(world) as http:
        known = world.access.users_by_name["crm"]
        world.access.users_by_name["crm"] = msgspec.structs.replace(known, **change)
        assert (await http.post(URL, json=OF_CAMPAIGN)).status_code == 403
