"""Inbound and outbound for the same agents, with real calls: the lead before the voice, never two at once."""

from __future__ import annotations

import asyncio
from typing import Any

from service import Bridge
from stack import Carrier, until
from test_given_calls import DID, inbound_call, ready_agent

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient

CALLER = "7275550106"
TONE = 440


async def sequence_of(bridge: Bridge, subject: str, kind: str, call_id: str) -> tuple[str, dict[str, Any]]:
    """Place in the stream, and data, of the event of a kind about a call."""
    (event,) = [
        event
        for event in await bridge.events(subject)
        if event["type"].endswith(kind) and event["data"]["call_id"] == call_id
    ]
    return event["sequence"], event["data"]


async def test_the_screen_has_the_callers_lead_before_she_is_heard(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await ready_agent(bridge, "1000")
    added = await bridge.post("/agents/1000/leads", {"phone_number": CALLER, "phone_code": "1"})
    await carrier.call_in(DID, CALLER, tone=TONE)
    call = await inbound_call(bridge)
    await bridge.call_is(call["id"], "bridged")
    await carrier.until_heard("1000", "the caller's tone", lambda it: it.hears(TONE))
    told, offered = await sequence_of(bridge, "agents/1000", "agent.offered", call["id"])
    heard, _ = await sequence_of(bridge, f"calls/{call['id']}", "call.bridged", call["id"])
    assert offered["lead_id"] == added["lead_id"]
    assert told < heard
    await carrier.hang_up_network()


async def test_two_blended_agents_and_four_customers_at_once(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    """Two call in while two are called: each agent has one of them, and nobody has two."""
    rooms = {user: await ready_agent(bridge, user) for user in ("1000", "1001")}
    await asyncio.gather(
        *(carrier.call_in(DID, caller) for caller in ("7275550771", "7275550772")),
        *(
            bridge.post("/calls", {"number": number, "campaign": "TEST"})
            for number in ("7275550100", "7275550200")
        ),
    )

    async def settled() -> list[dict[str, Any]] | None:
        calls = await bridge.get("/calls?limit=4")
        waiting = {"queued", "disposed"}
        found = [call for call in calls if call["state"] == "bridged"]
        others = [call for call in calls if call["state"] in waiting]
        return found if (len(found), len(others)) == (2, 2) else None

    calls = await until(settled, "two customers with agents, the others waiting or dropped")
    assert {call["agent"] for call in calls} == {"1000", "1001"}
    inside = await asyncio.gather(*(asterisk.send_list(ConfbridgeList(room)) for room in rooms.values()))
    assert [len(people) for people in inside] == [2, 2]
    await carrier.hang_up_network()
