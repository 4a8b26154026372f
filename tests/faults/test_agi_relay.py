"""The relay dies or stops while every AGI step waits for it: no call is stuck, no disposition is lost."""

from __future__ import annotations

from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack
from steps import Moment, RelayProcess, all_well_again, fallbacks

from bridge.ami.actions import Setvar
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
    """Nobody answers, nobody closes, until its watcher ends the relay: then it is as if killed."""
    bridge = bridge_behind_relay
    await asterisk.send(Setvar(variable="BRIDGE_ASK_AGAIN", value="3"))
    moment = Moment(bridge, agi, carrier)
    await moment.come()
    await RelayProcess(stack).signal("STOP")
    agi.rule = None
    await all_well_again(bridge, carrier, moment)
