"""One moment in which each of the five AGI steps waits for the bridge's answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from proxy import Proxy, Side, Verdict
from service import Bridge
from stack import Carrier, Stack, until
from stories import DID, TALKS, dial, dial_alone, disposed_once, newest_call, ready_agent

from bridge.ami.actions import CoreShowChannels, Hangup, QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueEntry

KNOWN_CALLER = "7275550771"
"""Her call is known to the bridge, and is just being offered to an agent."""
NEW_CALLER = "7275550772"
"""Nobody has been told of her yet."""
BY_HAND = "7275550109"
"""What an agent dials on her phone."""
STEPS = frozenset({"call_start", "call_answered", "agent_offer", "inbound", "call_end"})


def question(message: bytes) -> tuple[str, dict[str, Any]]:
    """What the relay asks the bridge, and with what; empty for anything else."""
    try:
        asked = json.loads(message)
    except ValueError:  # of the handshake
        return "", {}
    return str(asked.get("ask", "")), asked.get("with") or {}


class Moment:
    """Brings all five steps about, and holds their questions between relay and bridge.

    Agent 1000 has a call that ends, 1001 is offered an inbound caller, 1002 dials on her phone; another
    caller comes in, and an automatic call has just been answered.
    """

    def __init__(self, bridge: Bridge, agi: Proxy, carrier: Carrier) -> None:
        self._bridge = bridge
        self._agi = agi
        self._carrier = carrier
        self._asked: set[str] = set()
        self.ended = ""
        self.answered = ""

    async def come(self) -> None:
        """Wait until every step has asked."""
        await ready_agent(self._bridge, "1001")
        for user in ("1000", "1002"):
            await self._bridge.log_in(user)
        self.ended = await dial(self._bridge, "1000", TALKS)
        await self._bridge.call_is(self.ended, "bridged")
        customer = next(row for row in await self._carrier.channels() if row.channel.startswith("PJSIP/pbx-"))

        self._agi.rule = self._hold
        self.answered = await dial_alone(self._bridge, TALKS)
        await self._bridge.call_is(self.answered, "answered")
        await asyncio.gather(
            self._carrier.client.send(Hangup(customer.uniqueid)),
            self._carrier.call_in(DID, KNOWN_CALLER),
            self._carrier.call_in(DID, NEW_CALLER),
            self._carrier.dial_on_phone("1002", BY_HAND),
        )
        await until(self._all_asked, f"a question of each step, not only {self._asked}")

    def _hold(self, side: Side, message: bytes) -> Verdict | None:
        name, given = question(message) if side is Side.CLIENT else ("", {})
        if name not in STEPS or given.get("caller_number") == KNOWN_CALLER:
            return None
        self._asked.add(name)
        return Verdict.HOLD

    async def _all_asked(self) -> bool:
        return self._asked >= STEPS


async def fallbacks(asterisk: AmiClient, carrier: Carrier) -> None:
    """Every call has gone the way that the dialplan has for it when nobody answers."""

    async def as_documented() -> bool:
        waiting = {row.caller_id_num: row.queue for row in await queue_entries(asterisk)}
        return waiting == {KNOWN_CALLER: "SALESLINE", NEW_CALLER: "default"} and await seated(asterisk) == {
            "1000",
            "1001",
            "1002",
        }

    await until(as_documented, "two callers in their queues, three agents seated, and no other call")
    assert BY_HAND not in carrier.called


async def queue_entries(asterisk: AmiClient) -> list[QueueEntry]:
    """Who waits in a queue."""
    return [row for row in await asterisk.send_list(QueueStatus()) if isinstance(row, QueueEntry)]


async def seated(asterisk: AmiClient) -> set[str]:
    """Names of what is on the line towards phones and network, callers in queues left out."""
    rows = await asterisk.send_list(CoreShowChannels())
    return {
        row.channel.removeprefix("PJSIP/").partition("-")[0]
        for row in rows
        if row.channel.startswith("PJSIP/") and row.application != "Queue"
    }


async def all_well_again(bridge: Bridge, carrier: Carrier, moment: Moment, dropped: str = "DROP") -> None:
    """Nothing was lost: each call has its disposition, and each caller who waits gets an agent."""
    assert (await disposed_once(bridge, moment.ended))["status"] == "TALKED"
    call = await disposed_once(bridge, moment.answered)
    assert call["status"] == dropped
    waiting = next(call for call in await bridge.get("/calls") if call["number"] == KNOWN_CALLER)
    assert (await bridge.call_is(waiting["id"], "bridged"))["agent"] == "1001"
    await bridge.agent_is("1000", "paused")
    await bridge.agent_is("1002", "paused")
    assert BY_HAND not in carrier.called
    unknown = await _served_after_all(bridge)
    await carrier.hang_up_network()
    for call_id in (waiting["id"], unknown):
        assert (await disposed_once(bridge, call_id))["status"] == "TALKED"
    await bridge.agent_is("1001", "ready")


async def _served_after_all(bridge: Bridge) -> str:
    """The caller whom the relay had queued by itself is asked about again, and gets an agent; her call."""
    await bridge.post("/agents/1002/resume")

    async def talks() -> str:
        calls = await bridge.get("/calls")
        return next((c["id"] for c in calls if c["number"] == NEW_CALLER and c["state"] == "bridged"), "")

    return await until(talks, "an agent for the caller of whom no bridge had been told")


class RelayProcess:
    """The relay in the container of Asterisk."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    async def signal(self, name: str) -> None:
        """Send it a signal."""
        await asyncio.to_thread(
            self._stack.run, "asterisk", "sh", "-c", f"kill -{name} $(cat /tmp/relay.pid)"
        )


Fault = Callable[[], Awaitable[None]]
__all__ = ["Fault", "Moment", "RelayProcess", "all_well_again", "fallbacks", "newest_call", "question"]
