"""`call_agent`: its lines, and what is commanded."""

from __future__ import annotations

import httpx
import pytest
from api_fakes import World
from test_vicidial_endpoint import LOGIN, ask

from bridge.agents.model import AgentState


async def call(http: httpx.AsyncClient, **parameters: str) -> str:
    return await ask(http, **{**LOGIN, "function": "call_agent", "agent_user": "1000", **parameters})


async def test_rings_her_phone_again(http: httpx.AsyncClient, world: World) -> None:
    assert await call(http, value="CALL") == "SUCCESS: call_agent function sent - 1000\n"
    assert world.record.commands == [("call agent", "1000", "6666")]


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ({}, "call_agent not valid - |1000"),
        ({"value": "RING"}, "call_agent not valid - RING|1000"),
        ({"value": "CALL", "agent_user": ""}, "call_agent not valid - CALL|"),
        ({"value": "CALL", "agent_user": "nobody"}, "agent_user is not logged in - nobody"),
        (
            {"value": "CALL", "user": "7000", "pass": "test7000"},
            "auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - CALL|7000|call_agent|ADMIN",
        ),
    ],
)
async def test_what_is_refused(
    http: httpx.AsyncClient, world: World, parameters: dict[str, str], line: str
) -> None:
    assert await call(http, **parameters) == f"ERROR: {line}\n"
    assert world.record.commands == []


async def test_needs_a_phone_that_is_known_and_holds_the_room(http: httpx.AsyncClient, world: World) -> None:
    line = "ERROR: call_agent error - entry is empty - 1000\n"
    world.phones.gone.add("1000")
    assert await call(http, value="CALL") == line
    world.phones.gone.clear()
    world.agents.seat("1000", AgentState.PAUSED, on_hook=True)
    assert await call(http, value="CALL") == line
