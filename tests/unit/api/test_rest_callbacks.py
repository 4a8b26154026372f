"""Callbacks under `/v1`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from api_fakes import World, crm
from msgspec.structs import replace

from bridge.access.limits import Limits
from bridge.leads.callbacks import Callback, Wanted
from bridge.leads.model import Lead, LeadList
from bridge.services import ApiOptions

PATH = "/v1/callbacks"
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
AT = TOMORROW.isoformat()
NEW = {"lead_id": 701, "at": AT}


@pytest.fixture(autouse=True)
async def site(world: World) -> None:
    await world.site.put(LeadList(id=101, campaign="TESTCAMP"))
    await world.site.put(LeadList(id=102))
    for lead_id, list_id in ((701, 101), (702, 102), (703, 101), (704, 101)):
        world.desk.kept[lead_id] = Lead(id=lead_id, list_id=list_id, phone_number="7275550100")


async def made(http: httpx.AsyncClient, **more: Any) -> Any:
    reply = await http.post(PATH, json=NEW | more)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_promised_read_changed_and_taken_back(admin: httpx.AsyncClient, world: World) -> None:
    new = await made(admin, agent="1000", comments="the blue one")
    assert datetime.fromisoformat(new["due_at"]) == TOMORROW
    told = {name: new[name] for name in ("lead_id", "list_id", "campaign", "agent", "status", "made_by")}
    assert told == {
        "lead_id": 701,
        "list_id": 101,
        "campaign": "TESTCAMP",
        "agent": "1000",
        "status": "CALLBK",
        "made_by": "6666",
    }
    assert (new["state"], new["taken_back"], new["comments"]) == ("ACTIVE", False, "the blue one")
    path = f"{PATH}/{new['id']}"
    assert (await admin.get(path)).json() == new
    later = (TOMORROW + timedelta(hours=1)).isoformat()
    changed = (await admin.patch(path, json={"at": later, "agent": None, "comments": ""})).json()
    assert datetime.fromisoformat(changed["due_at"]) == TOMORROW + timedelta(hours=1)
    assert (changed["agent"], changed["comments"], changed["status"]) == ("", "", "CALLBK")
    assert (await admin.delete(path)).status_code == 204
    gone = (await admin.get(path)).json()
    assert (gone["taken_back"], gone["state"]) == (True, "INACTIVE")
    for reply in (await admin.delete(path), await admin.patch(path, json={"comments": "x"})):
        assert (reply.status_code, reply.json()["error_id"]) == (409, "callback-taken-back")
    shown = world.audit.entries[-1].target(frozenset())
    assert (f"callback={new['id']}" in shown, "lead=701" in shown) == (True, True)


async def test_a_lead_has_one_at_a_time(admin: httpx.AsyncClient) -> None:
    first = await made(admin)
    reply = await admin.post(PATH, json=NEW)
    assert (reply.status_code, reply.json()["error_id"]) == (409, "callback-stands")
    assert reply.json()["details"] == {"callback_id": first["id"]}
    await admin.delete(f"{PATH}/{first['id']}")
    assert (await made(admin))["id"] != first["id"]


async def test_a_key_makes_one_once(admin: httpx.AsyncClient, world: World) -> None:
    replies = [await admin.post(PATH, json=NEW, headers={"Idempotency-Key": "a"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    assert len(world.desk.promised) == 1


async def test_a_time_may_be_that_of_her_clock(admin: httpx.AsyncClient, world: World) -> None:
    world.options = ApiOptions(timezone=ZoneInfo("America/Los_Angeles"))
    day = f"{TOMORROW:%Y-%m-%d}"
    reply = await admin.post(PATH, json={"lead_id": 701, "customer_time": f"{day}T15:30"})
    new = reply.json()
    due = datetime.fromisoformat(new["due_at"])
    assert due == datetime.fromisoformat(f"{day}T15:30").replace(tzinfo=ZoneInfo("America/New_York"))
    assert new["customer_time"].startswith(f"{day}T15:30:00-0")
    changed = await admin.patch(f"{PATH}/{new['id']}", json={"customer_time": f"{day}T16:00"})
    assert datetime.fromisoformat(changed.json()["due_at"]) == due + timedelta(minutes=30)


async def test_the_line_format_reads_it_on_the_clocks_of_the_site(world: World) -> None:
    world.options = ApiOptions(timezone=ZoneInfo("America/Los_Angeles"))
    async with await crm(world) as http:
        new = await made(http)
    local = TOMORROW.astimezone(ZoneInfo("America/Los_Angeles"))
    assert new["asked"] == f"{local:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"at": None}, 400, "at"),
        ({"customer_time": "2026-12-01T10:00"}, 400, "at"),
        ({"at": "tomorrow"}, 400, "at"),
        ({"at": "2026-12-01T10:00:00"}, 400, "at"),
        ({"at": "2026-13-01T10:00:00Z"}, 400, "at"),
        ({"at": "2020-01-01T10:00:00Z"}, 400, "at"),
        ({"at": "9999-12-31T23:59:59Z"}, 400, "at"),
        ({"at": None, "customer_time": "2020-01-01T10:00"}, 400, "customer_time"),
        ({"at": None, "customer_time": "2026-02-30T10:00"}, 400, "customer_time"),
        ({"at": None, "customer_time": "2026-12-01 10:00"}, 400, "customer_time"),
        ({"agent": ""}, 400, "agent"),
        ({"agent": "nobody"}, 404, ""),
        ({"agent": "6666"}, 404, ""),
        ({"campaign": "NOTHING"}, 400, "campaign"),
        ({"lead_id": 702}, 400, "campaign"),
        ({"lead_id": 999}, 404, ""),
        ({"lead_id": "701"}, 400, "lead_id"),
        ({"status": "MUCHTOOLONG"}, 400, "status"),
        ({"comments": "a\r\nb"}, 400, "comments"),
        ({"comments": "x" * 1_000}, 400, "comments"),
        ({"due_at": AT}, 400, "due_at"),
    ],
)
async def test_what_cannot_be_is_refused(
    admin: httpx.AsyncClient, world: World, body: dict[str, Any], status: int, field: str
) -> None:
    reply = await admin.post(PATH, json=NEW | body)
    assert (reply.status_code, reply.json().get("field", "")) == (status, field), reply.text
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, ""),
        ({"at": AT, "customer_time": "2026-12-01T10:00"}, 400, "at"),
        ({"at": "2020-01-01T10:00:00Z"}, 400, "at"),
        ({"agent": "nobody"}, 404, ""),
        ({"lead_id": 702}, 400, "lead_id"),
        ({"status": ""}, 400, "status"),
        ({"comments": None}, 400, "comments"),
    ],
)
async def test_a_change_that_cannot_be_changes_nothing(
    admin: httpx.AsyncClient, world: World, body: dict[str, Any], status: int, field: str
) -> None:
    path = f"{PATH}/{(await made(admin))['id']}"
    world.record.commands.clear()
    reply = await admin.patch(path, json=body)
    assert (reply.status_code, reply.json().get("field", "")) == (status, field), reply.text
    assert world.record.commands == []


async def test_a_list_of_no_campaign_needs_one(admin: httpx.AsyncClient) -> None:
    assert (await made(admin, lead_id=702, campaign="TESTCAMP"))["campaign"] == "TESTCAMP"


async def test_they_are_found_by_what_is_asked(admin: httpx.AsyncClient, world: World) -> None:
    query = "agent=1000&anyone=false&campaign=TESTCAMP&list_id=101&lead_id=701&status=CALLBK&taken_back=true"
    times = "due_since=2026-11-24T12:00:00Z&due_until=2026-11-25T12:00:00%2B01:00"
    assert (await admin.get(f"{PATH}?{query}&{times}")).json() == []
    since = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert world.desk.wanted == [
        Wanted(
            user="1000",
            anyone=False,
            campaign="TESTCAMP",
            list_id=101,
            lead_id=701,
            status="CALLBK",
            since=since,
            until=since + timedelta(hours=23),
            taken_back=True,
        )
    ]


async def test_one_that_is_done_tells_by_which_call(admin: httpx.AsyncClient, world: World) -> None:
    keys = [(await made(admin, lead_id=lead_id))["id"] for lead_id in (701, 703, 704)]
    await admin.delete(f"{PATH}/{keys[0]}")
    was = world.desk.promised[keys[1]]
    world.desk.promised[keys[1]] = replace(was, archived=True, state="INACTIVE", done_call="c1")
    shown = [(await admin.get(f"{PATH}/{key}")).json() for key in keys]
    assert [(one["taken_back"], one["done_call"], one["state"]) for one in shown] == [
        (True, "", "INACTIVE"),
        (False, "c1", "INACTIVE"),
        (False, "", "ACTIVE"),
    ]
    for query, found in (("done=true", keys[1:2]), ("taken_back=true", keys[:1]), ("", keys[2:])):
        assert [one["id"] for one in (await admin.get(f"{PATH}?{query}")).json()] == found
    reply = await admin.patch(f"{PATH}/{keys[1]}", json={"comments": "x"})
    assert (reply.status_code, reply.json()["error_id"]) == (409, "callback-taken-back")


@pytest.mark.parametrize("field", ["due_since", "due_until"])
@pytest.mark.parametrize("text", ["yesterday", "2026-99-99T00:00:00Z"])
async def test_times_that_are_none(admin: httpx.AsyncClient, world: World, field: str, text: str) -> None:
    reply = await admin.get(PATH, params={field: text})
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert world.desk.wanted == []


async def test_the_pages_hold_each_once(admin: httpx.AsyncClient, world: World) -> None:
    ids = [(await made(admin, lead_id=lead_id))["id"] for lead_id in (701, 703, 704)]
    untimed = world.desk.promised[ids[1]]
    world.desk.promised[ids[1]] = replace(untimed, due_at=None, asked="some time")
    found, url = [], f"{PATH}?limit=1"
    for _ in ids:
        reply = await admin.get(url)
        found += [(one["id"], one["due_at"] is None) for one in reply.json()]
        url = reply.links.get("next", {}).get("url", "")
    assert found == [(ids[0], False), (ids[1], True), (ids[2], False)]
    assert url == ""


@pytest.mark.parametrize("cursor", ["x", "x_1", "9999999999999999999999_a", "_"])
async def test_a_cursor_comes_from_a_page(admin: httpx.AsyncClient, cursor: str) -> None:
    reply = await admin.get(PATH, params={"cursor": cursor})
    assert (reply.status_code, reply.json()["field"]) == (400, "cursor")


async def test_one_that_was_promised_in_a_call_without_a_lead(admin: httpx.AsyncClient, world: World) -> None:
    made_at = datetime.now(UTC)
    world.desk.promised["c1"] = Callback(
        call_id="c1",
        lead_id=None,
        campaign="TESTCAMP",
        user="",
        status="CALLBK",
        asked="2026-12-01 10:00:00",
        due_at=made_at,
        comments="",
        made_at=made_at,
    )
    (found,) = (await admin.get(PATH)).json()
    assert (found["id"], found["lead_id"], found["list_id"], found["customer_time"]) == (
        "c1",
        None,
        None,
        None,
    )
    reply = await admin.patch(f"{PATH}/c1", json={"customer_time": "2026-12-01T10:00"})
    assert (reply.status_code, reply.json()["field"]) == (400, "customer_time")
    assert (await admin.patch(f"{PATH}/c1", json={"at": AT})).status_code == 200
    async with await crm(world, limits=Limits(lists=frozenset({"101"}))) as http:
        assert (await http.get(PATH)).json() == [], "of whatever list it is"


HIDDEN = [
    Limits(lists=frozenset({"102"})),
    Limits(campaigns=frozenset({"OTHER"})),
    Limits(agents=frozenset({"1001"})),
]


@pytest.mark.parametrize("limits", HIDDEN, ids=["lists", "campaigns", "agents"])
async def test_limits_hide_what_is_not_the_callers(
    admin: httpx.AsyncClient, world: World, limits: Limits
) -> None:
    new = await made(admin, agent="1000")
    world.record.commands.clear()
    async with await crm(world, limits=limits) as http:
        assert (await http.get(PATH)).json() == []
        for reply in (
            await http.get(f"{PATH}/{new['id']}"),
            await http.patch(f"{PATH}/{new['id']}", json={"comments": "x"}),
            await http.delete(f"{PATH}/{new['id']}"),
            await http.get(f"{PATH}/nothing"),
        ):
            assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-callback")
        reply = await http.post(PATH, json=NEW | {"lead_id": 703, "agent": "1000"})
        assert reply.status_code == 403, reply.text
    assert world.record.commands == []


async def test_none_is_given_to_an_agent_or_a_campaign_of_others(
    admin: httpx.AsyncClient, world: World
) -> None:
    new = await made(admin)
    world.record.commands.clear()
    limits = Limits(agents=frozenset({"1001"}), campaigns=frozenset({"TESTCAMP"}))
    async with await crm(world, limits=limits) as http:
        reply = await http.patch(f"{PATH}/{new['id']}", json={"agent": "1000"})
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "agent")
        reply = await http.post(PATH, json=NEW | {"lead_id": 703, "campaign": "OTHER"})
        assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "campaign")
    assert world.record.commands == []


@pytest.mark.parametrize(
    ("function", "statuses"), [("lead_callback_info", (200, 403)), ("update_lead", (403, 200))]
)
async def test_to_read_and_to_make_them_need_their_rights(
    world: World, function: str, statuses: tuple[int, int]
) -> None:
    async with await crm(world, functions=frozenset({function})) as http:
        found = (await http.get(PATH)).status_code, (await http.post(PATH, json=NEW)).status_code
    assert found == statuses
