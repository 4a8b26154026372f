"""Keys of API users: made and ended under `/v1/site/apiusers`, used under `/v1` and in the line format."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_fakes import World, client

from bridge.access.model import ALL_RIGHTS
from bridge.access.tokens import KEY_PREFIX, is_token, new_token

KEYS = "/v1/site/apiusers/crm/keys"
PAUSE = {"source": "test", "function": "external_pause", "agent_user": "1000", "value": "PAUSE"}


@pytest.fixture(autouse=True)
async def crm(admin: httpx.AsyncClient) -> None:
    """An API user who may do everything."""
    body = {"user": "crm", "level": 9, "api_access": True, "functions": "ALL", "rights": dict(ALL_RIGHTS)}
    reply = await admin.post("/v1/site/apiusers", json=body)
    assert reply.is_success, reply.text


async def make(admin: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    reply = await admin.post(KEYS, json={"name": "web form"} | body)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def test_a_key_is_shown_once(admin: httpx.AsyncClient) -> None:
    made = await make(admin, expires_at="2099-01-01T00:00:00Z")
    assert is_token(made["token"], KEY_PREFIX)
    assert made["token"].startswith(made["key"]["id"])
    listed = await admin.get(KEYS)
    assert listed.json() == [made["key"]]
    assert made["token"] not in listed.text
    assert made["key"]["expires_at"] == "2099-01-01T00:00:00Z"


async def test_its_keys_come_by_page(admin: httpx.AsyncClient) -> None:
    made = [(await make(admin, name=f"key {number}"))["key"] for number in range(3)]
    first = await admin.get(f"{KEYS}?limit=2")
    assert first.json() == made[:2]
    rest = await admin.get(first.links["next"]["url"])
    assert (rest.json(), "next" in rest.links) == (made[2:], False)


async def test_it_opens_v1_until_it_is_revoked(admin: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    made = await make(admin)
    headers = bearer(made["token"])
    assert (await http.get("/v1/agents", headers=headers)).status_code == 200
    assert (await http.get("/v1/agents", headers={"authorization": f"bearer  {made['token']}"})).is_success
    revoked = await admin.delete(f"{KEYS}/{made['key']['id']}")
    assert revoked.json()["revoked_at"] is not None
    refused = await http.get("/v1/agents", headers=headers)
    assert refused.status_code == 401
    assert 'Bearer realm="agent-bridge"' in refused.headers["www-authenticate"]


async def test_what_is_no_key_opens_nothing(http: httpx.AsyncClient) -> None:
    for token in ("", "abk_", "1234", "abi_" + "0" * 36, new_token(KEY_PREFIX), "x" * 9000):
        assert (await http.get("/v1/agents", headers=bearer(token))).status_code == 401, token


async def test_it_stands_in_place_of_a_password(admin: httpx.AsyncClient, world: World) -> None:
    token = (await make(admin))["token"]
    async with client(world, auth=httpx.BasicAuth("crm", token)) as http:
        assert (await http.get("/v1/agents")).status_code == 200
    async with client(world, auth=httpx.BasicAuth("7002", token)) as http:
        assert (await http.get("/v1/agents")).status_code == 401


async def test_the_line_format_takes_it_in_the_url_or_in_a_header(
    admin: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    token = (await make(admin))["token"]
    done = "SUCCESS: external_pause function set - PAUSE|"
    in_url = await http.get("/agc/api.php", params=PAUSE | {"user": "crm", "pass": token})
    assert in_url.text.startswith(done)
    for user in ({}, {"user": "crm"}):
        by_header = await http.get("/agc/api.php", params=PAUSE | user, headers=bearer(token))
        assert by_header.text.startswith(done)
    for wrong in ({"user": "7002"}, {"user": "crm", "pass": "wrong"}):
        refused = await http.get("/agc/api.php", params=PAUSE | wrong, headers=bearer(token))
        assert refused.text.startswith("ERROR: Invalid Username/Password: |")
        assert token not in refused.text


async def test_the_line_format_takes_no_login_that_a_browser_sends_by_itself(http: httpx.AsyncClient) -> None:
    reply = await http.get("/agc/api.php", params=PAUSE, auth=httpx.BasicAuth("6666", "1234"))
    assert reply.text.startswith("ERROR: Invalid Username/Password: |")


async def test_an_old_key_is_good_beside_its_heir(admin: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    old = await make(admin)
    reply = await admin.post(f"{KEYS}/{old['key']['id']}/replace", json={"overlap_seconds": 3600})
    assert reply.status_code == 201
    new = reply.json()
    assert (new["key"]["name"], new["key"]["id"] != old["key"]["id"]) == ("web form", True)
    for token in (old["token"], new["token"]):
        assert (await http.get("/v1/agents", headers=bearer(token))).status_code == 200
    at_once = await admin.post(f"{KEYS}/{new['key']['id']}/replace", json={"overlap_seconds": 0})
    assert at_once.status_code == 201
    assert (await http.get("/v1/agents", headers=bearer(new["token"]))).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": "x", "expires_at": "tomorrow"}, "expires_at"),
        ({"name": "x", "expires_at": "2027-02-30T00:00:00Z"}, "expires_at"),
        ({"name": "x", "more": 1}, "more"),
    ],
)
async def test_a_bad_key_is_refused_by_its_field(
    admin: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    reply = await admin.post(KEYS, json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert (await admin.get(KEYS)).json() == []


async def test_nobody_makes_keys_for_agents_or_for_those_who_may_more(
    admin: httpx.AsyncClient, world: World
) -> None:
    for user in ("1000", "nobody"):
        reply = await admin.post(f"/v1/site/apiusers/{user}/keys", json={"name": "x"})
        assert reply.status_code == 404
    weaker = {"user": "weak", "group": "ADMIN", "level": 8, "functions": ["add_user"], "api_access": True}
    rights = {"rights": {"modify_users": 1}}
    assert (await admin.post("/v1/site/apiusers", json=weaker | rights)).is_success
    token = (await admin.post("/v1/site/apiusers/weak/keys", json={"name": "x"})).json()["token"]
    async with client(world) as http:
        reply = await http.post(KEYS, json={"name": "x"}, headers=bearer(token))
    assert (reply.status_code, reply.json()["error_id"]) == (403, "not-allowed")
    assert (await admin.get(KEYS)).json() == []


async def test_a_key_that_is_not_there_is_not_found(admin: httpx.AsyncClient) -> None:
    for request in (admin.delete(f"{KEYS}/abk_00000000"), admin.post(f"{KEYS}/abk_0/replace", json={})):
        reply = await request
        assert (reply.status_code, reply.json()["error_id"]) == (404, "not-found")
