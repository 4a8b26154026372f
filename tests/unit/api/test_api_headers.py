"""What browsers are told with every answer, and what pages of other sites may do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest
from api_fakes import World, basic, client

from bridge.api.app import create_app
from bridge.services import ApiOptions
from bridge.settings import HttpSettings

LINE = "/agc/api.php?source=test&user=6666&pass=1234&function=external_pause&agent_user=1000&value=PAUSE"
CRM = "https://crm.example"

ANSWERS = {
    "line": LINE,
    "line refused": "/agc/api.php?source=test&user=6666&pass=wrong&function=external_pause",
    "line version": "/agc/api.php?function=version",
    "teapot": "/agc/api.php?function=coffee",
    "list": "/v1/agents",
    "not found": "/v1/nothing",
    "bad": "/v1/calls?lives=true",
    "health": "/health",
    "ready": "/ready",
    "description": "/v1/openapi.json",
    "docs": "/docs",
    "wallboard": "/",
    "console": "/console",
    "script": "/assets/wallboard.js",
    "no asset": "/assets/none.js",
}


@pytest.fixture
async def admin(world: World) -> httpx.AsyncClient:
    return client(world, auth=basic())


@pytest.mark.parametrize("path", ANSWERS.values(), ids=ANSWERS)
async def test_every_answer_says_what_a_browser_may_do(admin: httpx.AsyncClient, path: str) -> None:
    async with admin:
        told = (await admin.get(path)).headers
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["content-security-policy"].startswith("default-src 'none'")
    assert told["cross-origin-resource-policy"] == "same-origin"
    assert "no-store" in told["cache-control"] or path in {"/docs", "/", "/console", "/assets/wallboard.js"}
    assert path.startswith("/agc") or "frame-ancestors 'none'" in told["content-security-policy"]
    assert "strict-transport-security" not in told


@pytest.mark.parametrize("path", ["/v1/agents", LINE, "/health"])
async def test_over_tls_a_browser_is_told_to_stay_there(world: World, path: str) -> None:
    async with client(world, auth=basic()) as http:
        told = await http.get(f"https://bridge{path}")
    assert told.headers["strict-transport-security"] == "max-age=31536000"


async def test_answers_without_a_login_say_it_too(world: World) -> None:
    async with client(world) as http:
        refused = await http.get("/v1/agents")
        options = await http.options("/v1/agents")
    assert (refused.status_code, options.status_code) == (401, 204)
    for reply in (refused, options):
        assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("page", ["/", "/docs"])
async def test_a_page_loads_nothing_that_its_policy_forbids(admin: httpx.AsyncClient, page: str) -> None:
    async with admin:
        reply = await admin.get(page)
        loaded = re.findall(r'(?:src|href)="([^"]+)"', reply.text)
        scripts = [name for name in loaded if name.startswith("/assets/")]
        for name in scripts:
            assert (await admin.get(name)).status_code == 200
    assert scripts
    assert all(name.startswith(("/", "data:", "#")) for name in loaded)
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", reply.text)


async def test_a_script_in_a_reply_would_not_run_but_for_the_link_that_closes(
    admin: httpx.AsyncClient,
) -> None:
    async with admin:
        plain = await admin.get(LINE)
        linked = await admin.get(f"{LINE}&close_window_link=1")
    assert "script-src" not in plain.headers["content-security-policy"]
    assert "javascript:window.opener" in linked.text
    assert "script-src 'unsafe-inline'" in linked.headers["content-security-policy"]


# -- pages of other sites


async def test_without_a_setting_no_page_of_another_site_may_read_an_answer(admin: httpx.AsyncClient) -> None:
    asked = {"origin": CRM, "access-control-request-method": "POST"}
    async with admin:
        replies = [
            await admin.get("/v1/agents", headers={"origin": CRM}),
            await admin.get(LINE, headers={"origin": CRM}),
            await admin.options("/v1/calls", headers=asked),
        ]
    for reply in replies:
        assert not [name for name in reply.headers if name.startswith("access-control")]


Opened = Callable[..., httpx.AsyncClient]


@pytest.fixture
def opened(world: World) -> Opened:
    """The application of a site that has opened it to its CRM's pages."""
    world.options = ApiOptions(cors_origins=(CRM,))
    app = create_app(world.services())

    def connect(**options: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(cast("Any", app))
        return httpx.AsyncClient(transport=transport, base_url="http://bridge", **options)

    return connect


async def test_a_page_that_was_opened_to_may_read_and_command(opened: Opened) -> None:
    asked = {
        "origin": CRM,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,idempotency-key",
    }
    async with opened() as http:
        before = await http.options("/v1/agents/1000/logout", headers=asked)
        done = await http.post("/v1/agents/1000/logout", headers={"origin": CRM}, auth=basic())
        line = await http.get(LINE, headers={"origin": CRM})
    assert before.status_code == 204
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "idempotency-key" in before.headers["access-control-allow-headers"].lower()
    assert done.status_code == 200
    for reply in (before, done, line):
        assert reply.headers["access-control-allow-origin"] == CRM
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        f"{CRM}.evil.example",
        "https://crmxexample",
        "http://crm.example",
        f"{CRM}:8443",
        "null",
    ],
)
async def test_another_page_may_not(opened: Opened, world: World, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "POST"}
    async with opened(auth=basic()) as http:
        before = await http.options("/v1/agents/1000/logout", headers=asked)
        refused = await http.post("/v1/agents/1000/logout", headers={"origin": origin})
        read = await http.get("/v1/agents", headers={"origin": origin})
    assert refused.status_code == 403
    for reply in (before, refused, read):
        assert "access-control-allow-origin" not in reply.headers
    assert world.record.commands == []


async def test_a_browser_that_names_no_origin_says_at_least_whether_it_is_ours(
    admin: httpx.AsyncClient, world: World
) -> None:
    async with admin:
        for site in ("cross-site", "same-site"):
            reply = await admin.post("/v1/agents/1000/logout", headers={"sec-fetch-site": site})
            assert reply.status_code == 403
        assert world.record.commands == []
        own = await admin.post("/v1/agents/1000/logout", headers={"sec-fetch-site": "same-origin"})
    assert own.status_code == 200


async def test_behind_a_proxy_our_own_page_is_known_by_its_public_url(world: World) -> None:
    world.options = ApiOptions(public_url="https://bridge.example/calls")
    async with client(world, auth=basic()) as http:
        reply = await http.post("/v1/agents/1000/logout", headers={"origin": "https://bridge.example"})
    assert reply.status_code == 200


async def test_a_form_of_another_site_gets_no_further_than_the_secret_in_it(world: World) -> None:
    """The line format is for forms of other sites: what they need, secret and all, stands in them."""
    form = dict(part.split("=") for part in LINE.partition("?")[2].split("&"))
    headers = {"origin": CRM, "sec-fetch-site": "cross-site"}
    async with client(world, auth=basic()) as http:  # a login that a browser remembers does not count there
        bare = await http.post("/agc/api.php", data={**form, "user": "", "pass": ""}, headers=headers)
        assert bare.text.startswith("ERROR: Invalid Username/Password")
        assert world.record.commands == []
        whole = await http.post("/agc/api.php", data=form, headers=headers)
    assert whole.text.startswith("SUCCESS")


@pytest.mark.parametrize("origin", ["*", "crm.example", "https://crm.example/", "https://*.example", "null"])
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"cors_origins: .* is no origin"):
        HttpSettings(cors_origins=(origin,))
