"""Who hears whom: parked, three at once, passed on, left a message. Judged by recordings at the carrier."""

from __future__ import annotations

from functools import partial

from hearing import Heard
from service import Bridge
from stack import Carrier, until
from test_conference import made_for, transfer
from test_manual_call import dial

CUSTOMER, CUSTOMER_TONE = "7275550111", 1004
THIRD, THIRD_TONE = "7275550112", 440
AGENT_TONE = 620
MACHINE = "7275550105"
GREETING = 5.0
"""Seconds from the answer of the machine to the end of its tone."""


async def talking(bridge: Bridge, carrier: Carrier, number: str, *, agent_tone: int = AGENT_TONE) -> str:
    await carrier.make_tone("1000", agent_tone)
    await carrier.listen("1000", number, THIRD)
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", number)
    await bridge.call_is(call_id, "bridged")
    return call_id


def lately(heard: Heard, seconds: float = 1.0) -> Heard:
    return heard.between(max(0.0, heard.seconds - seconds), heard.seconds)


def hears_all(tones: tuple[int, ...], heard: Heard) -> bool:
    return all(lately(heard).hears(tone) for tone in tones)


async def test_a_parked_customer_hears_music_and_then_the_agent_again(
    bridge: Bridge, carrier: Carrier
) -> None:
    await talking(bridge, carrier, CUSTOMER)
    await carrier.until_heard(CUSTOMER, "the agent", lambda it: it.hears(AGENT_TONE))

    await bridge.agc("park_call", agent_user="1000", value="PARK_CUSTOMER")
    await carrier.until_heard(
        CUSTOMER,
        "music instead of the agent",
        lambda it: lately(it).speech() and not lately(it).hears(AGENT_TONE, seconds=0.1),
    )
    await carrier.until_heard(
        "1000", "no customer any more", lambda it: not lately(it).hears(CUSTOMER_TONE, seconds=0.1)
    )

    await bridge.agc("park_call", agent_user="1000", value="GRAB_CUSTOMER")
    await carrier.until_heard(CUSTOMER, "the agent again", lambda it: lately(it).hears(AGENT_TONE))


async def test_three_hear_each_other_and_two_are_left(bridge: Bridge, carrier: Carrier) -> None:
    call_id = await talking(bridge, carrier, CUSTOMER)
    await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    leg = await made_for(bridge, call_id, "bridged")
    hears = {
        CUSTOMER: (AGENT_TONE, THIRD_TONE),
        THIRD: (AGENT_TONE, CUSTOMER_TONE),
        "1000": (CUSTOMER_TONE, THIRD_TONE),
    }
    for name, tones in hears.items():
        await carrier.until_heard(name, f"{tones}", partial(hears_all, tones))

    await transfer(bridge, "LEAVE_3WAY_CALL")
    await carrier.until_heard(
        CUSTOMER,
        "the third party alone",
        lambda it: lately(it).hears(THIRD_TONE) and not lately(it).hears(AGENT_TONE, seconds=0.1),
    )
    await carrier.until_heard(THIRD, "the customer", lambda it: lately(it).hears(CUSTOMER_TONE))
    await carrier.until_heard("1000", "nobody", lambda it: not lately(it).hears(CUSTOMER_TONE, seconds=0.1))
    await carrier.hang_up_network()
    await bridge.call_is(leg["id"], "disposed")


async def test_a_customer_passed_on_hears_whom_she_is_passed_on_to(bridge: Bridge, carrier: Carrier) -> None:
    call_id = await talking(bridge, carrier, CUSTOMER)
    await transfer(bridge, "BLIND_TRANSFER", phone_number=THIRD)
    await carrier.until_heard(CUSTOMER, "the other number", lambda it: lately(it).hears(THIRD_TONE))
    await carrier.until_heard(THIRD, "the customer", lambda it: lately(it).hears(CUSTOMER_TONE))
    blind = await made_for(bridge, call_id, "bridged")
    await carrier.hang_up_network()
    await bridge.call_is(blind["id"], "disposed")


async def test_keys_arrive_at_the_customer_in_order(bridge: Bridge, carrier: Carrier) -> None:
    await talking(bridge, carrier, CUSTOMER)
    assert await bridge.agc("send_dtmf", agent_user="1000", value="1S2QP") == (
        "SUCCESS: send_dtmf function set - 1S2QP|1000\n"
    )

    async def pressed() -> bool:
        return carrier.digits(CUSTOMER) == "1*2#"

    await until(pressed, f"1*2# at {CUSTOMER}")


async def test_a_message_is_left_after_the_tone(bridge: Bridge, carrier: Carrier) -> None:
    call_id = await talking(bridge, carrier, MACHINE, agent_tone=0)
    await transfer(bridge, "LEAVE_VM")
    await bridge.agent_is("1000", "paused")
    heard = await carrier.until_heard(MACHINE, "a message", lambda it: it.speech())
    assert heard.speech()[0].start > GREETING, "it began before the machine's tone was over"
    left = await made_for(bridge, call_id, "disposed")  # and nobody stays on the line behind it
    assert left["kind"] == "CX"


async def test_no_message_is_left_while_the_campaign_has_not_stated_what_it_must(
    bridge: Bridge, carrier: Carrier
) -> None:
    known = await bridge.get("/site/campaigns/TEST")
    changed = await bridge.api.put("/v1/site/campaigns/TEST", json=known | {"message_consent": ""})
    assert changed.is_success, changed.text
    call_id = await talking(bridge, carrier, CUSTOMER)
    reply = await transfer(bridge, "LEAVE_VM")
    assert reply.startswith(
        "ERROR: transfer_conference refused, campaign TEST has not stated message_consent"
    ), reply
    await carrier.until_heard(CUSTOMER, "the agent, still", lambda it: lately(it).hears(AGENT_TONE))
    await bridge.call_is(call_id, "bridged")
