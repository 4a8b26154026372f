"""What an agent's page needs of her campaign, her calls and callbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from api_fakes import World, client
from msgspec.structs import replace

from bridge.access.tokens import CONSOLE_PREFIX, LONG, new_token
from bridge.agents.model import AgentState
from bridge.api.console import COOKIE
from bridge.calls.model import Call, CallKind
from bridge.campaigns.dispositions import SYSTEM
from bridge.campaigns.model import Campaign, DialMethod, InGroup, PauseCode, PresetOptions, Status
from bridge.services import DialRequest

CAMPAIGN = Campaign(
    id="TESTCAMP",
    name="Spring",
    dial_method=DialMethod.RATIO,
    inbound=True,
    queues=("SALESLINE", "CLOSED"),
    pause_codes=(PauseCode(code="LUNCH", name="Lunch"), PauseCode(code="TRAIN")),
    statuses=(
        Status(status="NI", name="Wants nothing"),
        Status(status="LATER", name="Later", callback=True),
        Status(status="XFER", selectable=False),
    ),
    presets={"Desk": "7275550111", "Secret": "7275550112"},
    preset_options={"Secret": PresetOptions(hide_number=True, keys="12P3")},
)


@pytest.fixture
async def page(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The page of agent 1000, who is logged in as an agent."""
    world.site.items[Campaign, "TESTCAMP"] = CAMPAIGN
    world.site.items[InGroup, "SALESLINE"] = InGroup(name="SALESLINE", title="Sales")
    world.site.items[InGroup, "CLOSED"] = InGroup(name="CLOSED", active=False)
    token = new_token(CONSOLE_PREFIX, LONG)
    world.access.console.begin("1000", token)
    async with client(world, cookies={COOKIE: token}) as made:
        yield made


async def test_her_campaign_is_told_with_all_that_she_chooses_from(page: httpx.AsyncClient) -> None:
    told = (await page.get("/v1/console/campaign")).json()
    statuses = {one.pop("status"): one for one in told.pop("statuses")}
    assert told == {
        "id": "TESTCAMP",
        "name": "Spring",
        "dial_method": "RATIO",
        "preview": "DISABLED",
        "alt_number_dialing": False,
        "manual_dial": True,
        "inbound": True,
        "wrapup_seconds": 30,
        "default_status": "DISPO",
        "pause_codes": [{"code": "LUNCH", "name": "Lunch"}, {"code": "TRAIN", "name": "TRAIN"}],
        "presets": [
            {"name": "Desk", "number": "7275550111", "dtmf": "", "hide_number": False},
            {"name": "Secret", "number": "7275550112", "dtmf": "12P3", "hide_number": True},
        ],
        "in_groups": [{"id": "SALESLINE", "name": "Sales"}],
    }
    assert statuses["NI"] == {"name": "Wants nothing", "callback": False, "sale": False}
    assert statuses["LATER"] == {"name": "Later", "callback": True, "sale": False}
    assert statuses["SALE"]["sale"] is True
    assert statuses["CALLBK"]["callback"] is True
    assert "XFER" not in statuses, "the campaign has taken it away"
    assert list(statuses) == sorted({one.status for one in SYSTEM} - {"XFER"} | {"LATER"})


async def test_without_a_campaign_there_is_none(page: httpx.AsyncClient, world: World) -> None:
    del world.agents.open["1000"]
    reply = await page.get("/v1/console/campaign")
    assert (reply.status_code, reply.json()["error_id"]) == (404, "no-such-campaign")


def dialled(world: World, user: str, number: str) -> Call:
    return world.calls.place("dial", DialRequest(number=number), CallKind.MANUAL, "TESTCAMP", user)


async def test_her_calls_of_today_are_hers_and_of_today(page: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1001", AgentState.PAUSED)
    now = datetime.now(UTC)
    mine = [dialled(world, "1000", f"727555010{one}") for one in range(3)]
    dialled(world, "1001", "7275550199")
    spoken = {"bridged_at": now, "ended_at": now + timedelta(seconds=61), "status": "SALE"}
    world.calls.calls[mine[0].id] = replace(world.calls.calls[mine[0].id], **spoken)
    yesterday = replace(world.calls.calls[mine[1].id], asked_at=now - timedelta(days=2))
    world.calls.calls[mine[1].id] = yesterday
    told = (await page.get("/v1/console/calls")).json()
    assert {one["id"] for one in told} == {mine[0].id, mine[2].id}
    (first,) = (one for one in told if one["id"] == mine[0].id)
    assert (first["number"], first["status"], first["talk_seconds"]) == ("7275550100", "SALE", 61)
    assert set(first) == {"id", "at", "number", "kind", "status", "talk_seconds", "lead_id"}


async def test_her_calls_come_in_pages(page: httpx.AsyncClient, world: World) -> None:
    made = [dialled(world, "1000", f"727555010{one}") for one in range(3)]
    reply = await page.get("/v1/console/calls?limit=2")
    assert len(reply.json()) == 2
    rest = await page.get(reply.links["next"]["url"])
    assert {one["id"] for one in reply.json() + rest.json()} == {call.id for call in made}


@pytest.mark.parametrize("path", ["campaign", "calls", "callbacks"])
async def test_nobody_sees_it_without_her_page(
    admin: httpx.AsyncClient, http: httpx.AsyncClient, path: str
) -> None:
    for one in (admin, http):
        assert (await one.get(f"/v1/console/{path}")).status_code == 401


@pytest.mark.parametrize("query", ["agent=1001", "user=1001", "limit=0", "limit=x"])
async def test_she_cannot_ask_for_others(page: httpx.AsyncClient, query: str) -> None:
    assert (await page.get(f"/v1/console/calls?{query}")).status_code == 400
