"""One call inside Asterisk, from a Local channel to nobody: do events come, does the relay answer?

It asks what a queue asks before it gives a caller to an agent, for an agent and a call that do not exist: the
answer is "busy" and nothing is changed. It ends by itself: the relay has a deadline, the step a time limit,
the Originate its own. No phone rings and no trunk is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field, replace

from bridge.ami.actions import Originate
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import ActionRefused, AmiConnectError
from bridge.ami.events import AmiEvent
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings
from bridge.doctor.facts import CallSeen

__all__ = ["CONTEXT", "call_inside"]

CONTEXT = "bridge-agi"
SCRIPT = "agent_offer"
NOBODY = "agent-bridge-doctor"
"""The room of an agent that does not exist."""
NEVER_REACHED = "bridge-leg"
"""Where the near half would go if it were answered. It must not have an extension `failed`, which Asterisk
runs when an Originate fails; `bridge-agi` has every name."""
DEADLINE = 12.0
"""Seconds for the whole: the step's own limit is 10."""
RING_MS = 11_000
SETTLE = 0.5
"""Seconds for the onlooker's events behind the outcome; they come over a link of their own."""


@dataclass(slots=True)
class _Seen:
    """What the events of one call showed."""

    channel: str
    action: str = field(default_factory=lambda: f"doctor-{uuid.uuid4()}")
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    events: bool = False
    agi_ran: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def other(self) -> str:
        return f"{self.channel}-2"

    def look(self, event: AmiEvent) -> None:
        if event.name == "OriginateResponse":
            if event.action_id == self.action:
                self.ended.set()
        elif event.get("Uniqueid") in {self.channel, self.other}:
            self.events = True

    def look_on(self, event: AmiEvent) -> None:
        if event.get("Uniqueid") != self.other:
            return
        if event.name == "Hangup":
            self.over.set()
        elif event.name == "Newexten":
            self.agi_ran = self.agi_ran or event.get("Application") == "AGI"
        else:
            self.variables[event.get("Variable")] = event.get("Value")


async def call_inside(connection: AmiConnection, router: Router, view: AmiSettings | None) -> CallSeen | None:
    """Make the call and watch it to its end; `None` if Asterisk refuses to make it."""
    seen = _Seen(str(uuid.uuid4()))
    leave = router.add(["Newchannel", "Newstate", "Hangup", "OriginateResponse"], seen.look)
    onlooker = await _onlooker(view, seen)
    started = time.monotonic()
    try:
        await _originate(connection, seen)
        ended = await _in_time(seen.ended, DEADLINE)
        seconds = time.monotonic() - started
        if onlooker:
            await _in_time(seen.over, SETTLE)
        return CallSeen(
            ended=ended,
            channel_events=seen.events,
            agi_ran=seen.agi_ran if onlooker else None,
            agi_status=seen.variables.get("AGISTATUS", ""),
            acknowledged=seen.variables.get("BRIDGE_ACK") == f"{SCRIPT}:{seen.channel}",
            reason=seen.variables.get("BRIDGE_REASON", ""),
            seconds=seconds,
        )
    except ActionRefused:
        return None
    finally:
        leave()
        if onlooker:
            await onlooker.close()


async def _originate(connection: AmiConnection, seen: _Seen) -> None:
    action = Originate(
        channel=f"Local/{SCRIPT}@{CONTEXT}/n",
        context=NEVER_REACHED,
        exten="s",
        timeout_ms=RING_MS,
        channel_id=seen.channel,
        other_channel_id=seen.other,
        variables={"BRIDGE_CALL_ID": seen.channel, "BRIDGE_ROOM": NOBODY},
    )
    await connection.send(action, action_id=seen.action)


async def _onlooker(view: AmiSettings | None, seen: _Seen) -> AmiConnection | None:
    """A second link, of the user who may see the steps of the dialplan."""
    if view is None:
        return None
    router = Router()
    router.add(["Newexten", "VarSet", "Hangup"], seen.look_on)
    connection = AmiConnection(replace(view, events="on"), router)
    try:
        await connection.open()
    except AmiConnectError:
        await connection.close()
        return None
    connection.go_live()
    return connection


async def _in_time(happened: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(happened.wait(), seconds)
    return happened.is_set()
