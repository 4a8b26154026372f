"""Two bridges on one PostgreSQL under traffic: commands keep their order, and a killed one loses no lead."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from leftovers import queue_members
from pair import Pair, everything_told, has_all_duties
from service import Bridge
from stack import Carrier, until
from stories import disposed_once, ready_agent
from test_dialler import dialling, hop

from bridge.ami.client import AmiClient
from bridge.ami.events import AmiEvent

ROUNDS = 20
LEADS = ("00", "02", "01", "00", "01", "00", "00", "01", "00", "00")
"""How the carrier treats each: by the last digits it answers, is busy, or rings until it is given up."""


class Queue:
    """What Asterisk says of an agent's pauses, in order."""

    def __init__(self, asterisk: AmiClient) -> None:
        self.paused: list[str] = []
        self._leave = asterisk.on("QueueMemberPause", self._take)

    def _take(self, event: AmiEvent) -> None:
        self.paused.append(event["Paused"])


async def pause(bridge: Bridge, value: str) -> None:
    """`PAUSE` or `RESUME` by the line format: when it is answered, Asterisk has done it."""
    reply = await bridge.agc("external_pause", agent_user="1000", value=value)
    assert reply.startswith("SUCCESS"), reply


def states_told(pair: Pair) -> list[str]:
    """The agent's pauses and resumptions, as the event log has them."""
    told = pair.heard_of("agents/1000")
    return [kind for kind in told if kind in ("agent.paused", "agent.ready")]


async def test_commands_of_an_agent_through_both_bridges_keep_their_order(
    pair: Pair, asterisk: AmiClient
) -> None:
    """Each is sent once the one before it is answered, and finds what that has left."""
    await pair.a.log_in("1000")
    queue = Queue(asterisk)
    for number in range(ROUNDS):
        first, second = (pair.a, pair.b) if number % 2 else (pair.b, pair.a)
        await pause(first, "RESUME")
        assert (await second.agent("1000"))["state"] == "ready"
        await pause(second, "PAUSE")
        assert (await first.agent("1000"))["state"] == "paused"

    async def all_done() -> bool:
        return queue.paused[-2 * ROUNDS :] == ["0", "1"] * ROUNDS and queue.paused.count("0") == ROUNDS

    await until(all_done, "each of them done in Asterisk's queue, in the order of the commands")
    wanted = ["agent.ready", "agent.paused"] * ROUNDS

    async def all_told() -> bool:
        return states_told(pair) == wanted

    await until(all_told, "each of them told, in the order of the commands")


async def test_commands_at_both_bridges_at_once_end_in_one_state(pair: Pair, asterisk: AmiClient) -> None:
    """In whichever order they count: the store, the last event and Asterisk's queue agree."""
    await pair.a.log_in("1000")
    await pause(pair.a, "RESUME")
    await pause(pair.b, "PAUSE")
    for _ in range(ROUNDS):
        await asyncio.gather(pause(pair.a, "RESUME"), pause(pair.b, "PAUSE"))
        state = (await pair.a.agent("1000"))["state"]
        assert (await pair.b.agent("1000"))["state"] == state

        async def agree(state: str = state) -> bool:
            (member,) = await queue_members(asterisk)
            paused = "0" if state == "ready" else "1"
            return states_told(pair)[-1:] == [f"agent.{state}"] and member["Paused"] == paused

        await until(agree, f"the log and Asterisk's queue saying {state}")
        await pause(pair.b, "PAUSE")


async def every_lead_called(bridge: Bridge, leads: set[int]) -> list[dict[str, Any]]:
    """Let calls with an agent end until each lead has had its call; the calls."""

    async def look() -> list[dict[str, Any]] | None:
        calls: list[dict[str, Any]] = await bridge.get("/calls?limit=50")
        for call in calls:
            if call["state"] == "bridged":
                await bridge.api.post(f"/v1/calls/{call['id']}/hangup")  # it may be over meanwhile
        over = {call["lead_id"] for call in calls if call["state"] == "disposed"}
        return calls if over >= leads else None

    return await until(look, "a disposed call of each lead", seconds=90)


@pytest.mark.parametrize("killed", ["the follower", "the other"])
async def test_a_bridge_killed_while_leads_are_dialled_loses_none_and_dials_none_twice(
    pair: Pair, carrier: Carrier, killed: str
) -> None:
    dead, left = (pair.a, pair.b) if killed == "the follower" else (pair.b, pair.a)
    await pair.ask(dead)
    for user in ("1000", "1001", "1002"):
        await ready_agent(left, user)
    numbers = [f"727555{at}{last}" for at, last in enumerate(LEADS, start=20)]
    leads = {await hop(pair.a, number) for number in numbers}
    await dialling(left)

    async def in_traffic() -> bool:
        states = {call["state"] for call in await left.get("/calls?limit=50")}
        return states >= {"ringing", "bridged"}

    await until(in_traffic, "a call that rings and one that has its agent")
    await dead.kill()
    await pair.ask(left)
    await has_all_duties(left)
    calls = await every_lead_called(left, leads)
    for call in calls:
        await disposed_once(left, call["id"])
    assert Counter(call["lead_id"] for call in calls) == dict.fromkeys(leads, 1)
    assert max(Counter(carrier.called).values()) == 1
    assert (await left.get("/campaigns/TEST/hopper")) == []
    await everything_told(pair, left, twice=True)
