"""The login of an agent's page: what it opens, what it does not, and how it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from api_fakes import World, basic, client, crm
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.access.tokens import CONSOLE_PREFIX, LONG, is_token, new_token
from bridge.agents.model import AgentState
from bridge.api.console import COOKIE
from bridge.api.rest.screen import _still_may
from bridge.audit.entry import Result
from bridge.campaigns.model import Campaign, Phone
from bridge.services import ApiOptions

PASSWORD = "correct horse battery"
LOGIN = {"user": "1000", "password": PASSWORD}


@pytest.fixture
async def page(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is logged in; the password of agent 1000 is set."""
    world.access.console.passwords["1000"] = PASSWORD
    world.access.users_by_name["1000"] = replace(world.access.users_by_name["1000"], phone="1000", name="Ann")
    async with client(world) as made:
        yield made


@pytest.fixture
async def hers(page: httpx.AsyncClient) -> httpx.AsyncClient:
    """The page of agent 1000, logged in."""
    assert (await page.post("/v1/console/login", json=LOGIN)).status_code == 200
    return page


def token_in(reply: httpx.Response) -> str:
    name, _, rest = reply.headers["set-cookie"].partition("=")
    assert name.endswith(COOKIE)
    return str(rest.partition(";")[0])


async def test_a_login_gives_the_page_a_cookie_and_what_it_begins_with(page: httpx.AsyncClient) -> None:
    reply = await page.post("/v1/console/login", json=LOGIN)
    told = reply.json()
    assert reply.status_code == 200
    assert datetime.fromisoformat(told.pop("until"))
    assert told.pop("session")["state"] == "paused"
    assert told == {
        "user": "1000",
        "name": "Ann",
        "campaigns": [{"id": "TESTCAMP", "name": "TESTCAMP"}],
        "phones": ["1000"],
        "webphone": False,
    }
    cookie = reply.headers["set-cookie"]
    assert is_token(token_in(reply), CONSOLE_PREFIX, LONG)
    assert cookie.startswith(f"{COOKIE}=abc_")
    assert cookie.endswith("; HttpOnly; SameSite=Strict")
    assert "; Path=/; Max-Age=" in cookie
    assert "Domain" not in cookie
    assert token_in(reply) not in reply.text
    again = await page.get("/v1/console")
    assert (again.status_code, again.json()["user"]) == (200, "1000")


async def test_campaigns_are_those_of_her_group_and_active(hers: httpx.AsyncClient, world: World) -> None:
    for name, active in (("OTHERCMP", True), ("CLOSED", False)):
        world.site.items[Campaign, name] = Campaign(id=name, active=active)
    group = world.access.scopes["AGENTS"]
    world.access.users_by_name["1000"] = replace(
        world.access.users_by_name["1000"], scope=replace(group, campaigns=frozenset({"TESTCAMP", "CLOSED"}))
    )
    campaigns = (await hers.get("/v1/console")).json()["campaigns"]
    assert [one["id"] for one in campaigns] == ["TESTCAMP"]


@pytest.mark.usefixtures("page")
async def test_over_tls_the_cookie_is_bound_to_the_host(world: World) -> None:
    world.options = ApiOptions(public_url="https://bridge.example")
    async with client(world) as https:
        reply = await https.post("/v1/console/login", json=LOGIN)
        assert reply.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
        assert reply.headers["set-cookie"].endswith("; Secure")
        token = token_in(reply)
        bare = await https.get("/v1/console", headers={"cookie": f"{COOKIE}={token}"})
        assert bare.status_code == 401, "another host of the domain may have planted it"
        bound = await https.get("/v1/console", headers={"cookie": f"__Host-{COOKIE}={token}"})
        assert bound.status_code == 200


@pytest.mark.parametrize(
    "login",
    [
        {"user": "1000", "password": "wrong horse battery"},
        {"user": "1000", "password": ""},
        {"user": "1000", "password": "x" * 1000},
        {"user": "nobody", "password": PASSWORD},
        {"user": "", "password": ""},
        {"user": "1001", "password": PASSWORD},
        {"user": "1000' OR '1'='1", "password": "' OR ''='"},
        {"user": "1000\r\nx", "password": "\x00"},
    ],
    ids=["wrong", "empty", "long", "nobody", "nothing", "without a password", "sql", "control"],
)
async def test_what_is_wrong_is_not_told(
    page: httpx.AsyncClient, world: World, login: dict[str, str]
) -> None:
    reply = await page.post("/v1/console/login", json=login)
    told = reply.json()
    assert (reply.status_code, told["error_id"]) == (401, "login-bad")
    assert told["detail"] == "User or password is wrong."
    assert "set-cookie" not in reply.headers
    assert not reply.headers["www-authenticate"].startswith("Basic"), "no browser is to ask by itself"
    entry = world.audit.entries[-1]
    assert (entry.function, entry.result, entry.reason) == ("console.login", Result.REFUSED, "login-bad")
    assert entry.user == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"user": "1000"}, "password"),
        ({"user": 1000, "password": PASSWORD}, "user"),
        ({**LOGIN, "remember": True}, "remember"),
        ({**LOGIN, "password": "x" * 2000}, "password"),
    ],
)
async def test_a_body_that_is_no_login(page: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    reply = await page.post("/v1/console/login", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)


async def test_a_body_of_a_megabyte_is_not_read(page: httpx.AsyncClient, world: World) -> None:
    reply = await page.post("/v1/console/login", json={"user": "1000", "password": "x" * 1_000_000})
    assert reply.status_code == 413
    assert world.access.console.tries == []


async def test_an_agent_who_is_switched_off_is_told_behind_her_password_alone(
    page: httpx.AsyncClient, world: World
) -> None:
    await world.access.set_active("1000", active=False)
    right = await page.post("/v1/console/login", json=LOGIN)
    wrong = await page.post("/v1/console/login", json={**LOGIN, "password": "wrong horse battery"})
    assert [one.json()["error_id"] for one in (right, wrong)] == ["login-inactive", "login-bad"]
    assert world.access.console.sessions == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://bridge.evil.example"},
        {"origin": "http://bridge", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_no_page_of_another_site_logs_in_or_uses_a_login(
    hers: httpx.AsyncClient, world: World, headers: dict[str, str]
) -> None:
    world.options = ApiOptions(cors_origins=("https://evil.example",))
    before = dict(world.access.console.sessions)
    tried = list(world.access.console.tries)
    for method, path, body in (
        ("POST", "/v1/console/login", LOGIN),
        ("GET", "/v1/console", None),
        ("DELETE", "/v1/console", None),
        ("GET", "/v1/agents/1000", None),
        ("POST", "/v1/agents/1000/pause", {}),
    ):
        reply = await hers.request(method, path, json=body, headers=headers)
        assert reply.status_code == 403, (method, path)
    assert world.access.console.sessions == before
    assert world.access.console.tries == tried
    assert world.record.commands == []


@pytest.mark.parametrize("site", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://bridge"}])
async def test_our_own_page_uses_it(hers: httpx.AsyncClient, site: dict[str, str]) -> None:
    assert (await hers.get("/v1/agents/1000", headers=site)).status_code == 200
    assert (await hers.post("/v1/agents/1000/pause", headers=site)).status_code == 200


async def test_a_login_begins_a_new_session_and_ends_the_one_before(
    hers: httpx.AsyncClient, world: World
) -> None:
    first = hers.cookies[COOKIE]
    reply = await hers.post("/v1/console/login", json=LOGIN)
    assert token_in(reply) != first
    assert list(world.access.console.sessions) == [token_in(reply)]


async def test_a_token_that_somebody_else_has_chosen_is_not_taken_over(
    page: httpx.AsyncClient, world: World
) -> None:
    planted = new_token(CONSOLE_PREFIX, LONG)
    reply = await page.post("/v1/console/login", json=LOGIN, headers={"cookie": f"{COOKIE}={planted}"})
    assert reply.status_code == 200
    assert list(world.access.console.sessions) != [planted]
    page.cookies.clear()
    assert (await page.get("/v1/console", headers={"cookie": f"{COOKIE}={planted}"})).status_code == 401


BAD_COOKIES = {
    "none": "",
    "empty": f"{COOKIE}=",
    "garbage": f"{COOKIE}=garbage",
    "control": f"{COOKIE}=\x01\x02;;=;=",
    "sql": f"{COOKIE}=' OR 1=1 --",
    "a megabyte": f"{COOKIE}=" + "x" * 1_000_000,
    "many": "; ".join(f"a{number}=b" for number in range(2_000)),
    "unknown": f"{COOKIE}={CONSOLE_PREFIX}{'0' * 49}",
    "another name": "agent_bridge={token}",
    "twice": COOKIE + "={token}; " + COOKIE + "={token}",
    "two": COOKIE + "={token}; " + COOKIE + "=x",
    "with more": COOKIE + "={token}x",
    "quoted": COOKIE + '="{token}"',
}


@pytest.mark.parametrize("name", BAD_COOKIES)
async def test_a_cookie_that_is_none_opens_nothing(hers: httpx.AsyncClient, world: World, name: str) -> None:
    token = hers.cookies[COOKIE]
    hers.cookies.clear()
    headers = {"cookie": BAD_COOKIES[name].replace("{token}", token)}
    for method, path in (
        ("GET", "/v1/console"),
        ("DELETE", "/v1/console"),
        ("POST", "/v1/agents/1000/pause"),
    ):
        reply = await hers.request(method, path, headers=headers)
        assert reply.status_code == 401, path
        assert reply.headers["content-type"] == "application/problem+json"
    assert world.record.commands == []
    assert (await hers.get("/v1/console", headers={"cookie": f"a=b; {COOKIE}={token}"})).status_code == 200


async def test_two_cookie_headers_are_one_too_many(hers: httpx.AsyncClient) -> None:
    token = hers.cookies[COOKIE]
    hers.cookies.clear()
    twice = [("cookie", f"{COOKIE}={token}"), ("cookie", f"{COOKIE}={token}")]
    assert (await hers.get("/v1/console", headers=twice)).status_code == 401


async def test_beside_another_login_the_cookie_counts_for_nothing(
    hers: httpx.AsyncClient, world: World
) -> None:
    reply = await hers.get("/v1/console", auth=basic())
    assert (reply.status_code, reply.json()["error_id"]) == (401, "login-two")
    assert (await hers.post("/v1/console/login", json=LOGIN, auth=basic())).status_code == 401
    wrong = await hers.post("/v1/agents/1000/pause", auth=basic("6666", "wrong"))
    assert wrong.status_code == 401
    assert world.record.commands == []
    right = await hers.post("/v1/agents/1000/pause", auth=basic())
    assert right.status_code == 200
    assert world.audit.entries[-1].user == "6666"


async def test_the_line_format_knows_no_cookie(hers: httpx.AsyncClient, world: World) -> None:
    asked = {"source": "test", "function": "external_pause", "agent_user": "1000", "value": "PAUSE"}
    for login in ({}, {"user": "1000", "pass": PASSWORD}, {"user": "1000", "pass": hers.cookies[COOKIE]}):
        reply = await hers.get("/agc/api.php", params={**asked, **login})
        assert reply.text.startswith("ERROR: ")
    assert world.record.commands == []


async def test_the_password_opens_nothing_but_the_console(page: httpx.AsyncClient) -> None:
    for path in ("/v1/agents/1000", "/v1/agents/1000/screen/snapshot", "/v1/agents", "/"):
        assert (await page.get(path, auth=basic("1000", PASSWORD))).status_code == 401, path


async def test_a_page_logs_out(hers: httpx.AsyncClient, world: World) -> None:
    reply = await hers.delete("/v1/console")
    assert reply.status_code == 204
    assert reply.headers["set-cookie"].startswith(f"{COOKIE}=; Path=/; Max-Age=0")
    assert world.access.console.sessions == {}
    assert (await hers.get("/v1/console")).status_code == 401
    assert world.audit.entries[-2].function == "console.logout"
    assert world.audit.entries[-2].user == "1000"


async def test_a_supervisor_ends_the_pages_of_an_agent(
    hers: httpx.AsyncClient, admin: httpx.AsyncClient, world: World
) -> None:
    services: Any = world.services()
    (session,) = world.access.console.sessions.values()
    on_it = world.access.console.agent(session)
    assert await _still_may(services, on_it, "1000")
    assert (await admin.delete("/v1/agents/1000/console")).status_code == 204
    assert not await _still_may(services, on_it, "1000"), "its open stream ends"
    assert (await hers.get("/v1/console")).status_code == 401
    assert (await hers.post("/v1/agents/1000/pause")).status_code == 401
    assert world.record.commands == []


async def test_who_may_end_pages(admin: httpx.AsyncClient, world: World) -> None:
    assert (await admin.delete("/v1/agents/nobody/console")).status_code == 404
    async with client(world, auth=basic("7004", "test7004")) as below:
        refused = await below.delete("/v1/agents/1000/console")
    assert (refused.status_code, refused.json()["details"]["rule"]) == (403, "level")


async def test_an_administrator_sets_the_password(
    hers: httpx.AsyncClient, admin: httpx.AsyncClient, world: World
) -> None:
    reply = await admin.post("/v1/site/agents/1000/password", json={"password": "another horse"})
    assert (reply.status_code, reply.text) == (204, "")
    assert world.access.console.passwords["1000"] == "another horse"
    assert (await hers.get("/v1/console")).status_code == 401
    for user, status in (("nobody", 404), ("6666", 404)):
        path = f"/v1/site/agents/{user}/password"
        assert (await admin.post(path, json={"password": "another horse"})).status_code == status
    short = await admin.post("/v1/site/agents/1000/password", json={"password": "123456789"})
    assert (short.status_code, short.json()["field"]) == (400, "password")


@pytest.mark.parametrize(
    "limits", [Limits(countries=("US",)), Limits(number_types=("fixed_line",)), Limits(calls_at_once=1)]
)
async def test_whose_calls_are_held_lets_nobody_in(
    page: httpx.AsyncClient, world: World, limits: Limits
) -> None:
    """Agents' calls are not: with an agent's password a thief would be held no more."""
    del page
    async with await crm(world, limits=limits) as http:
        reply = await http.post("/v1/site/agents/1000/password", json={"password": "another horse"})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "limits")
    assert world.access.console.passwords["1000"] == PASSWORD


async def test_an_inactive_agents_page_is_over(hers: httpx.AsyncClient, world: World) -> None:
    await world.access.set_active("1000", active=False)
    assert (await hers.get("/v1/console")).status_code == 401
    assert (await hers.post("/v1/agents/1000/pause")).status_code == 401
    assert world.record.commands == []


async def test_her_rows_in_the_trail_have_her_name_and_session(hers: httpx.AsyncClient, world: World) -> None:
    await hers.post("/v1/agents/1000/pause")
    login, pause = world.audit.entries[-2:]
    assert (login.function, login.user, login.result) == ("console.login", "1000", Result.OK)
    assert (pause.function, pause.user, pause.key) == ("agents.pause", "1000", login.key)
    assert pause.key.startswith("console-")
    for secret in (PASSWORD, hers.cookies[COOKIE]):
        assert secret not in repr(
            [[getattr(one, name, "") for name in one.__slots__] for one in (login, pause)]
        )


async def test_she_logs_in_as_an_agent_with_her_own_phone_for_a_campaign_of_hers(
    hers: httpx.AsyncClient, world: World
) -> None:
    del world.agents.open["1000"]
    world.site.items[Campaign, "OTHERCMP"] = Campaign(id="OTHERCMP")
    world.site.items[Phone, "2000"] = Phone(login="2000")
    for body, rule in (
        ({"campaign": "OTHERCMP"}, "campaign"),
        ({"campaign": "TESTCAMP", "phone": "2000"}, "console"),
        ({"campaign": "NOTHING"}, "campaign"),
    ):
        reply = await hers.post("/v1/agents/1000/login", json=body)
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, rule), body
    assert world.record.commands == []
    assert (await hers.post("/v1/agents/1000/login", json={"campaign": "TESTCAMP"})).status_code == 202


async def test_she_dials_as_her_campaign_has_it(hers: httpx.AsyncClient, world: World) -> None:
    for body in (
        {"number": "7275550100", "dial_prefix": "9"},
        {"number": "7275550100", "caller_id": "7275550199"},
        {"number": "7275550100", "group_alias": "FRONTDESK"},
        {"number": "7275550100", "queue": "NOTHERS"},
        {"lead_id": 999_999},
    ):
        reply = await hers.post("/v1/agents/1000/dial", json=body)
        assert reply.status_code in (403, 404), body
    assert world.record.commands == []
    assert (await hers.post("/v1/agents/1000/dial", json={"number": "7275550100"})).status_code == 202


async def test_who_may_not_dial_by_hand_does_not_from_her_page(world: World) -> None:
    world.access.console.passwords["1001"] = PASSWORD
    world.agents.seat("1001", AgentState.PAUSED)
    async with client(world) as page:
        assert (await page.post("/v1/console/login", json={**LOGIN, "user": "1001"})).status_code == 200
        reply = await page.post("/v1/agents/1001/dial", json={"number": "7275550100"})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "manual_dial")
    assert world.record.commands == []


async def test_she_serves_in_groups_of_her_campaign_alone(hers: httpx.AsyncClient, world: World) -> None:
    campaign = replace(world.lookups.campaigns["TESTCAMP"], inbound=True, queues=("SALESLINE",))
    world.site.items[Campaign, "TESTCAMP"] = campaign
    world.lookups.in_groups.add("OTHERLINE")
    other = {"how": "change", "queues": ["OTHERLINE"]}
    default = {"how": "change", "queues": ["SALESLINE"], "as_default": True}
    for body in (other, default):
        reply = await hers.put("/v1/agents/1000/queues", json=body)
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "console"), body
    assert world.record.commands == []
    reply = await hers.put("/v1/agents/1000/queues", json={"how": "change", "queues": ["SALESLINE"]})
    assert reply.status_code == 200
