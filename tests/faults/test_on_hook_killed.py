"""`kill -9` of the bridge while the phone of an agent on hook rings, and in her call."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from proxy import Proxy, Side, Verdict
from service import Bridge
from stack import Carrier, until
from stories import DID, TALKS, dial, dials_sent, disposed_once, newest_call


async def on_hook(bridge: Bridge) -> None:
    """Log agent 1000 in so."""
    await bridge.post("/agents/1000/login", {"phone": "1000", "campaign": "TEST", "on_hook": True})


async def until_phones(carrier: Carrier, wanted: Callable[[int], bool], what: str) -> None:
    """Wait until her phone has so many channels."""

    async def look() -> bool:
        rows = await carrier.channels()
        return wanted(sum(row.channel.startswith("PJSIP/1000-") for row in rows))

    await until(look, what)


async def rung(bridge: Bridge, carrier: Carrier, kind: str) -> str:
    """Her phone rings for a call of this kind; its id."""
    await on_hook(bridge)
    await carrier.set_phone("1000", "ring")
    if kind == "M":
        call_id = await dial(bridge, "1000", TALKS)
    else:
        await bridge.post("/agents/1000/resume")
        await carrier.call_in(DID, "7275550777")
        call_id = (await newest_call(bridge, "Y"))["id"]
    await until_phones(carrier, bool, "a phone that rings")
    return call_id


async def is_over(bridge: Bridge, carrier: Carrier, call_id: str, state: str) -> None:
    """The call is disposed once, she is in that state, her phone is free, and nobody is on the line."""
    await disposed_once(bridge, call_id)
    await bridge.agent_is("1000", state)
    await until_phones(carrier, lambda count: count == 0, "a phone that is free")

    async def quiet() -> bool:
        return not await carrier.channels()

    await until(quiet, "a carrier without calls")


@pytest.mark.parametrize("answers", ["while it is away", "when it is back"])
@pytest.mark.parametrize("kind", ["M", "Y"])
async def test_while_her_phone_rings_the_call_is_adopted(
    bridge: Bridge, ami: Proxy, carrier: Carrier, kind: str, answers: str
) -> None:
    call_id = await rung(bridge, carrier, kind)
    await bridge.kill()
    if answers == "while it is away":
        await carrier.pick_up("1000")
    await bridge.start()
    if answers == "when it is back":
        assert (await bridge.agent("1000"))["state"] == ("dialing" if kind == "M" else "offered")
        await carrier.pick_up("1000")
    await bridge.call_is(call_id, "bridged")
    await bridge.agent_is("1000", "incall")
    await bridge.post("/agents/1000/hangup")
    await is_over(bridge, carrier, call_id, "paused" if kind == "M" else "ready")
    dialled = 1 if kind == "M" else 0
    assert (len(dials_sent(ami)), len(carrier.called)) == (dialled, dialled)


def tells_nothing(side: Side, message: bytes) -> Verdict | None:
    """The bridge hears no event of Asterisk's any more, only answers."""
    return Verdict.SWALLOW if side is Side.SERVER and b"Event: " in message else None


async def declined_meanwhile(bridge: Bridge, ami: Proxy, carrier: Carrier) -> None:
    """The bridge is away while she declines."""
    await bridge.kill()
    ami.rule = None
    await carrier.hang_up_phone("1000")
    await until_phones(carrier, lambda count: count == 0, "a phone that has been declined")
    await bridge.start()


async def test_a_ringing_that_is_declined_meanwhile_has_called_nobody(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    """Killed before it has heard of any channel."""
    await on_hook(bridge)
    await carrier.set_phone("1000", "ring")
    ami.rule = tells_nothing
    call_id = await dial(bridge, "1000", TALKS)
    await until_phones(carrier, bool, "a phone that rings")
    await declined_meanwhile(bridge, ami, carrier)
    await is_over(bridge, carrier, call_id, "paused")
    assert (len(dials_sent(ami)), carrier.called) == (1, [])


async def test_of_a_call_that_was_known_to_go_out_the_agent_says_what_became_of_it(
    bridge: Bridge, ami: Proxy, carrier: Carrier
) -> None:
    """Killed when it has heard of a channel: nobody can tell how far the call came meanwhile."""
    call_id = await rung(bridge, carrier, "M")
    await bridge.call_is(call_id, "dialing")
    await declined_meanwhile(bridge, ami, carrier)
    assert (await bridge.call_is(call_id, "ended"))["end_reason"] == "ended_while_away"
    await bridge.agc("external_status", agent_user="1000", value="NA")
    await is_over(bridge, carrier, call_id, "paused")
    assert (len(dials_sent(ami)), carrier.called) == (1, [])


@pytest.mark.parametrize("parked", [False, True])
async def test_a_phone_that_is_put_down_meanwhile_ends_the_call(
    bridge: Bridge,
    carrier: Carrier,
    parked: bool,  # noqa: FBT001
) -> None:
    await on_hook(bridge)
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    if parked:
        await bridge.post("/agents/1000/park", {})
    await bridge.kill()
    await carrier.hang_up_phone("1000")
    await bridge.start()
    await is_over(bridge, carrier, call_id, "paused")


async def test_a_customer_who_goes_meanwhile_leaves_no_phone_behind(bridge: Bridge, carrier: Carrier) -> None:
    await on_hook(bridge)
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    await bridge.kill()
    await carrier.hang_up_network()
    await bridge.start()
    await is_over(bridge, carrier, call_id, "paused")
