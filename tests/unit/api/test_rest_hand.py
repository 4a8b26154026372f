"""What an agent dials by hand under `/v1`: numbers, leads, the next lead, and what she looks at first."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.agents.model import AgentState
from bridge.agents.model import Preview as Shown
from bridge.campaigns.model import Campaign, Preview
from bridge.campaigns.own_number import OwnNumber
from bridge.services import ApiOptions, DialRequest

DIAL, PREVIEW = "/v1/agents/1000/dial", "/v1/agents/1000/preview"


@pytest.fixture
def looking(world: World) -> World:
    """She looks at a lead, in a campaign that allows all with it."""
    world.site.items[Campaign, "TESTCAMP"] = Campaign(
        id="TESTCAMP", preview=Preview.PREVIEW_AND_SKIP, alt_number_dialing=True
    )
    world.agents.seat("1000", AgentState.PAUSED, preview=Shown(number="7275550201", lead_id=201))
    return world


async def test_a_number_is_dialled_at_once(admin: httpx.AsyncClient, world: World) -> None:
    reply = await admin.post(DIAL, json={"number": "7275550100", "phone_code": "1", "vendor_id": "CRM-1"})
    assert reply.status_code == 202, reply.text
    assert (reply.json()["call"]["number"], reply.json()["queued"]) == ("7275550100", False)
    ((user, wish),) = world.manual.asked
    wanted = DialRequest(number="7275550100", phone_code="1", vendor_id="CRM-1", asked_by="6666")
    assert (user, wish) == ("1000", wanted)


@pytest.mark.parametrize(
    ("which", "number"), [("main", "7275550201"), ("alt", "7275550202"), ("address3", "7275550303")]
)
async def test_a_number_of_a_lead(admin: httpx.AsyncClient, world: World, which: str, number: str) -> None:
    assert (await admin.post(DIAL, json={"lead_id": 201, "which": which})).status_code == 202
    wish = world.manual.asked[0][1]
    assert (wish.number, wish.phone_code, wish.lead_id) == (number, "1", 201)


async def test_only_a_number_of_the_sites_own_is_shown(world: World) -> None:
    world.options = ApiOptions(outbound_cid="API_ONLY")
    await world.site.put(OwnNumber(number="+17275550000"))
    async with client(world, auth=basic()) as admin:
        reply = await admin.post(DIAL, json={"number": "7275550100", "caller_id": "7275550001"})
    assert (reply.status_code, reply.json()["details"]["rule"]) == (403, "own-number")
    assert world.manual.asked == []


async def test_all_that_the_line_format_can_say(world: World) -> None:
    world.options = ApiOptions(outbound_cid="API_ONLY")
    body = {
        "next_lead": True,
        "search": True,
        "preview": True,
        "focus": True,
        "dial_prefix": "9",
        "caller_id": "7275550000",
        "queue": "SALESLINE",
    }
    await world.site.put(OwnNumber(number="+17275550000"))
    async with client(world, auth=basic()) as admin:
        reply = await admin.post(DIAL, json=body)
    assert (reply.status_code, reply.json()["call"]) == (202, None), reply.text
    assert reply.json()["preview"]["number"] == "MANUALNEXT"
    wish = world.manual.asked[0][1]
    assert wish == DialRequest(
        number="MANUALNEXT",
        next_lead=True,
        search=True,
        preview=True,
        focus=True,
        dial_prefix="9",
        caller_id="7275550000",
        queue="SALESLINE",
        asked_by="6666",
    )


async def test_a_group_alias_shows_its_number(admin: httpx.AsyncClient, world: World) -> None:
    await admin.post(DIAL, json={"number": "7275550100", "group_alias": "ALIAS1"})
    assert world.manual.asked[0][1].caller_id == "7275550100"


async def test_a_busy_agent_gets_it_later_where_her_campaign_has_a_queue(
    admin: httpx.AsyncClient, world: World
) -> None:
    world.agents.seat("1000", AgentState.INCALL, "QUEUECMP")
    reply = await admin.post(DIAL, json={"number": "7275550100"})
    assert reply.json() == {"call": None, "preview": None, "queued": True}
    again = await admin.post(DIAL, json={"number": "7275550100"})
    assert (again.status_code, again.json()["error_id"]) == (409, "already-queued")


async def test_the_same_key_dials_once(admin: httpx.AsyncClient, world: World) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await admin.post(DIAL, json={"number": "7275550100"}, headers=headers)
    again = await admin.post(DIAL, json={"number": "7275550100"}, headers=headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(world.manual.asked) == 1


@pytest.mark.parametrize(
    ("body", "status", "error_id", "field"),
    [
        ({}, 400, "invalid-input", "number"),
        ({"number": "7275550100", "lead_id": 201}, 400, "invalid-input", "number"),
        ({"number": "7275550100", "next_lead": True}, 400, "invalid-input", "number"),
        ({"number": "+17275550100", "phone_code": "1"}, 400, "invalid-input", "phone_code"),
        ({"number": "7275550100", "dial_prefix": "w9"}, 400, "invalid-input", "dial_prefix"),
        ({"number": "7275550100", "group_alias": "NONE"}, 400, "invalid-input", "group_alias"),
        ({"number": "7275550100", "group_alias": "ALIASBAD"}, 400, "invalid-input", "group_alias"),
        ({"number": "7275550100", "queue": "NONE"}, 400, "invalid-input", "queue"),
        ({"number": "7275550100", "caller_id": "7275550000"}, 403, "not-allowed", ""),
        ({"number": "7275550100", "caller_id": "Boss"}, 400, "invalid-input", "caller_id"),
        ({"number": "7275550100", "prefix": "9"}, 400, "invalid-input", "prefix"),
        ({"lead_id": 999}, 404, "no-such-lead", ""),
        ({"lead_id": 202, "which": "alt"}, 400, "invalid-input", "which"),
        ({"lead_id": 202, "which": "MAIN"}, 400, "invalid-input", "which"),
    ],
)
async def test_what_cannot_be_dialled(
    admin: httpx.AsyncClient, world: World, body: Any, status: int, error_id: str, field: str
) -> None:
    reply = await admin.post(DIAL, json=body)
    problem = reply.json()
    assert (reply.status_code, problem["error_id"], problem.get("field", "")) == (status, error_id, field)
    assert (world.manual.asked, world.record.commands) == ([], [])


async def test_who_may_not_dial_by_hand(admin: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1001", AgentState.PAUSED)
    for path, body in (("dial", {"number": "7275550100"}), ("preview", {"action": "dial"})):
        reply = await admin.post(f"/v1/agents/1001/{path}", json=body)
        assert (reply.status_code, reply.json()["error_id"]) == (403, "forbidden"), path
        assert reply.json()["details"]["rule"] == "manual_dial"
    assert world.manual.asked == []


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        ("dial", "DIALONLY"),
        ("dial_alt", "ALTDIAL"),
        ("dial_address3", "ADR3DIAL"),
        ("skip", "SKIP"),
        ("finish", "FINISH"),
    ],
)
async def test_what_she_looks_at(looking: World, action: str, asked: str) -> None:
    async with client(looking, auth=basic()) as admin:
        reply = await admin.post(PREVIEW, json={"action": action})
    assert (reply.status_code, reply.json()) == (202, {"call": None, "preview": None, "queued": False})
    assert looking.record.commands == [("act", "1000", asked, "6666")]


@pytest.mark.parametrize(
    ("preview", "other", "action", "error_id"),
    [
        (Preview.DISABLED, True, "dial", "invalid-state"),
        (Preview.PREVIEW_ONLY, True, "skip", "invalid-state"),
        (Preview.PREVIEW_AND_SKIP, False, "dial_alt", "invalid-state"),
        (Preview.PREVIEW_AND_SKIP, False, "finish", "invalid-state"),
    ],
)
async def test_what_the_campaign_does_not_allow(
    looking: World,
    preview: Preview,
    other: bool,  # noqa: FBT001  a case of the table
    action: str,
    error_id: str,
) -> None:
    campaign = Campaign(id="TESTCAMP", preview=preview, alt_number_dialing=other)
    looking.site.items[Campaign, "TESTCAMP"] = campaign
    async with client(looking, auth=basic()) as admin:
        reply = await admin.post(PREVIEW, json={"action": action})
    assert (reply.status_code, reply.json()["error_id"]) == (409, error_id)
    assert looking.record.commands == []


async def test_nothing_to_look_at(looking: World) -> None:
    session = looking.agents.open["1000"]
    async with client(looking, auth=basic()) as admin:
        looking.agents.open["1000"] = msgspec.structs.replace(session, preview=None)
        nothing = await admin.post(PREVIEW, json={"action": "dial"})
        looking.agents.open["1000"] = msgspec.structs.replace(session, state=AgentState.READY)
        waits = await admin.post(PREVIEW, json={"action": "dial"})
        wrong = await admin.post(PREVIEW, json={"action": "DIALONLY"})
    assert (nothing.status_code, nothing.json()["error_id"]) == (409, "no-preview")
    assert nothing.json()["mend"]
    assert (waits.status_code, waits.json()["error_id"]) == (409, "agent-not-paused")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "action")
    assert looking.record.commands == []
