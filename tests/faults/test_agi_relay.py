"""The relay dies or stops while every AGI step waits for it: no call is stuck, no disposition is lost."""

from __future__ import annotations

from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack, until
from steps import KNOWN_CALLER, Moment, RelayProcess, all_well_again, fallbacks
from stories import disposed_once

from bridge.ami.actions import CoreShowChannels, Setvar
from bridge.ami.client import AmiClient


async def test_killed_at_every_step(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient, stack: Stack
) -> None:
    bridge = bridge_behind_relay
    await asterisk.send(Setvar(variable="BRIDGE_ASK_AGAIN", value="3"))
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    await RelayProcess(stack).signal("KILL")
    agi.rule = None
    await fallbacks(asterisk, carrier)
    await all_well_again(bridge, carrier, moment)


async def test_stopped_at_every_step(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient, stack: Stack
) -> None:
    """Nobody answers, nobody closes: the dialplan's limit ends the steps, the relay's supervisor the rest."""
    bridge, relay = bridge_behind_relay, RelayProcess(stack)
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    await relay.signal("STOP")
    agi.rule = None
    try:
        await until(lambda: nobody_in(asterisk, "bridge-agi"), "no channel in a step", seconds=14)
    finally:
        await relay.signal("KILL")  # what WatchdogSec= of its unit does
    await until(lambda: nobody_in(asterisk, "bridge-end"), "no channel that reports its end")

    assert (await disposed_once(bridge, moment.ended))["status"] == "TALKED"
    await disposed_once(bridge, moment.answered)
    waiting = next(call for call in await bridge.get("/calls") if call["number"] == KNOWN_CALLER)
    assert (await bridge.call_is(waiting["id"], "bridged"))["agent"] == "1001"
    await carrier.hang_up_network()
    await disposed_once(bridge, waiting["id"])


async def nobody_in(asterisk: AmiClient, context: str) -> bool:
    """Whether no channel waits for an answer in this context; those that have hung up are in `h`."""
    rows = await asterisk.send_list(CoreShowChannels())
    return not [
        row for row in rows if row.context == context and row.application == "AGI" and row.exten != "h"
    ]
