"""`/in/<token>`, and the keys under `/v1`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
import pytest
from api_fakes import World, basic, client
from structlog.testing import capture_logs

from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL
from bridge.api.app import create_app
from bridge.intake.errors import OverLimit
from bridge.intake.model import Entry, IntakeKey, Outcome
from bridge.intake.reading import Unreadable
from bridge.leads.model import LeadList
from bridge.services import ApiOptions
from bridge.store.errors import StoreLocked

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FORM = {"phone": "7275550100"}


async def door(world: World, **more: Any) -> str:
    """The path of a key's token."""
    await world.site.put(LeadList(id=101, campaign="TESTCAMP"))
    usual: dict[str, Any] = {"name": "shop", "list_id": 101}
    return "/in/" + await world.forms.add(IntakeKey(**usual | more))


# -- posting


async def test_a_post_is_answered_with_a_line(http: httpx.AsyncClient, world: World) -> None:
    reply = await http.post(await door(world), data=FORM, headers={"User-Agent": "form/1"})
    assert (reply.status_code, reply.text) == (202, "OK\n")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers.get_list("cross-origin-resource-policy") == ["cross-origin"]
    (post,) = world.forms.taken
    assert (post.body, post.content_type) == (b"phone=7275550100", "application/x-www-form-urlencoded")
    assert (post.user_agent, post.origin, post.address) == ("form/1", "", "127.0.0.1")


async def test_a_browser_goes_on_to_where_the_key_says_and_nowhere_else(
    http: httpx.AsyncClient, world: World
) -> None:
    path = await door(world, next_url="https://shop.example/thanks")
    reply = await http.post(f"{path}?next=https://evil.example", data=FORM | {"next": "https://evil.example"})
    assert (reply.status_code, reply.headers["location"]) == (303, "https://shop.example/thanks")


@pytest.mark.parametrize("state", ["unknown", "disabled", "expired", "mistyped", "not a token", "rotated"])
async def test_a_door_that_is_closed_looks_like_none(
    http: httpx.AsyncClient, world: World, state: str
) -> None:
    path = await door(
        world,
        active=state != "disabled",
        expires_at=NOW - timedelta(days=999) if state == "expired" else None,
    )
    if state == "rotated":
        await world.forms.rotate("shop")
        world.forms.opens = {f"{token}x": key for token, key in world.forms.opens.items()}
    path = {"unknown": "/in/abi_" + "0" * 36, "mistyped": path + "x", "not a token": "/in/.env"}.get(
        state, path
    )
    for body in ({"data": FORM}, {"content": b"{", "headers": {"content-type": "application/json"}}):
        reply = await http.post(path, **body)
        assert (reply.status_code, reply.text) == (404, "NOT FOUND\n")
    assert world.forms.taken == []


@pytest.mark.parametrize(
    ("fails", "status", "text"),
    [
        (OverLimit("per_hour", 3600), 429, "TOO MANY\n"),
        (Unreadable("secret of ours"), 400, "NEITHER A FORM NOR JSON\n"),
        (StoreLocked(), 503, "NOT TAKEN\n"),
        (ZeroDivisionError("secret of ours"), 500, "NOT TAKEN\n"),
    ],
)
async def test_what_fails_is_one_line_too(
    http: httpx.AsyncClient, world: World, fails: Exception, status: int, text: str
) -> None:
    path = await door(world)
    world.forms.fails = fails
    with capture_logs() as logs:
        reply = await http.post(path, data=FORM)
    assert (reply.status_code, reply.text) == (status, text)
    assert path.removeprefix("/in/") not in repr(logs)
    if status in (429, 503):
        assert int(reply.headers["retry-after"]) > 0


async def test_a_post_over_the_limit_is_refused(world: World) -> None:
    world.options = ApiOptions(intake_max_body=2048)
    path = await door(world)
    app = cast("Any", create_app(world.services()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge") as http:
        assert (await http.post(path, content=b"x" * 2048)).status_code == 202
        reply = await http.post(path, content=b"x" * 2049)
        unknown = await http.post("/in/none", content=b"x" * 2049)
    assert (reply.status_code, reply.text) == (413, "TOO LARGE\n")
    assert (unknown.status_code, unknown.text) == (413, "TOO LARGE\n")
    assert len(world.forms.taken) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_read_there(http: httpx.AsyncClient, world: World, method: str) -> None:
    known = await http.request(method, await door(world))
    unknown = await http.request(method, "/in/none")
    assert known.status_code == unknown.status_code == 405
    assert known.content == unknown.content


# -- pages of other sites


async def test_a_page_of_a_site_that_is_named_may_post_json(http: httpx.AsyncClient, world: World) -> None:
    path = await door(world, origins=("https://shop.example",))
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    reply = await http.options(path, headers=asked | {"Access-Control-Request-Headers": "content-type"})
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert reply.headers["access-control-allow-methods"] == "POST"
    assert reply.headers["access-control-allow-headers"] == "Content-Type"
    assert "access-control-allow-credentials" not in reply.headers
    sent = await http.post(path, json=FORM, headers={"Origin": "https://shop.example"})
    assert sent.headers["access-control-allow-origin"] == "https://shop.example"
    assert sent.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "https://shop.example.evil.example"])
async def test_other_pages_are_not_told_that_they_may(
    http: httpx.AsyncClient, world: World, origin: str
) -> None:
    path = await door(world, origins=("https://shop.example",))
    for at in (path, "/in/none"):
        reply = await http.options(at, headers={"Origin": origin} if origin else {})
        assert (reply.status_code, reply.text) == (404, "NOT FOUND\n")
        assert not [name for name in reply.headers if name.startswith("access-control")]
    plain = await http.post(path, data=FORM, headers={"Origin": origin} if origin else {})
    assert "access-control-allow-origin" not in plain.headers


# -- keys


async def test_keys_are_made_read_changed_and_removed(admin: httpx.AsyncClient, world: World) -> None:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP"))
    body = {"name": "shop", "list_id": 101, "fields": {"data.tel": "phone_number"}}
    made = await admin.post("/v1/site/intake", json=body)
    assert made.status_code == 201
    token = made.json()["token"]
    assert made.json() == {"name": "shop", "token": token, "url": f"http://bridge/in/{token}"}
    assert (await admin.post("/v1/site/intake", json=body)).status_code == 409
    read = await admin.get("/v1/site/intake/shop")
    assert read.json()["fields"] == {"data.tel": "phone_number"}
    assert token not in read.text
    assert (await admin.get("/v1/site/intake")).json() == [read.json()]
    assert (await admin.post(f"/in/{token}", data=FORM)).status_code == 202
    off = await admin.put("/v1/site/intake/shop", json=body | {"active": False})
    assert off.json()["active"] is False
    assert (await admin.post(f"/in/{token}", data=FORM)).status_code == 404
    assert (await admin.delete("/v1/site/intake/shop")).status_code == 204
    assert (await admin.get("/v1/site/intake/shop")).status_code == 404


async def test_a_new_token(admin: httpx.AsyncClient, world: World) -> None:
    old = await door(world)
    both = await admin.post("/v1/site/intake/shop/token", json={"overlap_seconds": 60})
    assert both.status_code == 201
    assert (await admin.post(old, data=FORM)).status_code == 202
    new = await admin.post("/v1/site/intake/shop/token")
    assert (await admin.post(f"/in/{new.json()['token']}", data=FORM)).status_code == 202
    assert (await admin.post("/v1/site/intake/nope/token")).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"next_url": "javascript:alert(1)"}, "next_url"),
        ({"fields": {"tel": "phone"}}, "fields"),
        ({"token": "abi_x"}, "token"),
        ({"name": "other"}, "name"),
    ],
)
async def test_what_is_not_valid_names_its_field(
    admin: httpx.AsyncClient, world: World, change: dict[str, Any], field: str
) -> None:
    await door(world)
    before = dict(world.site.items)
    body = {"name": "shop", "list_id": 101} | change
    reply = await admin.put("/v1/site/intake/shop", json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert world.site.items == before


def entry(number: int, **more: Any) -> Entry:
    usual: dict[str, Any] = {
        "id": number,
        "key": "shop",
        "at": NOW,
        "outcome": Outcome.REFUSED,
        "reason": "no number",
        "address": "192.0.2.7",
        "subscriber": "192.0.2.7",
        "user_agent": "x",
        "content_type": "text/plain",
        "size": 7,
        "body": b"phone=\xff",
    }
    return Entry(**usual | more)


async def test_what_came_in_is_shown_with_its_reason(admin: httpx.AsyncClient, world: World) -> None:
    await door(world)
    world.forms.kept = [entry(3), entry(2, outcome=Outcome.ADDED, reason="", lead_id=501), entry(1)]
    first = await admin.get("/v1/intake/shop/posts?limit=2")
    assert [(one["id"], one["outcome"], one["lead_id"]) for one in first.json()] == [
        (3, "refused", None),
        (2, "added", 501),
    ]
    assert "body" not in first.json()[0]
    assert "cursor=2" in first.headers["link"]
    assert [one["id"] for one in (await admin.get("/v1/intake/shop/posts?cursor=2")).json()] == [1]
    refused = await admin.get("/v1/intake/shop/posts?outcome=refused")
    assert [one["id"] for one in refused.json()] == [3, 1]
    whole = await admin.get("/v1/intake/shop/posts/3")
    assert (whole.json()["body"], whole.json()["reason"]) == ("phone=\ufffd", "no number")
    assert (await admin.get("/v1/intake/other/posts/3")).status_code == 404
    assert (await admin.get("/v1/intake/shop/posts/9")).status_code == 404


@pytest.fixture
async def limited(world: World) -> httpx.AsyncClient:
    """An administrator whose group has another campaign."""
    spec = UserSpec(
        user="lesser", group="LIMITED", level=9, functions=ALL, rights=ALL_RIGHTS, api_access=True
    )
    await world.access.create(spec, "secret")
    found = await world.access.principal("lesser")
    assert found is not None
    assert found.scope is not None
    assert found.scope.campaigns == frozenset({"OTHERCMP"})
    return client(world, auth=basic("lesser", "secret"))


async def test_who_may_not_see_the_campaign_sees_and_changes_nothing(
    limited: httpx.AsyncClient, world: World
) -> None:
    await door(world)
    world.forms.kept = [entry(1)]
    body = {"name": "shop", "list_id": 101, "active": False}
    async with limited as http:
        assert (await http.get("/v1/site/intake")).json() == []
        for method, path in (
            ("GET", "/v1/site/intake/shop"),
            ("PUT", "/v1/site/intake/shop"),
            ("DELETE", "/v1/site/intake/shop"),
            ("POST", "/v1/site/intake/shop/token"),
            ("GET", "/v1/intake/shop/posts"),
            ("GET", "/v1/intake/shop/posts/1"),
        ):
            reply = await http.request(method, path, json=body if method == "PUT" else None)
            assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign"), path
        added = await http.post("/v1/site/intake", json=body | {"name": "mine"})
        assert added.status_code == 403
    assert await world.forms.known("shop") == IntakeKey(name="shop", list_id=101)


async def test_no_key_opens_what_came_in_by_one_of_its_name_that_is_gone(
    limited: httpx.AsyncClient, admin: httpx.AsyncClient, world: World
) -> None:
    await world.site.put(LeadList(id=202, campaign="OTHERCMP"))
    world.forms.kept = [entry(1)]  # of a form for another campaign
    body = {"name": "shop", "list_id": 202}
    async with limited as http:
        reply = await http.post("/v1/site/intake", json=body)
        assert (reply.status_code, reply.json()["field"]) == (400, "name")
        assert (await http.get("/v1/intake/shop/posts/1")).status_code == 404
        assert (await http.post("/v1/site/intake", json=body | {"name": "mine"})).status_code == 201
    assert (await admin.post("/v1/site/intake", json=body)).status_code == 201


async def test_who_is_limited_to_some_lists_makes_no_key_for_another(world: World) -> None:
    await door(world)
    await world.site.put(LeadList(id=202, campaign="TESTCAMP"))
    limits = Limits(lists=frozenset({"202"}))
    spec = UserSpec(
        user="some", level=9, functions=ALL, rights=ALL_RIGHTS, api_access=True, group="ADMIN", limits=limits
    )
    await world.access.create(spec, "secret")
    world.forms.kept = [entry(1)]
    async with client(world, auth=basic("some", "secret")) as http:
        own = await http.post("/v1/site/intake", json={"name": "mine", "list_id": 202})
        assert own.status_code == 201
        assert [key["name"] for key in (await http.get("/v1/site/intake")).json()] == ["mine"]
        for method, path, body in (
            ("POST", "/v1/site/intake", {"name": "theirs", "list_id": 101}),
            ("PUT", "/v1/site/intake/mine", {"name": "mine", "list_id": 101}),
            ("POST", "/v1/site/intake/shop/token", None),
            ("GET", "/v1/intake/shop/posts", None),
            ("GET", "/v1/intake/gone/posts", None),
        ):
            reply = await http.request(method, path, json=body)
            assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "list"), path


async def test_a_flood_that_is_turned_away_leaves_few_rows_in_the_audit_trail(world: World) -> None:
    path = await door(world)
    app = cast("Any", create_app(world.services()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge") as http:
        for _ in range(20):
            assert (await http.post("/in/none", data=FORM)).status_code == 404
            assert (await http.post(path, data=FORM)).status_code == 202
    rows = [row.status for row in world.audit.entries]
    assert rows.count(202) == 20
    assert 1 <= rows.count(404) <= 2, "one a minute"
