"""An agent's phone loses its power in mid shift: nobody may be given to her any more."""

from __future__ import annotations

import asyncio
import subprocess

import pytest
from service import Bridge
from stack import Carrier, Stack, until
from stories import ready_agent

FOUND_OUT = 110.0
"""Seconds: each 45 a phone is asked whether it is still there, and 32 later it has not answered."""


def docker(*arguments: str) -> None:
    subprocess.run(["docker", *arguments], check=True, capture_output=True)


@pytest.mark.timeout(180)
async def test_a_phone_without_power_logs_its_agent_out(
    bridge: Bridge, carrier: Carrier, stack: Stack
) -> None:
    await ready_agent(bridge, "1000")

    async def gone() -> bool:
        return not await bridge.agent("1000")

    await asyncio.to_thread(docker, "pause", stack["CARRIER_CONTAINER"])
    try:
        await until(gone, "agent 1000 without a session", seconds=FOUND_OUT)
    finally:
        await asyncio.to_thread(docker, "unpause", stack["CARRIER_CONTAINER"])
        await carrier.client.connected(30)
    left = (await bridge.events("agents/1000"))[-1]
    assert (left["type"], left["data"]["reason"]) == ("agent.logged_out", "phone_lost")
