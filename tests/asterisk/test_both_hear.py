"""The carrier lets the tests hear: what one side says arrives at the other."""

from __future__ import annotations

from service import Bridge
from stack import Carrier, until

CUSTOMER, CUSTOMER_TONE = "7275550111", 1004
AGENT_TONE = 620


async def test_both_sides_of_a_call_hear_each_other(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.make_tone("1000", AGENT_TONE)
    await carrier.listen("1000", CUSTOMER)
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": CUSTOMER})
    await bridge.call_is(call["id"], "bridged")
    await carrier.until_heard("1000", "the customer's tone", lambda it: it.hears(CUSTOMER_TONE))
    heard = await carrier.until_heard(CUSTOMER, "the agent's tone", lambda it: it.hears(AGENT_TONE))
    assert not heard.hears(CUSTOMER_TONE)
    await bridge.post(f"/calls/{call['id']}/hangup")


async def test_a_caller_is_heard_and_hears(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await bridge.log_in("1000")
    await bridge.post("/agents/1000/resume")
    await carrier.call_in("7275551234", "7275550777", tone=440, listen=True)
    await bridge.agent_is("1000", "incall")
    await carrier.until_heard("1000", "the caller's tone", lambda it: it.hears(440))
    await carrier.until_heard("7275550777", "the agent's speech", lambda it: it.speech())


async def test_digits_that_a_customer_presses_arrive_at_the_phone(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550109"})
    await bridge.call_is(call["id"], "bridged")

    async def pressed() -> bool:
        return carrier.digits("1000") == "1"

    await until(pressed, "the digit 1 at the agent's phone")


async def test_an_extension_and_its_customer_hear_each_other(bridge: Bridge, carrier: Carrier) -> None:
    """Click to dial: the phone has heard it ring before it hears the customer."""
    await carrier.make_tone("1003", AGENT_TONE)
    await carrier.listen("1003", CUSTOMER)
    call = await bridge.post("/calls", {"from": "1003", "to": CUSTOMER, "campaign": "TEST"})
    await bridge.call_is(call["id"], "bridged")
    await carrier.until_heard("1003", "the customer's tone", lambda it: it.hears(CUSTOMER_TONE))
    await carrier.until_heard(CUSTOMER, "the extension's tone", lambda it: it.hears(AGENT_TONE))
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.call_is(call["id"], "ended", "disposed")
