"""The bridge stops, dies or cannot be reached while every AGI step waits for it: no call is stuck or lost."""

from __future__ import annotations

import signal

import pytest
from proxy import Proxy
from service import Bridge
from stack import Carrier
from steps import Moment, all_well_again, fallbacks

from bridge.ami.actions import Setvar
from bridge.ami.client import AmiClient


async def stopped(bridge: Bridge, agi: Proxy) -> None:
    """It stands still; what is asked reaches it and waits there."""
    bridge.send_signal(signal.SIGSTOP)
    agi.release()


async def killed(bridge: Bridge, agi: Proxy) -> None:
    """It dies."""
    agi.held.clear()
    await bridge.kill()


async def unreachable(_bridge: Bridge, agi: Proxy) -> None:
    """It lives, but the relay cannot reach it."""
    agi.cut()


async def back(bridge: Bridge, agi: Proxy, fault: object) -> None:
    """The fault is over."""
    agi.mend()
    if fault is stopped:
        bridge.send_signal(signal.SIGCONT)
    if fault is killed:
        await bridge.start()
    await bridge.until_ready()


@pytest.mark.parametrize("fault", [stopped, killed, unreachable])
async def test_at_every_step(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient, fault: object
) -> None:
    bridge = bridge_behind_relay
    await asterisk.send(Setvar(variable="BRIDGE_ASK_AGAIN", value="3"))
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    assert callable(fault)
    await fault(bridge, agi)
    agi.rule = None
    try:
        await fallbacks(asterisk, carrier)
    finally:
        await back(bridge, agi, fault)
    await all_well_again(bridge, carrier, moment)
