"""Real calls: a real service, a real Asterisk, a real carrier. After each test nothing is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from service import Bridge
from stack import Carrier, Stack, connected, find_stack, hang_up_everything, until

from bridge.ami.actions import BridgeList, CoreShowChannels, QueueRemove, QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueMember


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
    await hang_up_everything(asterisk)
    for member in await queue_members(asterisk):  # of a bridge that was killed and never came back
        await asterisk.send(QueueRemove(member["Queue"], member["Location"]))
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


async def log_everybody_out(service: Bridge) -> None:
    for agent in await service.get("/agents"):
        if call := agent["call_id"]:
            await service.api.post(f"/v1/calls/{call}/hangup")
            await service.api.put(f"/v1/calls/{call}/disposition", json={"status": "N"})
        await service.post(f"/agents/{agent['user']}/logout")


async def queue_members(asterisk: AmiClient) -> list[QueueMember]:
    return [row for row in await asterisk.send_list(QueueStatus()) if isinstance(row, QueueMember)]


async def nothing_is_left(asterisk: AmiClient, carrier: Carrier) -> None:
    """No channel, bridge or queue member, on either side."""

    async def clean() -> bool:
        members = await queue_members(asterisk)
        if members or await carrier.channels():
            return False
        return not await asterisk.send_list(CoreShowChannels()) and not await asterisk.send_list(BridgeList())

    await until(clean, "an Asterisk and a carrier without channels, bridges and queue members")
