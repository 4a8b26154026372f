"""What the tests of faults do and look at, again and again."""

from __future__ import annotations

from typing import Any

from proxy import Proxy, field_of, is_action
from service import Bridge
from stack import until

TALKS = "7275550100"
BUSY = "7275550101"
RINGS = "7275550102"
DID = "7275551234"


async def dial_by_line(bridge: Bridge, agent: str, number: str) -> str:
    """Ask for a manual call by the line format; the reply."""
    return await bridge.agc(
        "external_dial",
        agent_user=agent,
        value=number,
        phone_code="1",
        search="YES",
        preview="NO",
        focus="YES",
    )


async def dial(bridge: Bridge, agent: str, number: str) -> str:
    """Dial out of an agent's room; the call's id."""
    call: dict[str, Any] = await bridge.post("/calls", {"agent": agent, "number": number})
    return str(call["id"])


async def dial_alone(bridge: Bridge, number: str) -> str:
    """Dial without an agent; the call's id."""
    call: dict[str, Any] = await bridge.post("/calls", {"campaign": "TEST", "number": number})
    return str(call["id"])


async def ready_agent(bridge: Bridge, user: str) -> None:
    """An agent who waits for a call."""
    await bridge.log_in(user)
    await bridge.post(f"/agents/{user}/resume")
    await bridge.agent_is(user, "ready")


async def newest_call(bridge: Bridge, kind: str) -> dict[str, Any]:
    """The newest call, once it is of this kind."""

    async def look() -> dict[str, Any] | None:
        calls = await bridge.get("/calls?limit=1")
        return calls[0] if calls and calls[0]["kind"] == kind else None

    return await until(look, f"a call of kind {kind}")


async def is_logged_out(bridge: Bridge, user: str) -> None:
    """Wait until an agent has no session."""

    async def gone() -> bool:
        return not await bridge.agent(user)

    await until(gone, f"agent {user} without a session")


async def disposed_once(bridge: Bridge, call_id: str, *, seconds: float = 15.0) -> dict[str, Any]:
    """The call when it is disposed, which must have happened once."""

    async def look() -> dict[str, Any] | None:
        found: dict[str, Any] = await bridge.get(f"/calls/{call_id}")
        return found if found["state"] == "disposed" else None

    call = await until(look, f"call {call_id} disposed", seconds=seconds)
    timeline = await bridge.timeline(call_id)
    assert timeline.count("call.disposed") == 1, timeline
    assert timeline.count("call.ended") == 1, timeline
    assert timeline[-1] == "call.disposed", timeline
    return call


def dials_sent(ami: Proxy) -> list[str]:
    """The calls whose Originate has left the bridge, by id, each as often as it left."""
    return [
        field_of(action, "ChannelId")
        for action in ami.passed.seen
        if is_action(action, "Originate") and field_of(action, "Context") != "bridge-agent"
    ]


def is_dial(message: bytes) -> bool:
    """Whether a message is the Originate of a call (not of an agent's phone)."""
    return is_action(message, "Originate") and field_of(message, "Context") != "bridge-agent"


async def asterisk_events(bridge: Bridge) -> list[str]:
    """What the event log says of the Asterisk, oldest first, by type."""
    return [event["type"] for event in await bridge.events("asterisk/pbx")]
