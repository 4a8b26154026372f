"""Milliseconds from a request to the INVITE at the carrier: external_dial against a bare AMI Originate.

Each round makes three calls to a number that is busy, one after the other, in turning order: by HTTP through
the bridge (`external_dial`, connection kept open), by a bare Originate with the bridge's own channel (a Local
channel between the agent's room and `Dial`), and by a bare Originate of `PJSIP/<number>@carrier`. A call has
arrived when the carrier's dialplan says so on its AMI (`UserEvent: NetworkCall`, the first thing it does with
an INVITE); `channel` is when Asterisk announces the first channel. All times are of this process's clock.
The bridge runs on this machine with SQLite in a temporary folder, which must be on a disk to mean anything.

Usage: `dial_latency.py [--stack bench] [--calls 200] [--folder DIR]`.
Needs `docker/engine up asterisk carrier`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from _bridge import ROOT, Caller, agent_state, ami_client, busy_number, running_bridge, stack_values, until
from _figures import percentile

from bridge.ami import AmiClient
from bridge.ami.actions import CoreShowChannels, Originate
from bridge.ami.events import AmiEvent
from bridge.ids import uuid7

ROOM = "8600051"
"""The first room that the bridge gives out, and so that of its only agent."""
WARM_UP = 5
AIM = 5.0
"""Milliseconds that the bridge may add to a bare Originate, at the median."""


@dataclass
class Times:
    """Milliseconds from the request, call by call."""

    channel: list[float] = field(default_factory=list)
    invite: list[float] = field(default_factory=list)
    answer: list[float] = field(default_factory=list)
    """Until the request itself is answered."""


class Watch:
    """Notes when a call shows up at Asterisk and at the carrier."""

    def __init__(self, asterisk: AmiClient, carrier: AmiClient) -> None:
        self.asterisk = asterisk
        self._carrier = carrier
        self._reset()
        asterisk.on("Newchannel", self._new_channel)
        carrier.on("UserEvent", self._user_event)

    def _reset(self) -> None:
        self._channel = 0.0
        self._arrived: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def _new_channel(self, _event: AmiEvent) -> None:
        self._channel = self._channel or time.perf_counter()

    def _user_event(self, event: AmiEvent) -> None:
        if event["UserEvent"] == "NetworkCall" and not self._arrived.done():
            self._arrived.set_result(time.perf_counter())

    async def measure(self, dial: Callable[[], Awaitable[object]], times: Times) -> None:
        """Place one call and note its times."""
        self._reset()
        begin = time.perf_counter()
        await dial()
        answered = time.perf_counter()
        invite = await asyncio.wait_for(self._arrived, 10)
        times.channel.append((self._channel - begin) * 1000)
        times.invite.append((invite - begin) * 1000)
        times.answer.append((answered - begin) * 1000)

    async def quiet(self, *, agent_channels: int = 1) -> None:
        """Wait until no call is left at Asterisk or carrier but the agent's own phone."""

        async def look() -> bool:
            here = await self.asterisk.send_list(CoreShowChannels())
            there = await self._carrier.send_list(CoreShowChannels())
            return len(here) == agent_channels and len(there) == agent_channels

        await until("Asterisk without calls", look)


async def by_http(caller: Caller) -> None:
    """As a CRM asks."""
    reply = await caller.line(
        "external_dial",
        agent_user="1000",
        value=busy_number(),
        phone_code="1",
        search="YES",
        preview="NO",
        focus="YES",
    )
    if not reply.startswith("SUCCESS"):
        raise RuntimeError(reply)


async def by_local_channel(asterisk: AmiClient) -> None:
    """The same channels as the bridge's, and nothing before them."""
    call_id = uuid7()
    action = Originate(
        channel=f"Local/{ROOM}@bridge-room/n",
        channel_id=call_id,
        context="bridge-dial",
        exten="s",
        timeout_ms=10_000,
        variables={
            "__BRIDGE_CALL_ID": call_id,
            "CDR(userfield)": call_id,
            "BRIDGE_DIAL": f"PJSIP/{busy_number()}@carrier",
            "BRIDGE_TIMEOUT": "20",
            "BRIDGE_CALLER_ID": "7275550000",
        },
    )
    await asterisk.send(action)


async def by_trunk(asterisk: AmiClient) -> None:
    """The least that a call can be: one channel."""
    dial = f"PJSIP/{busy_number()}@carrier"
    await asterisk.send(Originate(channel=dial, context="bridge-room", exten=ROOM, timeout_ms=10_000))


async def run(stack: dict[str, str], calls: int, folder: Path) -> dict[str, Times]:
    """Make the calls, interleaved."""
    async with (
        ami_client(stack) as asterisk,
        ami_client(stack, "CARRIER_") as carrier,
        running_bridge(stack, folder) as caller,
    ):
        await asterisk.connected(10)
        await carrier.connected(10)
        watch = Watch(asterisk, carrier)
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "external_dial": lambda: by_http(caller),
            "bare Originate, Local channel": lambda: by_local_channel(asterisk),
            "bare Originate, trunk channel": lambda: by_trunk(asterisk),
        }

        async def paused() -> bool:
            return await agent_state(caller) == "paused"

        measured = {name: Times() for name in ways}
        for number in range(WARM_UP + calls):
            order = list(ways)[number % len(ways) :] + list(ways)[: number % len(ways)]
            for name in order:
                await watch.quiet()
                await until("the agent free", paused)
                await watch.measure(ways[name], measured[name] if number >= WARM_UP else Times())
        await watch.quiet()
        await until("the agent free", paused)
        return measured


def show(measured: dict[str, Times]) -> bool:
    """Print the table; tell whether the aim is met."""
    rows = {
        name: [percentile(times.invite, share) for share in (50, 90, 99)] for name, times in measured.items()
    }
    ours, *bare = rows
    print(f"{'milliseconds from the request to':34}{'channel':>9}{'INVITE':>9}{'':9}{'':9}{'reply':>9}")
    print(f"{'':34}{'p50':>9}{'p50':>9}{'p90':>9}{'p99':>9}{'p50':>9}")
    for name, times in measured.items():
        values = (percentile(times.channel, 50), *rows[name], percentile(times.answer, 50))
        print(f"{name:34}" + "".join(f"{value:9.2f}" for value in values))
    print()
    for name in bare:
        added = [our - other for our, other in zip(rows[ours], rows[name], strict=True)]
        ratio = rows[ours][0] / rows[name][0]
        print(
            f"the bridge adds to a {name}: p50 {added[0]:.2f} ms (x {ratio:.2f}), "
            f"p90 {added[1]:.2f} ms, p99 {added[2]:.2f} ms"
        )
    met = all(rows[ours][0] - rows[name][0] <= AIM for name in bare)
    print(f"aim: within {AIM:g} ms at p50, against either: {'met' if met else 'MISSED'}")
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stack", default="bench")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the store is put")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        measured = uvloop.run(run(stack_values(asked.stack), asked.calls, Path(folder)))
    version = stack_values(asked.stack)["ASTERISK_VERSION"]
    print(f"Asterisk {version}, {asked.calls} calls each way, SQLite synced to disk")
    show(measured)


if __name__ == "__main__":
    main()
