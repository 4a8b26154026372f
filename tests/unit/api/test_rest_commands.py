"""Leads, sounds, phones, teams and parties of an agent under `/v1`."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest
from api_fakes import World, basic, client

from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.agents.model import AgentState
from bridge.calls.model import CallKind
from bridge.campaigns.model import Campaign
from bridge.leads.model import DncEntry, DncKind, Lead
from bridge.services import DialRequest

HER = "/v1/agents/1000"
LEAD = f"{HER}/screen/lead"

COMMANDS: list[tuple[str, str, Any, str]] = [
    ("GET", "/screen/lead", None, "st_get_agent_active_lead"),
    ("PATCH", "/screen/lead", {"city": "Tampa"}, "update_fields"),
    ("PUT", "/screen/lead", {"lead_id": 203}, "switch_lead"),
    ("POST", "/leads", {"phone_number": "7275550100", "phone_code": "1"}, "external_add_lead"),
    ("POST", "/dial", {"number": "7275550100"}, "external_dial"),
    ("POST", "/preview", {"action": "dial"}, "preview_dial_action"),
    ("PUT", "/playback", {"sound": "beep"}, "audio_playback"),
    ("PATCH", "/playback", {"action": "pause"}, "audio_playback"),
    ("DELETE", "/playback", None, "audio_playback"),
    ("PUT", "/machine-message", {"sounds": ["beep"]}, "vm_message"),
    ("DELETE", "/fronter/playback", None, "force_fronter_audio_stop"),
    ("POST", "/fronter/leave", None, "force_fronter_leave_3way"),
    ("POST", "/ring", None, "call_agent"),
    ("POST", "/monitor", {"phone": "2001"}, "blind_monitor"),
    ("GET", "/webphone", None, "webphone_url"),
    ("POST", "/webphone", None, "webphone_url"),
    ("GET", "/queues", None, "calls_in_queue_count"),
    ("PUT", "/team", {"team": "Blue"}, "st_login_log"),
    ("POST", "/swap", {}, "park_call"),
    ("DELETE", "/parties", None, "transfer_conference"),
    ("DELETE", "/parties/third", None, "transfer_conference"),
]


@pytest.fixture
def talking(world: World) -> World:
    """She has a call, and its lead on her screen."""
    world.leads.kept[201] = Lead(id=201, list_id=101, phone_number="7275550201", first_name="Ann")
    wish = DialRequest(number="7275550201", campaign="TESTCAMP")
    call = world.calls.place("dial", wish, CallKind.INBOUND, "TESTCAMP", "1000")
    world.agents.seat("1000", AgentState.INCALL, call_id=call.id, lead_id=201)
    world.record.commands.clear()
    return world


@pytest.fixture
async def http(talking: World) -> Any:
    async with client(talking, auth=basic()) as made:
        yield made


async def told(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error_id"]


# -- all of them


@pytest.mark.parametrize(("method", "path", "body", "function"), COMMANDS)
async def test_each_asks_for_the_function_of_the_line_format(
    talking: World, method: str, path: str, body: Any, function: str
) -> None:
    async with client(talking, auth=basic("7000", "test7000")) as nobody:
        reply = await nobody.request(method, HER + path, json=body)
    assert (reply.status_code, reply.json()["details"]) == (403, {"rule": "function", "needs": function})
    assert talking.record.commands == []


@pytest.mark.parametrize(("method", "path", "body", "function"), COMMANDS)
async def test_none_is_for_agents_of_other_groups(
    talking: World, method: str, path: str, body: Any, function: str
) -> None:
    spec: dict[str, Any] = {"group": "LIMITED", "level": 8, "api_access": True, "rights": ALL_RIGHTS}
    await talking.access.create(UserSpec(user="other", functions=frozenset({function}), **spec), "secret")
    async with client(talking, auth=basic("other", "secret")) as other:
        reply = await other.request(method, HER + path, json=body)
    assert await told(reply) == (403, "forbidden")
    assert talking.record.commands == []


@pytest.mark.parametrize(("method", "path", "body", "function"), COMMANDS)
async def test_each_says_who_is_not_there(
    http: httpx.AsyncClient, talking: World, method: str, path: str, body: Any, function: str
) -> None:
    del function
    nobody = await http.request(method, f"/v1/agents/nobody{path}", json=body)
    assert await told(nobody) == (404, "no-such-agent")
    if path != "/team":  # which she has logged in or not
        out = await http.request(method, f"/v1/agents/1002{path}", json=body)
        assert await told(out) == (409, "agent-not-logged-in")
    assert talking.record.commands == []


@pytest.mark.parametrize(("method", "path", "body", "function"), [case for case in COMMANDS if case[2]])
async def test_none_takes_a_field_that_it_does_not_know(
    http: httpx.AsyncClient, talking: World, method: str, path: str, body: Any, function: str
) -> None:
    del function
    reply = await http.request(method, HER + path, json={**body, "phase": "x"})
    assert (reply.status_code, reply.json()["field"]) == (400, "phase")
    assert talking.record.commands == []


# -- the lead on her screen


async def test_the_lead_is_told_and_changed(http: httpx.AsyncClient, talking: World) -> None:
    assert (await http.get(LEAD)).json()["first_name"] == "Ann"
    body = {"first_name": "", "city": "São Paulo", "rank": 7, "gmt_offset_minutes": -210}
    reply = await http.patch(LEAD, json=body | {"reload": ["formreload"]})
    assert reply.status_code == 200, reply.text
    lead = reply.json()
    assert {name: lead[name] for name in body} == body
    assert talking.screens.screen.panels == ("formreload",)
    assert set(talking.screens.screen.fields) == {"first_name", "city", "rank", "gmt_offset_now"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"city": "a\nb"}, "city"),
        ({"city": "<script>"}, "city"),
        ({"vendor_lead_code": "a|b"}, "vendor_lead_code"),
        ({"city": "x" * 256}, "city"),
        ({"city": None}, "city"),
        ({"phone_number": ""}, "phone_number"),
        ({"phone_number": "+1727"}, "phone_number"),
        ({"rank": "1"}, "rank"),
        ({"gmt_offset_minutes": 7}, "gmt_offset_minutes"),
        ({"gmt_offset_minutes": 900}, "gmt_offset_minutes"),
        ({"reload": ["everything"]}, "reload[0]"),
    ],
)
async def test_a_value_that_no_lead_has(
    http: httpx.AsyncClient, talking: World, body: Any, field: str
) -> None:
    before = talking.leads.kept[201]
    reply = await http.patch(LEAD, json=body)
    assert (reply.status_code, reply.json().get("field", "")) == (400, field), reply.text
    assert (talking.leads.kept[201], talking.screens.screen.fields) == (before, ())


async def test_nothing_on_her_screen(http: httpx.AsyncClient, talking: World) -> None:
    talking.agents.seat("1000", AgentState.PAUSED)
    assert await told(await http.get(LEAD)) == (409, "no-lead")
    assert await told(await http.patch(LEAD, json={"city": "Tampa"})) == (409, "no-lead")


@pytest.mark.parametrize("body", [{"lead_id": 203}, {"vendor_lead_code": "CRM-4711"}])
async def test_another_lead_for_her_call(http: httpx.AsyncClient, talking: World, body: Any) -> None:
    talking.site.items[Campaign, "TESTCAMP"] = Campaign(id="TESTCAMP", inbound_lead_search=True)
    kept = Lead(id=203, list_id=101, phone_number="7275550203", vendor_lead_code="CRM-4711")
    talking.leads.kept[203] = kept
    reply = await http.put(LEAD, json=body)
    assert (reply.status_code, reply.json()["id"]) == (200, 203)
    assert talking.agents.open["1000"].lead_id == 203


@pytest.mark.parametrize(
    ("body", "allowed", "wanted"),
    [
        ({}, True, (400, "invalid-input")),
        ({"lead_id": 203, "vendor_lead_code": "x"}, True, (400, "invalid-input")),
        ({"vendor_lead_code": ""}, True, (400, "invalid-input")),
        ({"lead_id": 999}, True, (404, "no-such-lead")),
        ({"lead_id": 201}, False, (409, "invalid-state")),
    ],
)
async def test_a_lead_that_is_not_switched_to(
    http: httpx.AsyncClient,
    talking: World,
    body: Any,
    allowed: bool,  # noqa: FBT001  a case of the table
    wanted: tuple[int, str],
) -> None:
    talking.site.items[Campaign, "TESTCAMP"] = Campaign(id="TESTCAMP", inbound_lead_search=allowed)
    assert await told(await http.put(LEAD, json=body)) == wanted
    assert talking.agents.open["1000"].lead_id == 201


async def test_without_a_call_there_is_none_to_switch(http: httpx.AsyncClient, talking: World) -> None:
    talking.site.items[Campaign, "TESTCAMP"] = Campaign(id="TESTCAMP", inbound_lead_search=True)
    talking.agents.seat("1000", AgentState.PAUSED)
    assert await told(await http.put(LEAD, json={"lead_id": 201})) == (409, "no-call")


# -- leads that are added


async def test_a_lead_is_added_once(http: httpx.AsyncClient, talking: World) -> None:
    talking.site.items[Campaign, "TESTCAMP"] = Campaign(id="TESTCAMP", manual_list=998)
    body = {"phone_number": "7275550100", "phone_code": "1", "last_name": "O'Brien", "rank": 3}
    headers = {"Idempotency-Key": "k"}
    reply = await http.post(f"{HER}/leads", json=body, headers=headers)
    again = await http.post(f"{HER}/leads", json=body, headers=headers)
    assert (reply.status_code, again.content) == (200, reply.content)
    assert reply.json() == {"lead_id": 502, "list_id": 998}
    assert talking.record.commands == [("add lead", "TESTCAMP", "998", "7275550100", "6666", "")]
    lead = talking.leads.kept[502]
    assert (lead.last_name, lead.rank) == ("O'Brien", 3)


@pytest.mark.parametrize(
    ("asked", "of", "refused"),
    [
        ({"check_dnc": True}, "", "system"),
        ({"check_campaign_dnc": True}, "TESTCAMP", "campaign"),
        ({"check_dnc": True}, "TESTCAMP", ""),
        ({}, "", ""),
    ],
)
async def test_the_lists_that_are_asked(
    http: httpx.AsyncClient, talking: World, asked: Any, of: str, refused: str
) -> None:
    talking.leads.forbidden.append(DncEntry(number="7275550100", kind=DncKind.NUMBER, campaign=of))
    reply = await http.post(f"{HER}/leads", json={"phone_number": "7275550100", "phone_code": "1", **asked})
    if refused:
        assert await told(reply) == (403, "not-allowed")
        assert reply.json()["details"] == {"rule": "dnc", "list": refused}
    assert (reply.status_code == 200) is not bool(refused)
    assert bool(talking.record.commands) is not bool(refused)


# -- sounds


async def test_a_sound_is_played_operated_and_stopped(http: httpx.AsyncClient, talking: World) -> None:
    path = f"{HER}/playback"
    assert await told(await http.delete(path)) == (409, "no-sound")
    assert (await http.put(path, json={"sound": "custom/greeting"})).status_code == 204
    assert await told(await http.put(path, json={"sound": "beep"})) == (409, "sound-plays")
    assert (await http.put(path, json={"sound": "beep", "instead": True})).status_code == 204
    for action in ("pause", "resume", "restart"):
        assert (await http.patch(path, json={"action": action})).status_code == 204
    assert (await http.delete(path)).status_code == 204
    assert talking.record.commands == [
        ("play", "1000", "custom/greeting"),
        ("play", "1000", "beep"),
        ("pause", "1000"),
        ("resume", "1000"),
        ("restart", "1000"),
        ("stop", "1000"),
    ]


@pytest.mark.parametrize("sound", ["", "a|b", "../etc/passwd", "/a", "a/", "a b", "x" * 101, 7])
async def test_a_name_that_no_sound_has(http: httpx.AsyncClient, talking: World, sound: object) -> None:
    reply = await http.put(f"{HER}/playback", json={"sound": sound})
    assert (reply.status_code, reply.json()["field"]) == (400, "sound")
    for sounds in ([sound], [], ["beep"] * 21):
        reply = await http.put(f"{HER}/machine-message", json={"sounds": sounds})
        assert (reply.status_code, reply.json()["field"][:6]) == (400, "sounds")
    assert talking.record.commands == []


async def test_a_sound_is_played_once_for_a_key(http: httpx.AsyncClient, talking: World) -> None:
    for _ in range(2):
        headers = {"Idempotency-Key": "k"}
        reply = await http.put(f"{HER}/playback", json={"sound": "beep"}, headers=headers)
        assert reply.status_code == 204
    assert reply.headers["idempotency-replayed"] == "true"
    assert talking.record.commands == [("play", "1000", "beep")]


async def test_what_a_machine_is_to_hear(http: httpx.AsyncClient, talking: World) -> None:
    reply = await http.put(f"{HER}/machine-message", json={"sounds": ["hello", "custom/bye"]})
    assert (reply.status_code, reply.json()["agent"]) == (200, "1000")
    assert talking.record.commands == [("keep messages", "1000", "hello", "custom/bye")]


# -- the one who passed the customer on


async def test_the_fronter_is_commanded(http: httpx.AsyncClient, talking: World) -> None:
    for path, method in (("leave", "POST"), ("playback", "DELETE")):
        reply = await http.request(method, f"{HER}/fronter/{path}")
        assert await told(reply) == (409, "no-fronter"), "nobody else has the lead"
    her_call = talking.agents.open["1000"].call_id
    talking.agents.seat("1002", AgentState.INCALL, lead_id=201, call_id=her_call)
    talking.playback.plays.add("1002")
    assert (await http.delete(f"{HER}/fronter/playback")).status_code == 204
    assert await told(await http.post(f"{HER}/fronter/leave")) == (409, "invalid-state")
    talking.conference.thirds[her_call or ""] = [talking.calls.calls[her_call or ""]]
    assert (await http.post(f"{HER}/fronter/leave")).status_code == 202
    assert talking.record.commands == [("stop", "1002"), ("leave", "1002")]


async def test_a_fronter_whom_the_caller_may_not_command(talking: World) -> None:
    """What is done to her is hers: who is seen in the path is not enough."""
    her_call = talking.agents.open["1000"].call_id
    talking.agents.seat("7007", AgentState.INCALL, "OTHERCMP", lead_id=201, call_id=her_call)
    agent = talking.access.users_by_name["1002"]
    hidden = msgspec.structs.replace(agent, user="7007", group="LIMITED")
    talking.access.users_by_name["7007"] = hidden
    talking.playback.plays.add("7007")
    spec: dict[str, Any] = {"group": "AGENTS", "level": 8, "api_access": True, "rights": ALL_RIGHTS}
    functions = frozenset({"force_fronter_audio_stop"})
    await talking.access.create(UserSpec(user="team", functions=functions, **spec), "secret")
    async with client(talking, auth=basic("team", "secret")) as http:
        assert await told(await http.delete(f"{HER}/fronter/playback")) == (403, "forbidden")
    assert talking.record.commands == []


async def test_without_a_call_nobody_is_her_fronter(http: httpx.AsyncClient, talking: World) -> None:
    talking.agents.seat("1000", AgentState.PAUSED)
    assert await told(await http.post(f"{HER}/fronter/leave")) == (409, "no-call")


# -- her phone, her queues, her team


async def test_her_phone_is_rung_again(http: httpx.AsyncClient, talking: World) -> None:
    reply = await http.post(f"{HER}/ring")
    assert (reply.status_code, reply.json()["user"]) == (202, "1000")
    talking.phones.gone.add("1000")
    assert await told(await http.post(f"{HER}/ring")) == (404, "no-such-phone")
    assert talking.record.commands == [("call agent", "1000", "6666")]


async def test_a_manager_is_let_into_her_room(http: httpx.AsyncClient, talking: World) -> None:
    reply = await http.post(f"{HER}/monitor", json={"phone": "2001"})
    assert (reply.status_code, set(reply.json())) == (202, {"channel"})
    for body, status, error in (
        ({"phone": "2001", "way": "spy"}, 400, "invalid-input"),
        ({"phone": "2001/x&PJSIP/911"}, 400, "invalid-input"),
        ({}, 400, "invalid-input"),
        ({"phone": "nope"}, 404, "no-such-phone"),
    ):
        assert await told(await http.post(f"{HER}/monitor", json=body)) == (status, error)
    await http.post(f"{HER}/monitor", json={"phone": "2001", "way": "whisper"})
    assert talking.record.commands == [
        ("monitor", "1000", "2001", way, "6666") for way in ("listen", "whisper")
    ]


async def test_the_phone_in_the_browser(http: httpx.AsyncClient, talking: World) -> None:
    url = {"url": "https://phone.example/?user=1000"}
    assert (await http.get(f"{HER}/webphone")).json() == url
    assert talking.record.commands == []
    assert (await http.post(f"{HER}/webphone")).json() == url
    assert talking.record.commands == [("launch webphone", "1000")]


async def test_who_waits_for_her(http: httpx.AsyncClient, talking: World) -> None:
    talking.agents.seat("1000", AgentState.READY, queues=("SALESLINE",))
    talking.in_groups.callers = 3
    assert (await http.get(f"{HER}/queues")).json() == {"queues": ["SALESLINE"], "waiting": 3}


async def test_her_team(http: httpx.AsyncClient, talking: World) -> None:
    assert (await http.put("/v1/agents/1002/team", json={"team": "Blue"})).status_code == 204
    assert talking.access.teams == {"1002": "Blue"}
    for team in ("", "x" * 101, "a\nb"):
        assert (await http.put(f"{HER}/team", json={"team": team})).status_code == 400
    assert talking.access.teams == {"1002": "Blue"}


# -- the parties of her call


async def test_parties_swap_and_are_hung_up(http: httpx.AsyncClient, talking: World) -> None:
    swapped = await http.post(f"{HER}/swap", json={"park": "third"})
    assert (swapped.status_code, len(swapped.json())) == (200, 1)
    for path in ("parties/third", "parties/customer", "parties"):
        assert (await http.delete(f"{HER}/{path}")).status_code == 202, path
    assert talking.record.commands == [
        ("swap", "1000", "third"),
        ("hangup party", "1000", "third"),
        ("hangup party", "1000", "customer"),
        ("hangup both", "1000"),
    ]
    assert (await http.delete(f"{HER}/parties/agent")).status_code == 400
