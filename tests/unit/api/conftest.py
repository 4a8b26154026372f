"""A fresh world for each test, and clients of the application over it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from api_fakes import World, basic, client, load_world

from bridge.agents.model import AgentState


@pytest.fixture
def world() -> World:
    """Nobody is logged in but agent 1000, who is paused."""
    made = load_world()
    made.agents.seat("1000", AgentState.PAUSED)
    return made


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A caller who has not logged in."""
    async with client(world) as made:
        yield made


@pytest.fixture
async def admin(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The administrator, who may do everything."""
    async with client(world, auth=basic()) as made:
        yield made
