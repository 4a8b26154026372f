"""Real calls: a real service, a real Asterisk, a real carrier. After each test nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from leftovers import clear, log_everybody_out, nothing_is_left
from service import Bridge
from stack import Carrier, Stack, connected, find_stack, hang_up_everything

from bridge.ami.client import AmiClient


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture(scope="session")
def stack() -> Stack:
    found = find_stack()
    if found is None:
        pytest.skip("the containers do not run: docker/engine up")
    return found


@pytest.fixture
async def asterisk(stack: Stack) -> AsyncIterator[AmiClient]:
    async with connected(stack.asterisk()) as client:
        yield client


@pytest.fixture
async def carrier(stack: Stack) -> AsyncIterator[Carrier]:
    async with connected(stack.carrier()) as client:
        yield Carrier(client)


@pytest.fixture
async def bridge(
    stack: Stack, asterisk: AmiClient, carrier: Carrier, tmp_path: Path
) -> AsyncIterator[Bridge]:
    """A service of this test alone, with its site loaded."""
    await clear(asterisk)
    service = Bridge(stack, tmp_path)
    await asyncio.to_thread(service.command, "load", str(tmp_path / "site.toml"))
    await service.start()
    try:
        yield service
        await log_everybody_out(service)
        await nothing_is_left(asterisk, carrier)
    finally:
        await service.close()
        await hang_up_everything(asterisk)
        await hang_up_everything(carrier.client)
