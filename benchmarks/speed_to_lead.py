"""Speed to lead: milliseconds from `add_lead` to the INVITE at the carrier, against a bare AMI Originate.

One agent is ready in a campaign that dials by itself. Each round adds a lead (`add_lead` with
`add_to_hopper`, non-agent API, connection kept open) and makes a bare Originate of the same channel, in turn;
every number is busy, so that the agent stays ready. A call has arrived when the carrier's dialplan says so on
its AMI (`UserEvent: NetworkCall`, the first thing it does with an INVITE). Then leads come at a steady rate,
whether those before have arrived or not, and so do bare Originates. All times are of this process's clock;
bridge, Asterisk, carrier and caller share the machine.

Usage: `speed_to_lead.py [--stack bench] [--leads 200] [--rate 50] [--seconds 6]`.
Needs `docker/engine up asterisk carrier`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from _bridge import (
    ROOT,
    SITE,
    Caller,
    agent_state,
    ami_client,
    busy_number,
    running_bridge,
    stack_values,
    to_hopper,
    until,
)
from _figures import percentile, said

from bridge.ami import AmiClient
from bridge.ami.actions import CoreShowChannels, Originate
from bridge.ami.events import AmiEvent
from bridge.ids import uuid7

AIM_ADDED = 10.0
"""Milliseconds that the bridge may add to a bare Originate, at the median."""
AIM_TAIL = 100.0
"""Milliseconds of the 99th of 100 leads."""
WARM_UP = 10
CONNECTIONS = 16
"""Of the callers who add leads at a steady rate."""

DIALLING = """wrapup_seconds = 0
dial_method = "RATIO"
dial_level = 20.0
dial_statuses = ["NEW"]
"""

Ring = Callable[[str], Awaitable[None]]
"""Have a number called."""


def site() -> str:
    """The benchmarks' site, whose campaign dials by itself on a trunk without limits."""
    free = SITE.replace('@carrier" }]', '@carrier", calls_per_second = 1000.0 }]')
    return free.replace("wrapup_seconds = 0\n", DIALLING)


@dataclass
class Times:
    """Milliseconds from the wish to the INVITE, call by call."""

    alone: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)


class Carrier:
    """Notes when an INVITE arrives."""

    def __init__(self, carrier: AmiClient) -> None:
        self._client = carrier
        self._wanted: dict[str, asyncio.Future[float]] = {}
        carrier.on("UserEvent", self._user_event)

    def _user_event(self, event: AmiEvent) -> None:
        arrived = (
            self._wanted.pop(event["Number"][-10:], None) if event["UserEvent"] == "NetworkCall" else None
        )
        if arrived is not None:
            arrived.set_result(time.perf_counter())

    async def until_called(self, ring: Ring) -> float:
        """Have a number called; milliseconds until its INVITE."""
        number = busy_number()
        arrived = self._wanted[number] = asyncio.get_running_loop().create_future()
        begin = time.perf_counter()
        await ring(number)
        at: float = await asyncio.wait_for(arrived, 60)
        return (at - begin) * 1000

    async def quiet(self) -> None:
        """Wait until no call is left there but the agent's own phone."""

        async def look() -> bool:
            return len(await self._client.send_list(CoreShowChannels())) == 1

        await until("a carrier without calls", look)


class Leads:
    """Adds leads to the campaign's list, with as many connections as are needed, up to `CONNECTIONS`."""

    def __init__(self, callers: Sequence[Caller]) -> None:
        self._free: asyncio.Queue[Caller] = asyncio.Queue()
        for caller in callers:
            self._free.put_nowait(caller)

    async def add(self, number: str) -> None:
        """As a web form's server does."""
        caller = await self._free.get()
        try:
            await to_hopper(caller, number)
        finally:
            self._free.put_nowait(caller)


def originate(asterisk: AmiClient) -> Ring:
    """The same channel as the dialler's, and nothing before it."""

    async def ring(number: str) -> None:
        call_id = uuid7()
        action = Originate(
            channel=f"PJSIP/{number}@carrier",
            channel_id=call_id,
            context="bridge-answered",
            exten="s",
            timeout_ms=20_000,
            caller_id="7275550000 <7275550000>",
            variables={"__BRIDGE_CALL_ID": call_id, "CDR(userfield)": call_id},
        )
        await asterisk.send(action)

    return ring


async def steady(carrier: Carrier, ring: Ring, rate: int, seconds: int) -> list[float]:
    """So many calls per second, each begun on its time; how long each takes."""
    begin = time.perf_counter()

    async def one(number: int) -> float:
        await asyncio.sleep(begin + number / rate - time.perf_counter())
        return await carrier.until_called(ring)

    return list(await asyncio.gather(*(one(number) for number in range(rate * seconds))))


async def run(stack: dict[str, str], asked: argparse.Namespace, folder: Path) -> dict[str, Times]:
    """Both ways, in turn."""
    async with (
        ami_client(stack) as asterisk,
        ami_client(stack, "CARRIER_") as there,
        running_bridge(stack, folder, site()) as caller,
    ):
        await asterisk.connected(10)
        await there.connected(10)
        carrier = Carrier(there)
        callers = [await caller.another() for _ in range(CONNECTIONS)]
        await caller.line("external_pause", agent_user="1000", value="RESUME")

        async def ready() -> bool:
            return await agent_state(caller) == "ready"

        await until("the agent ready", ready)
        ways = {"add_lead": Leads(callers).add, "bare Originate": originate(asterisk)}
        measured = {name: Times() for name in ways}
        for number in range(WARM_UP + asked.leads):
            for name in sorted(ways, reverse=bool(number % 2)):
                took = await carrier.until_called(ways[name])
                if number >= WARM_UP:
                    measured[name].alone.append(took)
                await carrier.quiet()
        for name, ring in ways.items():
            measured[name].steady += await steady(carrier, ring, asked.rate, asked.seconds)
            await carrier.quiet()
        for each in callers:
            each.close()
        return measured


def show(measured: dict[str, Times], rate: int) -> None:
    """Print the table and the aims."""
    print(f"{'milliseconds to the INVITE':26}{'':>24}{'p50':>9}{'p90':>9}{'p99':>9}")
    for what, of in (("one after the other", "alone"), (f"{rate} a second", "steady")):
        rows = {name: getattr(times, of) for name, times in measured.items()}
        for name, times in rows.items():
            cuts = "".join(f"{percentile(times, share):9.2f}" for share in (50, 90, 99))
            print(f"{name:26}{what:>24}{cuts}")
        ours, bare = rows.values()
        added, tail = percentile(ours, 50) - percentile(bare, 50), percentile(ours, 99)
        ratio = percentile(ours, 50) / percentile(bare, 50)
        print(
            f"{'':26}{'':>24}  added at p50: {added:.2f} (x {ratio:.2f}), aim {AIM_ADDED:g} "
            f"{said(added <= AIM_ADDED)}; p99: {tail:.1f}, aim {AIM_TAIL:g} {said(tail <= AIM_TAIL)}"
        )


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stack", default="bench")
    parser.add_argument("--leads", type=int, default=200, help="one after the other")
    parser.add_argument("--rate", type=int, default=50, help="leads per second")
    parser.add_argument("--seconds", type=int, default=6, help="for so long")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the store is put")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    stack = stack_values(asked.stack)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        measured = uvloop.run(run(stack, asked, Path(folder)))
    print(f"Asterisk {stack['ASTERISK_VERSION']}, SQLite synced to disk")
    show(measured, asked.rate)


if __name__ == "__main__":
    main()
