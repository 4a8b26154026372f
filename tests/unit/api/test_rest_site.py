"""The site and its users under `/v1/site`."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.access.model import PrincipalKind, UserSpec
from bridge.api.rest.site import SITE_CONTROLLERS
from bridge.campaigns.model import Phone

THINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "campaigns": ("NEWCAMP", {"id": "NEWCAMP", "name": "New"}),
    "phones": ("1005", {"login": "1005"}),
    "trunks": ("carrier", {"name": "carrier", "template": "PJSIP/{number}@carrier"}),
    "dids": ("7275551234", {"number": "7275551234", "queue": "SALESLINE"}),
    "ingroups": ("SALES2", {"name": "SALES2"}),
    "phonealiases": ("1000a", {"name": "1000a", "logins": ["1000"]}),
    "groupaliases": ("FRONT", {"name": "FRONT", "caller_id": "7275550100"}),
    "cidgroups": (
        "LOCAL",
        {
            "name": "LOCAL",
            "entries": [{"area": "727", "number": "7275550100", "active": False, "description": "Bay"}],
        },
    ),
    "ownnumbers": ("+17275550100", {"number": "+17275550100", "name": "Desk"}),
    "calltimes": ("office", {"name": "office", "hours": "09:00-17:00", "days": {"sunday": ""}}),
    "lists": ("901", {"id": 901, "name": "Spring", "campaign": "TESTCAMP", "custom_fields": {"car": "text"}}),
    "webhooks": ("crm", {"name": "crm", "url": "https://crm.example/in", "types": ["call"]}),
    "usergroups": ("CREW", {"name": "CREW", "campaigns": ["TESTCAMP"]}),
}


def test_every_kind_is_tried() -> None:
    assert {controller.path for controller in SITE_CONTROLLERS} == {f"/site/{name}" for name in THINGS}


@pytest.mark.parametrize("name", sorted(THINGS))
async def test_add_read_replace_list_remove(admin: httpx.AsyncClient, name: str) -> None:
    key, body = THINGS[name]
    url = f"/v1/site/{name}"
    assert (await admin.get(f"{url}/{key}")).status_code == 404
    added = await admin.post(url, json=body)
    assert added.status_code == 201
    assert body.items() <= added.json().items()
    twice = await admin.post(url, json=body)
    assert (twice.status_code, twice.json()["error_id"]) == (409, "exists")
    assert (await admin.get(f"{url}/{key}")).json() == added.json()
    assert added.json() in (await admin.get(url)).json()
    assert (await admin.put(f"{url}/{key}", json=body)).status_code == 200
    assert (await admin.delete(f"{url}/{key}")).status_code == 204
    gone = await admin.delete(f"{url}/{key}")
    assert (gone.status_code, gone.json()["error_id"]) == (404, "not-found")
    assert (await admin.put(f"{url}/{key}", json=body)).status_code == 201


async def test_what_is_stored_is_the_plain_thing(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post("/v1/site/phones", json={"login": "1005"})
    assert world.site.items[Phone, "1005"] == Phone(login="1005")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("phones", {"login": "1005", "secret": "x"}),
        ("phones", {"login": "10 05"}),
        ("phones", {"login": "1005", "template": "PJSIP/{phone}&PJSIP/911"}),
        ("trunks", {"name": "t", "template": "PJSIP/{number}@c,g(x)"}),
        ("campaigns", {"id": "A" * 21}),
        ("campaigns", {"id": "A", "dial_timeout": 5}),
        ("campaigns", {"id": "A", "abandon_message": "../../etc/passwd"}),
        ("dids", {"number": "12\n", "queue": "Q"}),
        ("usergroups", {"name": "G", "campaigns": "SOME"}),
        ("ingroups", {}),
        ("ownnumbers", {"number": "7275550100"}),
        ("ownnumbers", {"number": "+0275550100"}),
        ("campaigns", {"id": "A", "pause_codes": [{"code": "X", "nmae": "lunch"}]}),
        ("campaigns", {"id": "A", "statuses": [{"status": "CB", "calback": True}]}),
        ("apiusers", {"user": "crm", "functions": ["external_dail"]}),
    ],
)
async def test_what_is_not_valid_is_not_stored(
    admin: httpx.AsyncClient, world: World, name: str, body: object
) -> None:
    before = dict(world.site.items)
    reply = await admin.post(f"/v1/site/{name}", json=body)
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert world.site.items == before


async def test_the_key_in_the_body_must_be_the_one_in_the_path(admin: httpx.AsyncClient) -> None:
    reply = await admin.put("/v1/site/phones/1006", json={"login": "1005"})
    assert (reply.status_code, reply.json()["field"]) == (400, "login")


async def test_a_group_sees_only_its_campaigns(world: World) -> None:
    async with client(world, auth=basic("7001", "test7001")) as limited:
        seen = (await limited.get("/v1/site/campaigns")).json()
        assert [campaign["id"] for campaign in seen] == ["OTHERCMP"]
        assert (await limited.get("/v1/site/campaigns/TESTCAMP")).status_code == 403
        changed = await limited.put("/v1/site/campaigns/TESTCAMP", json={"id": "TESTCAMP"})
        assert changed.status_code == 403


async def test_a_level_6_user_changes_nothing(world: World) -> None:
    async with client(world, auth=basic("7004", "test7004")) as http:
        reply = await http.post("/v1/site/phones", json={"login": "1005"})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "level")


async def test_users_and_their_secrets(admin: httpx.AsyncClient) -> None:
    url = "/v1/site/apiusers"
    made = await admin.post(url, json={"user": "crm", "api_access": True, "functions": ["external_dial"]})
    assert (made.status_code, made.json()["kind"], made.json()["has_secret"]) == (201, "api", False)
    secret = await admin.post(f"{url}/crm/secret")
    assert secret.json() == {"user": "crm", "secret": "fresh-secret"}
    read = await admin.get(f"{url}/crm")
    assert "secret" not in read.json()
    changed = await admin.put(f"{url}/crm", json={"user": "crm", "active": False})
    assert changed.json()["active"] is False
    assert "crm" in [user["user"] for user in (await admin.get(url)).json()]
    assert (await admin.get("/v1/site/agents/crm")).status_code == 404, "it is of another kind"
    assert (await admin.delete(f"{url}/crm")).status_code == 204
    assert (await admin.delete(f"{url}/crm")).status_code == 404


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"user": "boss", "level": 9}, "level"),
        ({"user": "boss", "level": 8}, "level"),
        ({"user": "boss", "functions": "ALL"}, "function"),
        ({"user": "boss", "functions": ["external_dial"]}, "function"),
        ({"user": "boss", "rights": {"modify_lists": 1}}, "right"),
        ({"user": "boss", "group": "LIMITED"}, "group"),
    ],
)
async def test_nobody_gives_what_she_has_not(world: World, body: dict[str, Any], rule: str) -> None:
    await _lesser_admin(world)
    async with client(world, auth=basic("lesser", "secret")) as lesser:
        reply = await lesser.post("/v1/site/apiusers", json={"group": "AGENTS", **body})
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, rule)
        fine = await lesser.post("/v1/site/apiusers", json={"user": "fine", "group": "AGENTS"})
        assert fine.status_code == 201
    assert "boss" not in world.access.users_by_name


async def test_a_change_leaves_an_agent_her_team_and_in_groups(
    admin: httpx.AsyncClient, world: World
) -> None:
    await world.access.create(_spec("1009", kind=PrincipalKind.AGENT, team="Blue", queues=("SALESLINE",)))
    body = {"user": "1009", "group": "AGENTS", "name": "Pat"}
    assert (await admin.put("/v1/site/agents/1009", json=body)).status_code == 200
    found = world.access.users_by_name["1009"]
    assert (found.name, found.team, found.queues) == ("Pat", "Blue", ("SALESLINE",))


async def test_nobody_changes_a_user_above_her(world: World) -> None:
    await _lesser_admin(world)
    await world.access.create(_spec("chief", level=9))
    async with client(world, auth=basic("lesser", "secret")) as lesser:
        for method, path in (("POST", "/secret"), ("DELETE", "")):
            reply = await lesser.request(method, f"/v1/site/apiusers/chief{path}")
            assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "level")
        body = {"user": "chief", "group": "AGENTS"}
        assert (await lesser.put("/v1/site/apiusers/chief", json=body)).status_code == 403
    assert world.access.users_by_name["chief"].level == 9


def _spec(user: str, **more: Any) -> UserSpec:
    return UserSpec(user=user, group="AGENTS", **more)


async def _lesser_admin(world: World) -> None:
    functions = frozenset({"add_user", "user_details"})
    rights = {"modify_users": 1, "view_reports": 1}
    spec = _spec("lesser", level=8, api_access=True, functions=functions, rights=rights)
    await world.access.create(spec, "secret")
