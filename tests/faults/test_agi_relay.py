"""The relay dies or stops while every AGI step waits for it: no call is stuck, no disposition is lost."""

from __future__ import annotations

from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack, until
from steps import KNOWN_CALLER, Moment, RelayProcess, all_well_again, fallbacks, seated
from stories import disposed_once

from bridge.ami.actions import CoreShowChannels
from bridge.ami.client import AmiClient


async def test_killed_at_every_step(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient, stack: Stack
) -> None:
    bridge = bridge_behind_relay
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    await RelayProcess(stack).signal("KILL")
    agi.rule = None
    await fallbacks(asterisk, carrier)
    await all_well_again(bridge, carrier, moment)


async def test_stopped_at_every_step(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient, stack: Stack
) -> None:
    """Nobody answers, nobody closes: the limits of the dialplan end the steps."""
    bridge, relay = bridge_behind_relay, RelayProcess(stack)
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    await relay.signal("STOP")
    agi.rule = None
    try:

        async def nobody_waits() -> bool:
            rows = await asterisk.send_list(CoreShowChannels())
            waiting = [row for row in rows if row.application == "AGI"]
            return not waiting and await seated(asterisk) == {"1000", "1001", "1002"}

        await until(nobody_waits, "no channel that waits for the relay", seconds=25)
    finally:
        await relay.signal("CONT")
    await disposed_once(bridge, moment.ended)
    await disposed_once(bridge, moment.answered)
    await carrier.hang_up_network()
    waiting = next(call for call in await bridge.get("/calls") if call["number"] == KNOWN_CALLER)
    await disposed_once(bridge, waiting["id"])
