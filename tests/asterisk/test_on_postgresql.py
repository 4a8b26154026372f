"""The same call on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from databases import empty_database
from leftovers import log_everybody_out, nothing_is_left
from service import Bridge
from stack import Carrier, Stack, hang_up_everything

from bridge.ami.client import AmiClient


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    """The URL of an empty database."""
    async with empty_database(stack) as url:
        yield url


async def test_a_call_is_made_and_adopted_on_postgresql(
    stack: Stack, asterisk: AmiClient, carrier: Carrier, tmp_path: Path, database: str
) -> None:
    bridge = Bridge(stack, tmp_path, store=database)
    await asyncio.to_thread(bridge.command, "load", str(tmp_path / "site.toml"))
    await bridge.start()
    try:
        await bridge.log_in("1000")
        call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
        await bridge.call_is(call["id"], "bridged")
        await bridge.kill()
        await bridge.start()
        assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged"
        assert (await bridge.agent("1000"))["state"] == "incall"
        await bridge.post(f"/calls/{call['id']}/hangup")
        await bridge.call_is(call["id"], "disposed")
        assert (await bridge.timeline(call["id"])).count("call.disposed") == 1
        assert carrier.called == ["7275550100"]
        await log_everybody_out(bridge)
        await nothing_is_left(asterisk, carrier)
    finally:
        await bridge.close()
        await hang_up_everything(asterisk)
