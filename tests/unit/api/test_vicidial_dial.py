"""`external_dial` beyond the recorded cases: what is refused, and with which line."""

from __future__ import annotations

import re

import httpx
import pytest
from api_fakes import World, client
from api_fakes.work import REFUSED
from test_vicidial_endpoint import DIAL, ask

from bridge.agents.model import AgentState
from bridge.calls.model import Call
from bridge.campaigns.model import GroupAlias
from bridge.campaigns.own_number import OwnNumber
from bridge.errors import DialRefused, NoSuchLead, NotPaused, TooManyCalls
from bridge.services import ApiOptions, DialRequest


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"group_alias": "NOPE"}, "group_alias is not valid - 1000|NOPE"),
        ({"group_alias": "ALIASOFF"}, "group_alias is not valid - 1000|ALIASOFF"),
        ({"group_alias": "ALIASBAD"}, "caller_id_number from group_alias is not valid - 1000|ALIASBAD|3"),
        ({"dial_prefix": "9X"}, "dial_prefix is not valid - 1000|9X"),
        ({"dial_prefix": "1" * 41}, f"dial_prefix is not valid - 1000|{'1' * 40}"),
        ({"outbound_cid": "727"}, "outbound_cid is not allowed on this system - 1000|727|DISABLED"),
        (
            {"vtiger_callback": "YES", "value": "9912345"},
            "vtiger callback activity does not exist in vtiger system - 9912345",
        ),
        ({"lead_id": "9" * 30}, f"lead_id is not valid - 1000|{'9' * 30}"),
        ({"value": REFUSED}, f"phone number is not valid - 1000|{REFUSED}||"),
    ],
)
async def test_no_call_rather_than_a_wrong_one(
    http: httpx.AsyncClient, world: World, changed: dict[str, str], line: str
) -> None:
    await world.site.put(GroupAlias(name="ALIASOFF", caller_id="7275550100", active=False))
    assert await ask(http, **{**DIAL, **changed}) == f"ERROR: {line}\n"
    assert world.record.commands == []


async def test_a_group_alias_is_shown(http: httpx.AsyncClient, world: World) -> None:
    reply = await ask(http, **DIAL, group_alias="ALIAS1")
    assert reply.endswith("||ALIAS1|7275550100|\n")
    assert world.record.commands == [("dial", "1000", "7275551212", "1", "", "7275550100")]


async def test_a_number_that_is_named_outright_wins_over_an_alias(world: World) -> None:
    world.options = ApiOptions(timezone=world.options.timezone, outbound_cid="API_ONLY")
    await world.site.put(OwnNumber(number="+17275550001"))
    async with client(world) as http:
        reply = await ask(http, **DIAL, group_alias="ALIAS1", outbound_cid="7275550001")
    assert reply.endswith("||-FORCE-|7275550001|\n")
    assert world.record.commands == [("dial", "1000", "7275551212", "1", "", "7275550001")]


async def test_what_the_services_are_told(http: httpx.AsyncClient, world: World) -> None:
    more = {"dial_prefix": "9", "dial_ingroup": "SALESLINE", "preview": "YES"}
    asked = {**DIAL, **more, "vendor_id": "A+B\r\n<i>;#", "lead_id": "201"}
    reply = await ask(http, **asked)
    assert reply.endswith("|9|||\n")
    assert world.manual.asked == [
        (
            "1000",
            DialRequest(
                number="7275550201",
                phone_code="1",
                lead_id=201,
                search=True,
                vendor_id="A Bi",
                dial_prefix="9",
                queue="SALESLINE",
                preview=True,
                focus=True,
                asked_by="6666",
                source="test",
            ),
        )
    ]


async def test_the_next_lead(http: httpx.AsyncClient, world: World) -> None:
    reply = await ask(http, **{**DIAL, "value": "MANUALNEXT"})
    assert reply.startswith("SUCCESS: external_dial function set - MANUALNEXT|1000|1|YES|NO|YES||")
    ((_, request),) = world.manual.asked
    assert (request.next_lead, request.number, request.lead_id) == (True, "MANUALNEXT", None)
    world.agents.seat("1000", AgentState.PAUSED, "OTHERCMP")
    reply = await ask(http, **{**DIAL, "value": "MANUALNEXT"})
    assert reply == "ERROR: no lead is left to dial - 1000|OTHERCMP\n"


async def test_a_queue_campaign_lets_the_call_wait_once(http: httpx.AsyncClient, world: World) -> None:
    world.agents.seat("1002", AgentState.INCALL, "QUEUECMP")
    asked = {**DIAL, "agent_user": "1002"}
    assert (await ask(http, **asked)).startswith("SUCCESS: external_dial function set - 7275551212|1002|")
    why = "phone_number is already in this agents manual dial queue"
    assert await ask(http, **asked) == f"ERROR: {why} - 1002|7275551212\n"
    assert world.record.commands == [("queue", "1002", "7275551212")]


async def test_a_double_click_is_a_success_and_one_call(http: httpx.AsyncClient, world: World) -> None:
    first, second = [await ask(http, **DIAL) for _ in range(2)]
    assert re.sub(r"\|\d{10}\|", "|", second) == re.sub(r"\|\d{10}\|", "|", first)
    assert len(world.record.commands) == 1
    assert await ask(http, **{**DIAL, "value": "7275551213"}) == "ERROR: agent_user is not paused - 1000\n"
    busy = {**DIAL, "lead_id": "99999"}
    assert await ask(http, **busy) == "ERROR: agent_user is not paused - 1000\n", "the first check is told"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotPaused(), "agent_user is not paused - 1000"),
        (NoSuchLead(), "lead_id is not valid - 1000|201"),
        (
            DialRefused("nobody is called: it is drained", rule="held"),
            "external_dial refused, nobody is called: it is drained - 1000|7275550201|201|",
        ),
    ],
)
async def test_what_changes_between_check_and_command_has_its_line(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, line: str
) -> None:
    async def too_late(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(world.manual, "ask", too_late)
    assert await ask(http, **DIAL, lead_id="201") == f"ERROR: {line}\n"


@pytest.mark.parametrize("function", ["external_dial", "transfer_conference"])
async def test_limits_of_who_asks_have_a_line_of_their_own(
    http: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    async def limited(*_: object, **__: object) -> Call:
        raise TooManyCalls("API user 6666 may make 2 calls, and has", rule="user_calls_per_hour")

    monkeypatch.setattr(world.manual, "ask", limited)
    monkeypatch.setattr(world.conference, "call_of", limited)
    value = "BLIND_TRANSFER" if function == "transfer_conference" else DIAL["value"]
    reply = await ask(http, **DIAL | {"function": function, "value": value, "phone_number": "7275550100"})
    why = "auth USER IS NOT ALLOWED THIS CALL, API user 6666 may make 2 calls, and has"
    assert reply == f"ERROR: {why} - {value}|6666|user_calls_per_hour\n"


async def test_a_vendor_id_that_no_lead_can_keep_is_refused(http: httpx.AsyncClient, world: World) -> None:
    reply = await ask(http, **DIAL, vendor_id="v" * 256)
    assert reply == f"ERROR: vendor_id is not valid - 1000|{'v' * 40}\n"
    assert world.record.commands == []
    assert (await ask(http, **DIAL, vendor_id="v" * 255)).startswith("SUCCESS")


@pytest.mark.parametrize("cid", ["727x", "abc_x-1", "1" * 21, "1" * 1500])
async def test_a_caller_id_is_a_number(world: World, cid: str) -> None:
    world.options = ApiOptions(timezone=world.options.timezone, outbound_cid="API_ONLY")
    async with client(world) as http:
        reply = await ask(http, **DIAL, outbound_cid=cid)
    assert reply == f"ERROR: outbound_cid is not valid - 1000|{cid[:40]}\n"
    assert world.record.commands == []


async def test_a_caller_id_is_one_of_the_sites_own_numbers(world: World) -> None:
    world.options = ApiOptions(timezone=world.options.timezone, outbound_cid="API_ONLY")
    await world.site.put(OwnNumber(number="+17275550001"))
    async with client(world) as http:
        reply = await ask(http, **DIAL, outbound_cid="7275550002")
        assert reply == "ERROR: outbound_cid is not one of the numbers of this system - 1000|7275550002\n"
        assert world.record.commands == []
        for spelling in ("7275550001", "17275550001"):
            assert (await ask(http, **DIAL, outbound_cid=spelling)).startswith("SUCCESS")


async def test_an_agent_without_a_user_dials_nothing(http: httpx.AsyncClient, world: World) -> None:
    del world.access.users_by_name["1000"]
    reply = await ask(http, **DIAL)
    assert reply == "ERROR: agent_user is not allowed to place manual dial calls - 1000\n"
