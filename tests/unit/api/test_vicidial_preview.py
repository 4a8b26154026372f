"""`preview_dial_action`: its checks in their order, and what is asked of the services."""

from __future__ import annotations

import httpx
import pytest
from api_fakes import World
from test_vicidial_endpoint import LOGIN, ask

from bridge.agents.model import AgentState
from bridge.campaigns.model import Campaign, Preview


async def allow(world: World, preview: Preview = Preview.PREVIEW_AND_SKIP, *, other: bool = True) -> None:
    await world.site.put(Campaign(id="TESTCAMP", preview=preview, alt_number_dialing=other))


async def act(http: httpx.AsyncClient, value: str, agent: str = "1000") -> str:
    asked = LOGIN | {"function": "preview_dial_action", "agent_user": agent, "value": value}
    return await ask(http, **asked)


@pytest.mark.parametrize("value", ["SKIP", "DIALONLY", "ALTDIAL", "ADR3DIAL", "FINISH"])
async def test_each_action(http: httpx.AsyncClient, world: World, value: str) -> None:
    await allow(world)
    assert await act(http, value) == f"SUCCESS: preview_dial_action function set - {value}|1000|{value}\n"
    assert world.record.commands == [("act", "1000", value, "6666")]


@pytest.mark.parametrize(
    ("value", "agent"), [("", "1000"), ("SKIP", ""), ("skip", "1000"), ("SKIPX", "1000")]
)
async def test_not_valid(http: httpx.AsyncClient, value: str, agent: str) -> None:
    line = f"ERROR: preview_dial_action not valid - {value}||{agent}|\n"
    assert await act(http, value, agent) == line


SKIPS, LOOKS, NOTHING = Preview.PREVIEW_AND_SKIP, Preview.PREVIEW_ONLY, Preview.DISABLED
NO_PREVIEW = "preview dialing not allowed on this campaign - 1000|TESTCAMP|DISABLED"
NO_SKIP = "preview dial skipping not allowed on this campaign - 1000|TESTCAMP|PREVIEW_ONLY"
NO_OTHER = "alt number dialing not allowed on this campaign - 1000|TESTCAMP|N"


@pytest.mark.parametrize(
    ("preview", "value", "why"),
    [
        (NOTHING, "DIALONLY", NO_PREVIEW),
        (NOTHING, "SKIP", NO_PREVIEW),
        (NOTHING, "ALTDIAL", NO_PREVIEW),
        (LOOKS, "SKIP", NO_SKIP),
        (LOOKS, "FINISH", NO_OTHER),
        (SKIPS, "ALTDIAL", NO_OTHER),
        (SKIPS, "ADR3DIAL", NO_OTHER),
        (SKIPS, "FINISH", NO_OTHER),
    ],
)
async def test_what_the_campaign_does_not_allow(
    http: httpx.AsyncClient, world: World, preview: Preview, value: str, why: str
) -> None:
    await allow(world, preview, other=False)
    assert await act(http, value) == f"ERROR: {why}\n"
    assert world.record.commands == []


async def test_only_while_paused(http: httpx.AsyncClient, world: World) -> None:
    await allow(world)
    world.agents.seat("1000", AgentState.READY)
    assert await act(http, "SKIP") == "ERROR: agent_user is not paused - 1000\n"
    world.agents.seat("1000", AgentState.WRAPUP)
    assert (await act(http, "SKIP")).startswith("SUCCESS"), "paused in the original's eyes"


async def test_who_may_not_dial_by_hand(http: httpx.AsyncClient, world: World) -> None:
    await allow(world)
    world.agents.seat("1001", AgentState.PAUSED)
    why = "agent_user is not allowed to place manual dial calls - 1001"
    assert await act(http, "DIALONLY", "1001") == f"ERROR: {why}\n"
    assert world.record.commands == []
