"""The parties of a call while something breaks: the bridge is killed, the link cut in mid transfer."""

from __future__ import annotations

from typing import Any

import pytest
from proxy import Proxy, Side, Verdict, is_action
from service import Bridge
from stack import Carrier, until
from stories import TALKS, dial
from test_conference import in_room
from test_link_cut import mended

from bridge.ami.client import AmiClient

THIRD = "7275550200"


async def talking(bridge: Bridge) -> str:
    await bridge.log_in("1000")
    call_id = await dial(bridge, "1000", TALKS)
    await bridge.call_is(call_id, "bridged")
    return call_id


async def newest(bridge: Bridge, kind: str, *states: str) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        found = await bridge.last_call()
        return found if found["kind"] == kind and found["state"] in states else None

    return await until(look, f"a call {kind} {' or '.join(states)}")


async def transfer(bridge: Bridge, value: str, **parameters: str) -> str:
    return await bridge.agc("transfer_conference", agent_user="1000", value=value, **parameters)


async def test_three_are_adopted_and_the_agent_can_still_leave(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    call_id = await talking(bridge)
    await transfer(bridge, "DIAL_WITH_CUSTOMER", phone_number=THIRD)
    leg = await newest(bridge, "TW", "bridged")
    await bridge.kill()
    await bridge.start()
    await transfer(bridge, "LEAVE_3WAY_CALL")
    assert (await bridge.call_is(call_id, "disposed"))["end_reason"] == "passed_on"
    left = await newest(bridge, "CX", "answered")
    await bridge.agent_is("1000", "paused")
    await in_room(asterisk, (await bridge.get("/agents/1000"))["room"], 1)
    await bridge.kill()  # and those who were left are adopted, too
    await bridge.start()
    await bridge.post(f"/calls/{left['id']}/hangup")
    await bridge.call_is(left["id"], "disposed")
    await bridge.call_is(leg["id"], "disposed")
    assert carrier.called == [TALKS, THIRD]


async def test_a_parked_customer_is_still_parked_after_a_restart(bridge: Bridge, carrier: Carrier) -> None:
    call_id = await talking(bridge)
    await bridge.agc("park_call", agent_user="1000", value="PARK_CUSTOMER")
    await bridge.kill()
    await bridge.start()
    assert (await bridge.get(f"/calls/{call_id}"))["parked_at"] is not None
    await bridge.agc("park_call", agent_user="1000", value="GRAB_CUSTOMER")
    assert (await bridge.get(f"/calls/{call_id}"))["parked_at"] is None
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    await bridge.call_is(call_id, "disposed")
    assert carrier.called == [TALKS]


@pytest.mark.parametrize("arrives", [True, False])
async def test_the_link_is_cut_in_the_midst_of_a_transfer(
    bridge: Bridge, ami: Proxy, carrier: Carrier, *, arrives: bool
) -> None:
    """Whether the customer went or not is read back from Asterisk; she is dialled on once, or not at all."""
    call_id = await talking(bridge)
    verdict = Verdict.PASS_AND_CUT if arrives else Verdict.CUT
    ami.rule = lambda side, message: (
        verdict if side is Side.CLIENT and is_action(message, "Redirect") else None
    )
    reply = await transfer(bridge, "BLIND_TRANSFER", phone_number=THIRD)
    assert reply.startswith("ERROR: transfer_conference failed, "), reply
    await mended(bridge, ami)
    if arrives:
        assert (await bridge.call_is(call_id, "disposed"))["end_reason"] == "passed_on"
        blind = await newest(bridge, "XB", "dialing", "ringing", "bridged")
        assert carrier.called == [TALKS, THIRD]
        await carrier.hang_up_network()
        await bridge.call_is(blind["id"], "disposed")
    else:
        blind = await newest(bridge, "XB", "disposed")
        assert blind["end_reason"] == "failed_unknown"
        assert (await bridge.get(f"/calls/{call_id}"))["state"] == "bridged"
        assert carrier.called == [TALKS]
        await carrier.hang_up_network()
        await bridge.call_is(call_id, "disposed")
    await bridge.agent_is("1000", "paused")
