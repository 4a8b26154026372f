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
from bridge.leads.model import Lead
from bridge.services import ApiOptions, DialRequest

WEB_FORM = "https://crm.example/lead?id=--A--lead_id--B--&name=--A--first_name--B--&agent=--A--user--B--"
PAT = Lead(id=201, list_id=101, phone_code="1", phone_number="7275550201", first_name="Pat & <b>Co</b>")
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
    script="Hello --A--first_name--B-- of --A--city--B--,\nhere is --A--fullname--B--.",
    web_form_url=WEB_FORM,
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
        "script": "Hello --A--first_name--B-- of --A--city--B--,\nhere is --A--fullname--B--.",
        "web_form": {"url": WEB_FORM, "frame": False},
        "recording": "ONDEMAND",
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


@pytest.mark.parametrize("path", ["campaign", "calls", "callbacks", "script", "web-form"])
async def test_nobody_sees_it_without_her_page(
    admin: httpx.AsyncClient, http: httpx.AsyncClient, path: str
) -> None:
    for one in (admin, http):
        assert (await one.get(f"/v1/console/{path}")).status_code == 401


@pytest.mark.parametrize("query", ["agent=1001", "user=1001", "limit=0", "limit=x"])
async def test_she_cannot_ask_for_others(page: httpx.AsyncClient, query: str) -> None:
    assert (await page.get(f"/v1/console/calls?{query}")).status_code == 400


@pytest.fixture
def on_call(page: httpx.AsyncClient, world: World) -> httpx.AsyncClient:
    """She talks to Pat."""
    world.leads.kept[201] = PAT
    world.agents.seat("1000", AgentState.INCALL, lead_id=201)
    agent = world.access.users_by_name["1000"]
    world.access.users_by_name["1000"] = replace(agent, name="Ann Smith")
    return page


async def test_the_script_has_the_fields_of_her_lead_as_text(on_call: httpx.AsyncClient) -> None:
    told = (await on_call.get("/v1/console/script")).json()
    assert told == {"title": "Spring", "text": "Hello Pat & <b>Co</b> of ,\nhere is Ann Smith."}


async def test_the_web_form_has_them_encoded(on_call: httpx.AsyncClient, world: World) -> None:
    told = (await on_call.get("/v1/console/web-form")).json()
    url = "https://crm.example/lead?id=201&name=Pat%20%26%20%3Cb%3ECo%3C%2Fb%3E&agent=1000"
    assert told == {"url": url, "frame": False}
    world.options = ApiOptions(frame_origins=("https://crm.example",))
    on_call._transport.app.state.services = world.services()  # type: ignore[attr-defined]
    assert (await on_call.get("/v1/console/web-form")).json() == {"url": url, "frame": True}


async def test_without_a_lead_the_places_are_empty(page: httpx.AsyncClient) -> None:
    assert (await page.get("/v1/console/script")).json()["text"] == "Hello  of ,\nhere is ."
    assert "id=&name=&agent=1000" in (await page.get("/v1/console/web-form")).json()["url"]


async def test_a_campaign_without_them_says_so(page: httpx.AsyncClient, world: World) -> None:
    world.site.items[Campaign, "TESTCAMP"] = Campaign(id="TESTCAMP")
    assert (await page.get("/v1/console/script")).json() == {"title": "TESTCAMP", "text": ""}
    reply = await page.get("/v1/console/web-form")
    assert (reply.status_code, reply.json()["error_id"]) == (404, "no-web-form")
    assert (await page.get("/v1/console/campaign")).json()["web_form"] is None


async def test_a_value_that_leads_to_another_path_is_not_sent(
    on_call: httpx.AsyncClient, world: World
) -> None:
    world.leads.kept[201] = replace(PAT, first_name="..")
    web_form = "https://crm.example/--A--first_name--B--/admin"
    world.site.items[Campaign, "TESTCAMP"] = replace(CAMPAIGN, web_form_url=web_form)
    reply = await on_call.get("/v1/console/web-form")
    assert (reply.status_code, reply.json()["error_id"]) == (409, "invalid-state")


@pytest.mark.parametrize("path", ["script", "web-form"])
async def test_who_works_for_no_campaign_has_neither(
    page: httpx.AsyncClient, world: World, path: str
) -> None:
    del world.agents.open["1000"]
    assert (await page.get(f"/v1/console/{path}")).status_code == 404
