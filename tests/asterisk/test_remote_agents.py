"""Remote agents: switched from outside, their phone a number in the network, on a real Asterisk."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from service import Bridge
from stack import Carrier, until
from test_dialler import dialling
from test_in_groups import inbound_call

HER_NUMBER, HER_TONE = "7275550411", 1004
SILENT = "7275550402"
"""Rings for ever."""
BUSY = "7275550401"
RING = 15.0
"""Seconds that a phone rings for a caller (`timeout` of the queue)."""
DID = "7275551234"
CALLER, CALLER_TONE = "7275550777", 620

CUSTOMER, CUSTOMER_TONE = "7275550512", 440

Flavour = Literal["line", "v1"]
FLAVOURS: tuple[Flavour, ...] = ("line", "v1")


async def remote(bridge: Bridge, number: str = HER_NUMBER, user: str = "1000") -> None:
    """Make an agent a remote one, with a telephone in the network for her phone."""
    phone = {"login": f"home-{user}", "extension": number, "template": "PJSIP/{phone}@carrier"}
    await bridge.post("/site/phones", phone)
    body = {"user": user, "group": "ADMIN", "phone": phone["login"], "remote": "TEST"}
    reply = await bridge.api.put(f"/v1/site/agents/{user}", json=body)
    assert reply.is_success, reply.text


async def switch(bridge: Bridge, flavour: Flavour, *, on: bool, user: str = "1000") -> None:
    """Switch her by one of the two APIs."""
    if flavour == "v1":
        reply = await bridge.api.patch(f"/v1/remoteagents/{user}", json={"active": on})
        assert (reply.status_code, reply.json().get("active")) == (200, on), reply.text
    else:
        status = "ACTIVE" if on else "INACTIVE"
        told = await bridge.non_agent("update_remote_agent", agent_user=user, status=status)
        assert told.startswith("SUCCESS: update_remote_agent REMOTE AGENT HAS BEEN UPDATED"), told


async def until_free(carrier: Carrier) -> None:
    """Wait until the network has no call."""

    async def look() -> bool:
        return not await carrier.channels()

    await until(look, "a network without calls")


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_caller_is_heard_at_her_number_outside_until_she_is_switched_off(
    bridge: Bridge, carrier: Carrier, flavour: Flavour
) -> None:
    await remote(bridge)
    await switch(bridge, flavour, on=True)
    await bridge.agent_is("1000", "ready")
    assert carrier.called == [], "nothing rings before there is a call"
    await carrier.listen(HER_NUMBER)
    await carrier.call_in(DID, CALLER, tone=CALLER_TONE, listen=True)
    call = await inbound_call(bridge)
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1000"
    assert carrier.called == [HER_NUMBER]
    await carrier.until_heard(HER_NUMBER, "the caller", lambda it: it.hears(CALLER_TONE))
    await carrier.until_heard(CALLER, "the agent", lambda it: it.hears(HER_TONE))
    told = await bridge.get("/remoteagents/1000")
    assert (told["active"], told["on_call"], told["session"]["call_id"]) == (True, True, call["id"])
    await switch(bridge, flavour, on=False)
    assert (await bridge.get(f"/calls/{call['id']}"))["state"] == "bridged", "she leaves after it"
    await switch(bridge, flavour, on=True)
    await switch(bridge, flavour, on=False)
    await carrier.hang_up_network()
    await until(lambda: is_off(bridge), "an agent who is logged out")
    await until_free(carrier)

    await carrier.call_in(DID, CALLER)
    second = await until(lambda: another_call(bridge, call["id"]), "another call")
    await bridge.call_is(second["id"], "queued")
    assert carrier.called == [HER_NUMBER], "her telephone stays silent"
    await carrier.hang_up_network()
    await bridge.call_is(second["id"], "disposed")


async def lead(bridge: Bridge, number: str) -> int:
    """A lead that is dialled next."""
    new = {"list_id": 998, "phone_number": number, "phone_code": "1", "hopper": {}}
    found: int = (await bridge.post("/leads", new))["lead_id"]
    return found


async def hopper(bridge: Bridge) -> list[int]:
    """The leads that are dialled next."""
    return [row["lead_id"] for row in await bridge.get("/campaigns/TEST/hopper")]


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_a_lead_is_dialled_for_her_once_she_has_answered_her_phone(
    bridge: Bridge, carrier: Carrier, flavour: Flavour
) -> None:
    await remote(bridge)
    await dialling(bridge)
    first = await lead(bridge, CUSTOMER)
    assert (await hopper(bridge), carrier.called) == ([first], []), "nobody is there for the customer"
    await carrier.listen(HER_NUMBER, CUSTOMER)
    await switch(bridge, flavour, on=True)
    call = await inbound_call(bridge)
    talks = await bridge.call_is(call["id"], "bridged")
    assert (talks["agent"], talks["lead_id"]) == ("1000", first)
    assert carrier.called == [HER_NUMBER, CUSTOMER]
    await carrier.until_heard(HER_NUMBER, "the customer", lambda it: it.hears(CUSTOMER_TONE))
    await carrier.until_heard(CUSTOMER, "the agent", lambda it: it.hears(HER_TONE))
    await switch(bridge, flavour, on=False)
    second = await lead(bridge, CUSTOMER.replace("05", "06"))
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.call_is(call["id"], "disposed")
    await until(lambda: is_off(bridge), "an agent who is logged out")
    await until_free(carrier)
    assert (await hopper(bridge), carrier.called) == ([second], [HER_NUMBER, CUSTOMER])


async def test_a_lead_for_whom_she_does_not_answer_is_the_next_ones(bridge: Bridge, carrier: Carrier) -> None:
    await remote(bridge, BUSY)
    await remote(bridge, HER_NUMBER, "1001")
    await dialling(bridge)
    first = await lead(bridge, CUSTOMER)
    await switch(bridge, "v1", on=True)
    paused = await bridge.agent_is("1000", "paused")
    assert (paused["pause_reason"], carrier.called) == ("NOANS", [BUSY])
    assert await hopper(bridge) == [first]
    await switch(bridge, "line", on=True, user="1001")
    call = await until(lambda: with_agent(bridge, "1001"), "a call of the next agent")
    assert (await bridge.call_is(call["id"], "bridged"))["lead_id"] == first
    assert carrier.called == [BUSY, HER_NUMBER, CUSTOMER]
    assert (await bridge.get(f"/leads/{first}"))["called_count"] == 1
    await carrier.hang_up_network()
    await bridge.agent_is("1001", "ready")


async def with_agent(bridge: Bridge, user: str) -> dict[str, Any] | None:
    """The newest call, once it is this agent's."""
    newest = await bridge.last_call()
    return newest if newest["agent"] == user else None


async def is_paused(bridge: Bridge) -> dict[str, Any] | None:
    """Her session, once she is paused."""
    found = await bridge.agent("1000")
    return found if found.get("state") == "paused" else None


async def is_off(bridge: Bridge) -> bool:
    """For `until`."""
    return (await bridge.get("/remoteagents/1000"))["session"] is None


async def another_call(bridge: Bridge, but: str) -> dict[str, Any] | None:
    """The newest call, once it is not this one."""
    newest = await bridge.last_call()
    return newest if newest["id"] != but else None


async def test_a_caller_whom_she_does_not_answer_is_the_next_ones(bridge: Bridge, carrier: Carrier) -> None:
    await remote(bridge, SILENT)
    await switch(bridge, "v1", on=True)
    await remote(bridge, HER_NUMBER, "1001")
    await carrier.call_in(DID, CALLER)
    call = await inbound_call(bridge)
    paused = await until(lambda: is_paused(bridge), "an agent who did not answer", seconds=RING + 15)
    assert (paused["pause_reason"], paused["call_id"]) == ("NOANS", None)
    assert (await bridge.get("/remoteagents/1000"))["active"] is False
    await switch(bridge, "line", on=True, user="1001")
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1001"
    assert carrier.called == [SILENT, HER_NUMBER]
    await carrier.hang_up_network()
    await bridge.agent_is("1001", "ready")
    await switch(bridge, "line", on=True)
    await bridge.agent_is("1000", "ready")
