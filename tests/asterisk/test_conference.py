"""Parking, third parties and passing the customer on, with real calls."""

from __future__ import annotations

from typing import Any

import pytest
from service import Bridge
from stack import Carrier, until
from test_manual_call import dial

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient
from bridge.ami.errors import ActionRefused

CUSTOMER = "7275550100"
THIRD = "7275550200"


async def talking(bridge: Bridge, agent: str = "1000", campaign: str = "TEST") -> dict[str, Any]:
    """An agent in a manual call with a customer."""
    await bridge.log_in(agent, campaign)
    call_id = await dial(bridge, agent, CUSTOMER)
    return await bridge.call_is(call_id, "bridged")


async def transfer(bridge: Bridge, value: str, **parameters: str) -> str:
    return await bridge.agc("transfer_conference", agent_user="1000", value=value, **parameters)


async def in_room(asterisk: AmiClient, room: str, count: int) -> None:
    """Wait until so many are in a room."""

    async def look() -> bool:
        try:
            return len(await asterisk.send_list(ConfbridgeList(room))) == count
        except ActionRefused:
            return count == 0

    await until(look, f"{count} in room {room}")


async def made_for(bridge: Bridge, parent: str, *states: str) -> dict[str, Any]:
    """Wait until the newest call is one that was made for this one, in one of these states."""

    async def look() -> dict[str, Any] | None:
        call = await bridge.last_call()
        return call if call["id"] != parent and call["state"] in states else None

    return await until(look, f"a call made for {parent}, {' or '.join(states)}")


async def test_a_customer_is_parked_and_taken_back(bridge: Bridge, asterisk: AmiClient) -> None:
    call = await talking(bridge)
    room = (await bridge.agent("1000"))["room"]
    await in_room(asterisk, room, 2)
    assert await bridge.agc("park_call", agent_user="1000", value="PARK_CUSTOMER") == (
        "SUCCESS: park_call function set - PARK_CUSTOMER|1000\n"
    )
    await in_room(asterisk, room, 1)
    await bridge.agc("park_call", agent_user="1000", value="GRAB_CUSTOMER")
    await in_room(asterisk, room, 2)
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged"
    assert (await bridge.timeline(call["id"]))[-2:] == ["call.parked", "call.unparked"]


async def test_a_parked_customer_hangs_up(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    await bridge.agc("park_call", agent_user="1000", value="PARK_CUSTOMER")
    await carrier.hang_up_network()
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "TALKED"
    await bridge.agent_is("1000", "paused")


async def test_a_third_party_joins_and_is_hung_up(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    call = await talking(bridge)
    room = (await bridge.agent("1000"))["room"]
    reply = await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    said = f"DIAL_WITH_CUSTOMER||{THIRD}|NO|1000|{call['legacy_id']}|"
    assert reply == f"SUCCESS: transfer_conference function set - {said}\n"
    leg = await made_for(bridge, call["id"], "bridged")
    await in_room(asterisk, room, 3)
    assert carrier.called == [CUSTOMER, THIRD]
    await transfer(bridge, "HANGUP_XFER")
    await bridge.call_is(leg["id"], "disposed")
    await in_room(asterisk, room, 2)
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged"


async def test_both_are_hung_up(bridge: Bridge, asterisk: AmiClient) -> None:
    call = await talking(bridge)
    room = (await bridge.agent("1000"))["room"]
    await transfer(bridge, "PARK_CUSTOMER_DIAL", phone_number=THIRD)
    leg = await made_for(bridge, call["id"], "bridged")
    await in_room(asterisk, room, 2)
    await transfer(bridge, "HANGUP_BOTH")
    await bridge.call_is(call["id"], "disposed")
    await bridge.call_is(leg["id"], "disposed")
    await in_room(asterisk, room, 1)
    await bridge.agent_is("1000", "paused")


async def test_the_agent_leaves_the_two_alone(bridge: Bridge, carrier: Carrier, asterisk: AmiClient) -> None:
    call = await talking(bridge)
    room = (await bridge.agent("1000"))["room"]
    await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    leg = await made_for(bridge, call["id"], "bridged")
    await in_room(asterisk, room, 3)
    await transfer(bridge, "LEAVE_3WAY_CALL")
    assert (await bridge.call_is(call["id"], "disposed"))["end_reason"] == "passed_on"
    await bridge.agent_is("1000", "paused")
    await in_room(asterisk, room, 1)
    left = await made_for(bridge, call["id"], "answered")
    assert (await bridge.get(f"/calls/{leg['id']}"))["state"] == "bridged"
    assert len(await carrier.channels()) == 3  # the customer, the third party, the agent's phone
    await carrier.hang_up_network()
    await bridge.call_is(left["id"], "disposed")
    await bridge.call_is(leg["id"], "disposed")


@pytest.mark.parametrize("first", ["customer", "third party"])
async def test_of_two_who_were_left_none_stays_alone(bridge: Bridge, carrier: Carrier, first: str) -> None:
    call = await talking(bridge)
    await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    leg = await made_for(bridge, call["id"], "bridged")
    await transfer(bridge, "LEAVE_3WAY_CALL")
    left = await made_for(bridge, leg["id"], "answered")
    await bridge.agent_is("1000", "paused")
    await bridge.post(f"/calls/{(left if first == 'customer' else leg)['id']}/hangup")
    await bridge.call_is(left["id"], "disposed")
    await bridge.call_is(leg["id"], "disposed")

    async def only_the_agent() -> bool:
        return len(await carrier.channels()) == 1

    await until(only_the_agent, "nobody at the carrier but the agent")


async def test_a_third_party_does_not_outlive_the_call(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    leg = await made_for(bridge, call["id"], "bridged")
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    await bridge.call_is(call["id"], "disposed")
    await bridge.call_is(leg["id"], "disposed")
    assert len(await carrier.channels()) <= 1


async def test_a_customer_is_passed_on_to_a_number(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    await transfer(bridge, "BLIND_TRANSFER", phone_number=THIRD)
    over = await bridge.call_is(call["id"], "disposed")
    assert (over["end_reason"], over["status"]) == ("passed_on", "TALKED")
    await bridge.agent_is("1000", "paused")
    blind = await made_for(bridge, call["id"], "bridged")
    assert carrier.called == [CUSTOMER, THIRD]
    await carrier.hang_up_network()
    assert (await bridge.call_is(blind["id"], "disposed"))["status"] == "XFER"


async def test_a_customer_is_not_passed_on_to_a_number_that_the_gate_refuses(bridge: Bridge) -> None:
    call = await talking(bridge)
    reply = await transfer(bridge, "BLIND_TRANSFER", phone_number="911", dial_override="YES")
    assert reply.startswith("ERROR: transfer_conference refused"), reply
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged"


async def test_a_customer_is_passed_on_to_an_in_group(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    await bridge.log_in("1001")
    await bridge.agc("external_pause", agent_user="1001", value="RESUME")
    await transfer(bridge, "LOCAL_CLOSER", ingroup_choices="SALESLINE")
    closer = await made_for(bridge, call["id"], "bridged")
    assert (closer["agent"], closer["queue"]) == ("1001", "SALESLINE")
    await bridge.agent_is("1001", "incall")
    await bridge.call_is(call["id"], "disposed")
    await bridge.agc("external_hangup", agent_user="1001", value="1")
    await bridge.call_is(closer["id"], "disposed")
    await bridge.agent_is("1001", "ready")
    assert carrier.called == [CUSTOMER]


async def test_an_in_group_is_asked_to_join_and_takes_over(bridge: Bridge, asterisk: AmiClient) -> None:
    call = await talking(bridge)
    room = (await bridge.agent("1000"))["room"]
    await bridge.log_in("1001")
    await bridge.agc("external_pause", agent_user="1001", value="RESUME")
    await transfer(bridge, "DIAL_WITH_CUSTOMER", consultative="YES", ingroup_choices="SALESLINE")
    leg = await made_for(bridge, call["id"], "bridged")
    assert leg["agent"] == "1001"
    await in_room(asterisk, room, 3)
    assert await bridge.agc("force_fronter_leave_3way", agent_user="1001", value="LOCAL_ONLY") == (
        "SUCCESS: force_fronter_leave_3way SENT - 1000"
    )
    await bridge.agent_is("1000", "paused")
    await in_room(asterisk, room, 1)
    assert (await bridge.agent("1001"))["state"] == "incall"
    await bridge.agc("external_hangup", agent_user="1001", value="1")
    await bridge.call_is(leg["id"], "disposed")


async def test_a_message_is_left(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    await transfer(bridge, "LEAVE_VM")
    await bridge.call_is(call["id"], "disposed")
    await bridge.agent_is("1000", "paused")
    left = await made_for(bridge, call["id"], "disposed", "answered", "ended")
    assert left["kind"] == "CX"
    await carrier.hang_up_network()
    await bridge.call_is(left["id"], "disposed")


async def test_a_remote_agents_call_is_passed_on(bridge: Bridge, carrier: Carrier) -> None:
    call = await talking(bridge)
    reply = await bridge.agc(
        "ra_call_control",
        agent_user="1000",
        value=call["legacy_id"],
        stage="EXTENSIONTRANSFER",
        phone_number=THIRD,
        status="XFER1",
    )
    assert reply == f"SUCCESS: ra_call_control transfer - 1000|{call['legacy_id']}|{THIRD}\n"
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "XFER1"
    await bridge.agent_is("1000", "ready")
    blind = await made_for(bridge, call["id"], "bridged")
    await carrier.hang_up_network()
    await bridge.call_is(blind["id"], "disposed")
