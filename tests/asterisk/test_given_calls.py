"""Calls that are given to an agent: dialled alone, inbound, and one that begins on a phone."""

from __future__ import annotations

import asyncio

import pytest
from service import Bridge
from stack import Carrier, until

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient

DID = "7275551234"


async def ready_agent(bridge: Bridge, user: str) -> str:
    """An agent who waits for a call; her room."""
    session = await bridge.log_in(user)
    await bridge.post(f"/agents/{user}/resume")
    await bridge.agent_is(user, "ready")
    room: str = session["room"]
    return room


async def inbound_call(bridge: Bridge) -> dict[str, str]:
    """Wait for the newest call to be an inbound one."""

    async def look() -> dict[str, str] | None:
        calls = await bridge.get("/calls?limit=1")
        return calls[0] if calls and calls[0]["kind"] == "Y" else None

    return await until(look, "an inbound call")


async def test_an_answered_call_goes_to_the_agent_who_waits(bridge: Bridge, asterisk: AmiClient) -> None:
    room = await ready_agent(bridge, "1000")
    call = await bridge.post("/calls", {"number": "7275550100", "campaign": "TEST"})
    call = await bridge.call_is(call["id"], "bridged")
    assert call["agent"] == "1000"
    assert (await bridge.agent("1000"))["state"] == "incall"
    assert len(await asterisk.send_list(ConfbridgeList(room))) == 2
    await bridge.post(f"/calls/{call['id']}/hangup")
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == "TALKED"
    await bridge.agent_is("1000", "ready")


async def test_the_one_who_has_been_ready_longest_is_first(bridge: Bridge) -> None:
    for user in ("1001", "1000"):
        await ready_agent(bridge, user)
    call = await bridge.post("/calls", {"number": "7275550100", "campaign": "TEST"})
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1001"


async def test_an_answered_call_waits_for_an_agent_and_gets_her_at_once(bridge: Bridge) -> None:
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"number": "7275550100", "campaign": "TEST"})
    await bridge.call_is(call["id"], "answered")
    await bridge.post("/agents/1000/resume")
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1000"


async def test_nobody_in_time_is_an_abandoned_call(bridge: Bridge) -> None:
    call = await bridge.post("/calls", {"number": "7275550100", "campaign": "TEST"})
    call = await bridge.call_is(call["id"], "disposed")
    assert (call["status"], call["status_source"]) == ("DROP", "network")


@pytest.mark.parametrize(("number", "status"), [("7275550101", "AB"), ("7275550104", "ADC")])
async def test_an_unanswered_call_is_disposed_by_the_network(
    bridge: Bridge, number: str, status: str
) -> None:
    call = await bridge.post("/calls", {"number": number, "campaign": "TEST"})
    assert (await bridge.call_is(call["id"], "disposed"))["status"] == status


async def test_an_inbound_caller_reaches_the_agent_who_waits(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    room = await ready_agent(bridge, "1000")
    await carrier.call_in(DID, "7275550777")
    call = await inbound_call(bridge)
    found = await bridge.call_is(call["id"], "bridged")
    assert (found["agent"], found["queue"], found["number"]) == ("1000", "SALESLINE", "7275550777")
    assert len(await asterisk.send_list(ConfbridgeList(room))) == 2
    await carrier.hang_up_network()
    await bridge.call_is(call["id"], "disposed")
    await bridge.agent_is("1000", "ready")


async def test_the_lead_is_found_by_the_callers_number(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    dialled = await bridge.post("/calls", {"agent": "1000", "number": "7275550106"})
    known = await bridge.call_is(dialled["id"], "disposed")
    await bridge.post("/agents/1000/resume")
    await carrier.call_in(DID, "7275550106")
    call = await inbound_call(bridge)
    assert (await bridge.call_is(call["id"], "bridged"))["lead_id"] == known["lead_id"] is not None


async def test_a_caller_waits_in_the_queue_until_an_agent_is_ready(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    await carrier.call_in(DID, "7275550777")
    call = await inbound_call(bridge)
    await bridge.call_is(call["id"], "queued")
    await bridge.post("/agents/1000/resume")
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1000"


async def test_nobody_is_given_two_callers(bridge: Bridge, carrier: Carrier) -> None:
    await ready_agent(bridge, "1000")
    await asyncio.gather(
        carrier.call_in(DID, "7275550771"),
        carrier.call_in(DID, "7275550772"),
        bridge.post("/calls", {"number": "7275550100", "campaign": "TEST"}),
    )

    async def settled() -> list[dict[str, str]] | None:
        calls = await bridge.get("/calls?limit=3")
        states = sorted(call["state"] for call in calls)
        return (
            calls if states in (["bridged", "queued", "queued"], ["bridged", "disposed", "queued"]) else None
        )

    calls = await until(settled, "one caller with the agent, the others waiting or dropped")
    assert [call["agent"] for call in calls if call["state"] == "bridged"] == ["1000"]
    await carrier.hang_up_network()


async def test_a_number_dialled_on_a_phone_asks_the_gate(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    await carrier.dial_on_phone("1000", "7275550106")

    async def dialled() -> dict[str, str] | None:
        calls = await bridge.get("/calls?limit=1")
        return calls[0] if calls and calls[0]["kind"] == "DC" else None

    call = await until(dialled, "a call that began in the dialplan")
    assert (await bridge.call_is(call["id"], "disposed"))["number"] == "7275550106"
    assert carrier.called == ["7275550106"]


async def test_a_forbidden_number_dialled_on_a_phone_never_leaves(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    await carrier.dial_on_phone("1000", "19005550100")

    async def refused() -> bool:
        calls = await bridge.get("/calls?limit=1")
        return bool(calls and calls[0]["state"] == "disposed" and calls[0]["end_reason"] == "refused")

    await until(refused, "a refused call on record")
    assert carrier.called == []
