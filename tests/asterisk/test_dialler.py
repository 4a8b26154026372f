"""The automatic dialler with real calls: from a lead in the hopper to two people in one room."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from service import Bridge
from stack import until

from bridge.ami.actions import ConfbridgeList
from bridge.ami.client import AmiClient


async def dialling(bridge: Bridge, *, level: float = 1.0) -> None:
    """Let the campaign dial by itself."""
    campaign = await bridge.get("/site/campaigns/TEST")
    wanted = {"dial_method": "RATIO", "dial_level": level, "dial_statuses": ["NEW"]}
    reply = await bridge.api.put("/v1/site/campaigns/TEST", json=campaign | wanted)
    assert reply.is_success, reply.text


async def ready_agent(bridge: Bridge, user: str) -> str:
    """An agent who waits for a call; her room."""
    session = await bridge.log_in(user)
    await bridge.post(f"/agents/{user}/resume")
    await bridge.agent_is(user, "ready")
    room: str = session["room"]
    return room


async def hop(bridge: Bridge, number: str, priority: int = 0) -> int:
    """A new lead in the hopper; its id."""
    found: int = (await bridge.post("/agents/1000/leads", {"phone_number": number, "phone_code": "1"}))[
        "lead_id"
    ]
    await asyncio.to_thread(bridge.command, "hopper", "add", str(found), "--priority", str(priority))
    return found


async def bridged(bridge: Bridge, count: int) -> list[dict[str, Any]]:
    """Wait until so many calls have their agents."""

    async def look() -> list[dict[str, Any]] | None:
        calls = await bridge.get("/calls?limit=9")
        found = [call for call in calls if call["state"] == "bridged"]
        return found if len(found) == count else None

    return await until(look, f"{count} calls with their agents")


async def test_a_lead_in_the_hopper_rings_and_meets_the_agent(bridge: Bridge, asterisk: AmiClient) -> None:
    await dialling(bridge)
    room = await ready_agent(bridge, "1000")
    lead = await hop(bridge, "7275550100")
    (call,) = await bridged(bridge, 1)
    assert (call["kind"], call["agent"], call["lead_id"]) == ("V", "1000", lead)
    assert len(await asterisk.send_list(ConfbridgeList(room))) == 2
    reply = await bridge.api.put(f"/v1/calls/{call['id']}/disposition", json={"status": "SALE"})
    assert reply.is_success, reply.text
    await bridge.post(f"/calls/{call['id']}/hangup")
    done = await bridge.call_is(call["id"], "disposed")
    assert (done["status"], done["status_source"]) == ("SALE", "agent")
    told = await bridge.timeline(call["id"])
    assert told[:3] == ["call.planned", "call.dialing", "call.ringing"]
    assert told[-1] == "call.disposed"
    assert json.loads(await asyncio.to_thread(bridge.command, "hopper", "list", "TEST", "--json")) == []


async def test_two_answers_at_once_never_meet_the_same_agent(bridge: Bridge, asterisk: AmiClient) -> None:
    rooms = [await ready_agent(bridge, user) for user in ("1000", "1001")]
    for number in ("7275550100", "7275550200"):
        await hop(bridge, number)
    await dialling(bridge)
    calls = await bridged(bridge, 2)
    assert {call["agent"] for call in calls} == {"1000", "1001"}
    inside = await asyncio.gather(*(asterisk.send_list(ConfbridgeList(room)) for room in rooms))
    assert [len(people) for people in inside] == [2, 2]


async def test_an_unanswered_lead_is_followed_by_the_next(bridge: Bridge) -> None:
    await ready_agent(bridge, "1000")
    busy = await hop(bridge, "7275550101", priority=9)
    free = await hop(bridge, "7275550100")
    await dialling(bridge)
    (call,) = await bridged(bridge, 1)
    assert call["lead_id"] == free
    calls = await bridge.get("/calls?limit=9")
    assert {call["lead_id"]: call["status"] for call in calls}[busy] == "AB"
