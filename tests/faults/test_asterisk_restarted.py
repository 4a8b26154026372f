"""Asterisk itself dies and comes back: what stood is over, says why, and everything works again."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable

import pytest
from service import Bridge
from stack import Carrier, Stack, hang_up_everything, until
from stories import (
    DID,
    TALKS,
    asterisk_events,
    dial,
    dial_alone,
    disposed_once,
    is_logged_out,
    newest_call,
    ready_agent,
)

How = Callable[[Stack], Awaitable[None]]


async def crashed(stack: Stack) -> None:
    """Asterisk dies without a word, and is started again."""
    await docker("kill", stack["ASTERISK_CONTAINER"])
    await docker("start", stack["ASTERISK_CONTAINER"])


async def restarted(stack: Stack) -> None:
    """Asterisk is asked to stop, tells what it still can, and is started again."""
    await docker("restart", "--time", "5", stack["ASTERISK_CONTAINER"])


async def docker(*arguments: str) -> None:
    """Run a command of docker."""
    await asyncio.to_thread(subprocess.run, ["docker", *arguments], check=True, capture_output=True)


REASONS: dict[How, set[str]] = {
    crashed: {"asterisk_restarted"},
    restarted: {"asterisk_restarted", "phone_lost", "hangup"},
}
"""Why calls and sessions are over: an Asterisk that is asked to stop may hang up what it carries first."""


async def phones_are_back(stack: Stack) -> None:
    """Wait until Asterisk knows where the phones are."""

    async def known() -> bool:
        try:
            listing = await asyncio.to_thread(stack.run, "asterisk", "asterisk", "-rx", "pjsip show contacts")
        except subprocess.CalledProcessError:  # it does not take commands yet
            return False
        return listing.count("@") >= 3

    await until(known, "phones that are registered", seconds=30)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("how", [crashed, restarted])
async def test_in_mid_call(bridge: Bridge, carrier: Carrier, stack: Stack, how: How) -> None:
    await ready_agent(bridge, "1001")
    await bridge.log_in("1000")
    manual, alone = await dial(bridge, "1000", TALKS), await dial_alone(bridge, TALKS)
    for call_id in (manual, alone):
        await bridge.call_is(call_id, "bridged")

    await how(stack)
    await bridge.until_ready()

    for user in ("1000", "1001"):
        await is_logged_out(bridge, user)
        left = (await bridge.events(f"agents/{user}"))[-1]
        assert left["type"] == "agent.logged_out"
        assert left["data"]["reason"] in REASONS[how]
    for call_id in (manual, alone):
        call = await disposed_once(bridge, call_id)
        assert call["end_reason"] in REASONS[how]
        assert call["status"] == "TALKED"
    assert (await asterisk_events(bridge))[-3:] == ["asterisk.down", "asterisk.gap", "asterisk.up"]

    await hang_up_everything(carrier.client)  # phones and network are still in calls that nobody carries
    await phones_are_back(stack)
    await ready_agent(bridge, "1000")
    await carrier.call_in(DID, "7275550777")
    call_id = (await newest_call(bridge, "Y"))["id"]
    assert (await bridge.call_is(call_id, "bridged"))["agent"] == "1000"
    await bridge.post(f"/calls/{call_id}/hangup")
    await disposed_once(bridge, call_id)
    assert len(carrier.called) == 2
