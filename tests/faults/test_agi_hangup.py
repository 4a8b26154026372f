"""Somebody hangs up in the middle of an AGI step: the end is reported all the same, and at once."""

from __future__ import annotations

from proxy import Proxy, Side, Verdict
from service import Bridge
from stack import Carrier, until
from steps import question, seated
from stories import DID, dial_alone, disposed_once, ready_agent

from bridge.ami.actions import CoreShowChannels
from bridge.ami.client import AmiClient

SOON = 6.0
"""Seconds: well under those for which an ended call waits for a report that never comes (20)."""


async def test_the_customer_does_not_wait_for_an_agent(bridge: Bridge) -> None:
    call_id = await dial_alone(bridge, "7275550106")
    call = await disposed_once(bridge, call_id, seconds=SOON)
    assert (call["status"], call["status_source"]) == ("PU", "network")


async def test_a_caller_who_gives_up_before_the_bridge_has_answered(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient
) -> None:
    bridge = bridge_behind_relay
    await held(agi, carrier, "inbound")
    await carrier.hang_up_network()
    await nobody_is_there(asterisk)
    agi.rule = None
    agi.release()  # the bridge hears of her only now

    async def over() -> bool:
        calls = await bridge.get("/calls")
        return bool(calls) and all(call["state"] in {"ended", "disposed"} for call in calls)

    await until(over, "a call that is over")


async def test_a_caller_who_gives_up_while_she_is_offered(
    bridge_behind_relay: Bridge, agi: Proxy, carrier: Carrier, asterisk: AmiClient
) -> None:
    bridge = bridge_behind_relay
    await ready_agent(bridge, "1000")
    await held(agi, carrier, "agent_offer")
    call_id = (await bridge.last_call())["id"]
    await carrier.hang_up_network()
    await disposed_once(bridge, call_id, seconds=SOON)
    agi.rule = None
    agi.release()
    await bridge.agent_is("1000", "ready")
    assert await seated(asterisk) == {"1000"}


async def held(agi: Proxy, carrier: Carrier, step: str) -> None:
    """A caller, until this step's question waits on its way to the bridge."""

    def rule(side: Side, message: bytes) -> Verdict | None:
        return Verdict.HOLD if side is Side.CLIENT and question(message)[0] == step else None

    async def waits() -> bool:
        return bool(agi.held)

    agi.rule = rule
    await carrier.call_in(DID, "7275550777")
    await until(waits, f"a question of {step}")


async def nobody_is_there(asterisk: AmiClient) -> None:
    """Wait until Asterisk has no channel."""

    async def empty() -> bool:
        return not await asterisk.send_list(CoreShowChannels())

    await until(empty, "an Asterisk without channels")
