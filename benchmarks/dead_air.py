"""Dead air: milliseconds from a customer's hello until she is in the room of an agent who was ready.

Leads of a campaign that dials by itself, as many at a time as agents wait: each number rings for a second,
answers, says hello and hangs up. From the moment at which the carrier's channel is up until Asterisk says
that the customer has joined the agent's room, where both hear each other; both by AMI, by this process's
clock.

Usage: `dead_air.py [--stack bench] [--calls 100] [--agents 4]`.
Needs `docker/engine up asterisk carrier`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import uvloop
from _bridge import ROOT, Caller, ami_client, running_bridge, stack_values, to_hopper
from _figures import percentile, said
from api import agents_of
from dial_rate import Ours, answers, site

from bridge.ami import AmiClient
from bridge.ami.events import AmiEvent

AIM = 100.0
"""Milliseconds of the 99th of 100 calls."""
UP = "6"
"""State of a channel that is answered."""


class Ears:
    """Notes when customers answer, and when they are in a room."""

    def __init__(self, asterisk: AmiClient, carrier: AmiClient) -> None:
        self._numbers: dict[str, str] = {}
        self._hello: dict[str, float] = {}
        self._joined: dict[str, float] = {}
        carrier.on("UserEvent", self._called)
        carrier.on("Newstate", self._answered)
        asterisk.on("ConfbridgeJoin", self._join)

    def _called(self, event: AmiEvent) -> None:
        if event["UserEvent"] == "NetworkCall":
            self._numbers[event["Uniqueid"]] = event["Number"][-10:]

    def _answered(self, event: AmiEvent) -> None:
        if event["ChannelState"] == UP and (number := self._numbers.get(event["Uniqueid"])):
            self._hello.setdefault(number, time.perf_counter())

    def _join(self, event: AmiEvent) -> None:
        self._joined.setdefault(event["Uniqueid"], time.perf_counter())

    def times(self, numbers: dict[str, str]) -> list[float]:
        """Milliseconds of each call that met its agent, of these numbers by call."""
        return [
            (self._joined[call] - self._hello[number]) * 1000
            for call, number in numbers.items()
            if call in self._joined and number in self._hello
        ]


async def add(caller: Caller, count: int) -> None:
    """Put so many leads into the hopper."""
    for _ in range(count):
        await to_hopper(caller, answers())


async def disposed(listener: Caller, count: int) -> dict[str, str]:
    """Numbers by call of the next calls that are over."""
    found: dict[str, str] = {}
    async for event in listener.messages("/v1/events?type=call.disposed"):
        found[event["data"]["call_id"]] = event["data"]["number"][-10:]
        if len(found) == count:
            break
    return found


async def run(stack: dict[str, str], asked: argparse.Namespace, folder: Path) -> list[float]:
    """Make the calls."""
    agents = agents_of(asked.agents)
    async with (
        ami_client(stack) as asterisk,
        ami_client(stack, "CARRIER_") as carrier,
        running_bridge(stack, folder, site(agents), agents) as caller,
    ):
        await asterisk.connected(10)
        await carrier.connected(10)
        ears, ours = Ears(asterisk, carrier), Ours(caller, await caller.another(), list(agents))
        await add(caller, asked.calls)
        over = asyncio.create_task(disposed(await caller.another(), asked.calls))
        await ours.switch(on=True)
        await ours.resume()
        numbers = await asyncio.wait_for(over, 30 + 5 * asked.calls)
        await ours.switch(on=False)
        return ears.times(numbers)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stack", default="bench")
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the store is put")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    stack = stack_values(asked.stack)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        times = uvloop.run(run(stack, asked, Path(folder)))
    cuts = "".join(f"  p{share} {percentile(times, share):.1f} ms" for share in (50, 90, 99))
    print(f"Asterisk {stack['ASTERISK_VERSION']}, {len(times)} of {asked.calls} calls met an agent")
    print(
        f"from hello to hearing each other:{cuts}; aim {AIM:g} at p99: {said(percentile(times, 99) <= AIM)}"
    )


if __name__ == "__main__":
    main()
