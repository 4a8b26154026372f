"""`pause_code`, `calls_in_queue_count` and `change_ingroups`: their lines, and what is commanded."""

from __future__ import annotations

import httpx
import pytest
from api_fakes import World
from test_vicidial_endpoint import LOGIN, ask

from bridge.agents.model import AgentState
from bridge.campaigns.model import Campaign, DialMethod

CHOICES = " SUPPORT SALESLINE -"
CHANGE = {
    **LOGIN,
    "function": "change_ingroups",
    "agent_user": "1000",
    "value": "CHANGE",
    "blended": "YES",
    "ingroup_choices": CHOICES,
}


class TestPauseCode:
    @pytest.mark.parametrize("state", [AgentState.PAUSED, AgentState.WRAPUP])
    async def test_is_set_while_she_is_paused(
        self, http: httpx.AsyncClient, world: World, state: AgentState
    ) -> None:
        world.agents.seat("1000", state)
        reply = await ask(http, **LOGIN, function="pause_code", agent_user="1000", value="ZZZ")
        assert reply == "SUCCESS: pause_code function sent - 1000\n"
        assert world.record.commands == [("pause code", "1000", "ZZZ", "6666")]

    async def test_is_refused_while_she_is_not(self, http: httpx.AsyncClient, world: World) -> None:
        world.agents.seat("1000", AgentState.READY)
        reply = await ask(http, **LOGIN, function="pause_code", agent_user="1000", value="LUNCH")
        assert reply == "ERROR: pause_code error - agent is not paused - 1000\n"

    @pytest.mark.parametrize(
        ("value", "user", "line"),
        [("", "1000", "|1000"), ("LUNCH", "", "LUNCH|"), ("TOOLONG", "1000", "TOOLONG|1000")],
    )
    async def test_needs_a_code_and_an_agent(
        self, http: httpx.AsyncClient, world: World, value: str, user: str, line: str
    ) -> None:
        reply = await ask(http, **LOGIN, function="pause_code", agent_user=user, value=value)
        assert reply == f"ERROR: pause_code not valid - {line}\n"
        assert world.record.commands == []


class TestCallsInQueueCount:
    async def test_is_told_without_a_newline(self, http: httpx.AsyncClient, world: World) -> None:
        world.in_groups.callers = 2
        reply = await ask(http, **LOGIN, function="calls_in_queue_count", agent_user="1000", value="DISPLAY")
        assert reply == "SUCCESS: calls_in_queue_count - 2"

    @pytest.mark.parametrize(
        ("value", "user", "line"),
        [("", "1000", "|1000"), ("SHOW", "1000", "SHOW|1000"), ("DISPLAY", "", "DISPLAY|")],
    )
    async def test_needs_display_and_an_agent(
        self, http: httpx.AsyncClient, value: str, user: str, line: str
    ) -> None:
        reply = await ask(http, **LOGIN, function="calls_in_queue_count", agent_user=user, value=value)
        assert reply == f"ERROR: calls_in_queue_count not valid - {line}\n"


class TestChangeInGroups:
    @pytest.fixture(autouse=True)
    def serves_salesline(self, world: World) -> None:
        world.agents.seat("1000", AgentState.PAUSED, queues=("SALESLINE",))

    @pytest.mark.parametrize(
        ("changed", "printed"),
        [
            ({}, " SUPPORT SALESLINE -|YES|"),
            ({"value": "REPLACE"}, " SUPPORT SALESLINE -|YES|"),
            ({"blended": "NO"}, " SUPPORT SALESLINE -|NO|"),
            ({"ingroup_choices": "SUPPORT"}, " SUPPORT -|YES|"),
            ({"ingroup_choices": ""}, " -|YES|"),
            ({"set_as_default": "YES"}, " SUPPORT SALESLINE -|YES|User settings set as default"),
            ({"value": "ADD", "ingroup_choices": " SUPPORT -"}, " SALESLINE SUPPORT -|YES|"),
            ({"value": "ADD", "ingroup_choices": " SALESLINE -"}, " SALESLINE -|YES|"),
            ({"value": "REMOVE", "ingroup_choices": " SALESLINE -"}, " -|YES|"),
            ({"value": "REMOVE", "ingroup_choices": " SUPPORT -"}, " SALESLINE -|YES|"),
        ],
    )
    async def test_prints_what_she_serves_now(
        self, http: httpx.AsyncClient, changed: dict[str, str], printed: str
    ) -> None:
        reply = await ask(http, **{**CHANGE, **changed})
        assert reply == f"SUCCESS: change_ingroups function set - 6666|1000|{printed}\n"

    async def test_what_the_services_are_told(self, http: httpx.AsyncClient, world: World) -> None:
        await ask(http, **{**CHANGE, "blended": "NO"})
        assert world.record.commands == [("queues", "1000", "change", "SUPPORT SALESLINE", "False", "6666")]

    @pytest.mark.parametrize(
        ("changed", "line"),
        [
            ({"value": ""}, f"change_ingroups not valid - |YES|{CHOICES}|1000"),
            ({"blended": ""}, f"change_ingroups not valid - CHANGE||{CHOICES}|1000"),
            ({"agent_user": ""}, f"change_ingroups not valid - CHANGE|YES|{CHOICES}|"),
            ({"agent_user": "nobody"}, "agent_user is not logged in - nobody"),
            ({"user": "7005", "pass": "test7005"}, "user is not allowed to change agent in-groups - 7005"),
            (
                {"ingroup_choices": " SUPPORT NOSUCH -"},
                "ingroup does not exist - 1000|NOSUCH| SUPPORT NOSUCH -",
            ),
            (
                {"value": "ADD", "ingroup_choices": ""},
                "ingroup_choices are required for ADD and REMOVE values - 1000|ADD|",
            ),
            (
                {"ingroup_choices": " NOQUEUE -"},
                "change_ingroups failed, Asterisk pbx has no queue NOQUEUE - CHANGE|1000",
            ),
        ],
    )
    async def test_what_is_refused_changes_nothing(
        self, http: httpx.AsyncClient, world: World, changed: dict[str, str], line: str
    ) -> None:
        assert await ask(http, **{**CHANGE, **changed}) == f"ERROR: {line}\n"
        assert world.record.commands == []

    async def test_in_a_campaign_without_inbound_calls(self, http: httpx.AsyncClient, world: World) -> None:
        world.agents.seat("1000", AgentState.PAUSED, "OTHERCMP")
        assert await ask(http, **CHANGE) == "ERROR: campaign does not allow inbound calls - 1000\n"

    @pytest.mark.parametrize("method", [DialMethod.MANUAL, DialMethod.INBOUND_MAN])
    async def test_blended_needs_a_dialler(
        self, http: httpx.AsyncClient, world: World, method: DialMethod
    ) -> None:
        await world.site.put(Campaign(id="TESTCAMP", inbound=True, dial_method=method))
        line = "campaign dial_method does not allow outbound autodial - 1000|YES"
        assert await ask(http, **CHANGE) == f"ERROR: {line}\n"
        assert (await ask(http, **{**CHANGE, "blended": "NO"})).startswith("SUCCESS")
