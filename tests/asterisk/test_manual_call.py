"""A manual call through the agent API, from the request to its disposition, on a real Asterisk."""

from __future__ import annotations

import pytest
from service import Bridge
from stack import Carrier, Stack, until


async def dial(bridge: Bridge, agent: str, number: str) -> str:
    """Ask for a call by the line format; the call's id."""
    reply = await bridge.agc(
        "external_dial",
        agent_user=agent,
        value=number,
        phone_code="1",
        search="YES",
        preview="NO",
        focus="YES",
    )
    assert reply.startswith(f"SUCCESS: external_dial function set - {number}|{agent}|1|YES|NO|YES|"), reply
    call: dict[str, str] = await bridge.last_call()
    return call["id"]


async def test_a_call_from_the_request_to_the_disposition(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", "7275550100")
    await bridge.call_is(call_id, "bridged")
    assert (await bridge.agent("1000"))["state"] == "incall"
    assert carrier.called == ["7275550100"]

    assert await bridge.agc("external_hangup", agent_user="1000", value="1") == (
        "SUCCESS: external_hangup function set - 1|1000\n"
    )

    call = await bridge.call_is(call_id, "disposed")
    assert (call["status"], call["status_source"]) == ("TALKED", "campaign")
    assert call["dial_status"] == "ANSWER"
    await bridge.agent_is("1000", "paused")
    assert await bridge.timeline(call_id) == [
        "call.planned",
        "call.dialing",
        "call.ringing",
        "call.answered",
        "call.bridged",
        "call.ended",
        "call.disposed",
    ]


@pytest.mark.parametrize(
    ("number", "status", "dial_status"),
    [
        ("7275550101", "AB", "BUSY"),
        ("7275550103", "ADCT", "CONGESTION"),
        ("7275550104", "ADC", "CHANUNAVAIL"),
        ("7275550107", "ADCT", "CHANUNAVAIL"),
    ],
)
async def test_what_the_network_says_becomes_the_disposition(
    bridge: Bridge, number: str, status: str, dial_status: str
) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", number)
    call = await bridge.call_is(call_id, "disposed")
    assert (call["status"], call["status_source"], call["dial_status"]) == (status, "network", dial_status)
    await bridge.agent_is("1000", "paused")


async def test_the_customer_hangs_up(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", "7275550106")
    call = await bridge.call_is(call_id, "disposed")
    assert call["bridged_at"] is not None
    assert call["status"] == "TALKED"
    await bridge.agent_is("1000", "paused")


async def test_the_agents_word_wins(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", "7275550100")
    await bridge.call_is(call_id, "bridged")
    assert (await bridge.agc("external_status", agent_user="1000", value="SALE")).startswith("SUCCESS")
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    call = await bridge.call_is(call_id, "disposed")
    assert (call["status"], call["status_source"]) == ("SALE", "agent")


async def test_the_agents_word_in_wrap_up(bridge: Bridge) -> None:
    await bridge.log_in("1000", "WRAPUP")
    call_id = await dial(bridge, "1000", "7275550100")
    await bridge.call_is(call_id, "bridged")
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    await bridge.agent_is("1000", "wrapup")
    assert (await bridge.get(f"/calls/{call_id}"))["state"] == "ended"
    await bridge.agc("external_status", agent_user="1000", value="SALE")
    call = await bridge.call_is(call_id, "disposed")
    assert (call["status"], call["status_source"]) == ("SALE", "agent")
    await bridge.agent_is("1000", "paused")


async def test_hang_up_while_it_rings(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", "7275550102")
    await bridge.call_is(call_id, "ringing")
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    call = await bridge.call_is(call_id, "disposed")
    assert call["status"] == "NA"
    assert len(carrier.called) == 1


async def test_every_leg_carries_the_call_id_in_its_cdr(bridge: Bridge, stack: Stack) -> None:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", "7275550106")
    await bridge.call_is(call_id, "disposed")

    async def written() -> bool:
        lines = stack.run("asterisk", "tail", "-20", "/var/log/asterisk/cdr-custom/bridge.csv").splitlines()
        fields = (line.split(",") for line in lines if "PJSIP/carrier" in line)
        return any(call_id in last[-1] for last in fields)

    await until(written, "a CDR of the carrier's leg with the call id in its userfield")
