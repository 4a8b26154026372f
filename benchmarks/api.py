"""The agent API: requests per second and latency with 1, 16, 64 clients; when its action is on the wire.

In one run, taking turns: (a) a bare Litestar handler that reads the same query and writes a line;
(b) `external_pause`, each request a change of state with login, commit, event and AMI actions; (c)
`external_dial`, each a call to a number that is busy, waited for until the agent is free again; (d) bare AMI
Originates of the same channels, waited for until they are gone. Each client has an agent of her own, whose
phone is a channel within Asterisk. Then, one client alone: milliseconds from the request to the first byte
of its action on the AMI socket, seen by a proxy in this process between bridge and Asterisk. All times are
of this process's clock; all of them share the machine.

With `--apart` Asterisk has a processor of its own, and everything else shares the others: how much of what
Asterisk can do is reached by way of the bridge, when that does not take Asterisk's processor away.

With `--memory 100000` it only sends so many requests and shows the memory of the bridge meanwhile.

Usage: `api.py [--stack bench] [--clients 1,16,64] [--requests 3000] [--dials 300] [--rounds 3] [--apart]`.
Needs `docker/engine up asterisk carrier`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from _ami_wire import watched
from _bridge import (
    ROOT,
    SITE,
    Caller,
    ami_client,
    busy_number,
    free_port,
    running_bridge,
    stack_values,
    until,
)
from _figures import percentile, said
from _processors import apart

from bridge.ami import AmiClient
from bridge.ami.actions import CoreShowChannels, Originate
from bridge.ami.events import AmiEvent
from bridge.ids import uuid7

FIRST_ROOM = 8_600_051
"""Rooms are given out in turn from here on: that of the first agent to log in."""
AIM_WIRE = 2.0
"""Milliseconds from the request to the action's first byte, at the median and with one client."""
AIM_PAUSE, AIM_DIAL = 0.15, 0.7
"""Share of the bare handler's requests, and of the bare Originates, at 16 clients."""
AIM_TAIL = 5.0
"""Times the median that the 99th of 100 requests may take."""

Ask = Callable[[int, int], Awaitable[None]]
"""One request of a client: which client, and which request of it."""


@dataclass
class Measured:
    """What one way of asking has reached, round by round."""

    rates: list[float] = field(default_factory=list)
    """Requests per second."""
    times: list[float] = field(default_factory=list)
    """Milliseconds of each request."""

    @property
    def rate(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rates)

    def percentile(self, share: int) -> float:
        """Milliseconds that so many per cent of the requests do not exceed."""
        return percentile(self.times, share)


def agents_of(count: int) -> dict[str, str]:
    """Phones by user: extensions, so short that the gate takes none for a telephone number."""
    return {str(2000 + number): str(20_000 + number) for number in range(count)}


def site_of(agents: dict[str, str]) -> str:
    """The benchmarks' site with these agents, whose phones need no network and make no sound."""
    people = "".join(
        f'\n[[phone]]\nlogin = "{phone}"\ntemplate = "Local/{{phone}}@bridge-room/n"\n'
        f'\n[[agent]]\nuser = "{user}"\ngroup = "ADMIN"\n'
        for user, phone in agents.items()
    )
    plain = "\n".join(line for line in SITE.splitlines() if not line.startswith(("phone =", "agent =")))
    queues = plain.replace('id = "BENCH"', 'id = "BENCH"\nqueues = ["SALESLINE"]')
    return f'{queues}\n[[ingroup]]\nname = "SALESLINE"\n{people}'


class Bench:
    """The bridge with its callers, the bare server with its own, and Asterisk."""

    def __init__(self, clients: int, agents: Sequence[str], asterisk: AmiClient) -> None:
        self.agents = agents[:clients]
        self.bridge: list[Caller] = []
        self.bare: list[Caller] = []
        self._asterisk = asterisk
        self._free = {user: asyncio.Event() for user in self.agents}
        self._gone: dict[str, asyncio.Event] = {}
        self._last: dict[int, asyncio.Event] = {}
        asterisk.on("Hangup", self._hangup)

    def _hangup(self, event: AmiEvent) -> None:
        if event["Uniqueid"] in self._gone:
            self._gone.pop(event["Uniqueid"]).set()

    async def listen(self, caller: Caller) -> None:
        """Hear of each agent who is free again, because her call is disposed, until cancelled."""
        async for event in caller.messages("/v1/events?type=call.disposed"):
            user = event.get("data", {}).get("user", "")
            if user in self._free:
                self._free[user].set()

    async def ask_bare(self, client: int, number: int) -> None:
        """A request that nothing is done for."""
        await self._pause(self.bare[client], client, number)

    async def ask_pause(self, client: int, number: int) -> None:
        """A request that changes the agent's state: resumed, paused, and so on."""
        await self._pause(self.bridge[client], client, number)

    async def _pause(self, caller: Caller, client: int, number: int) -> None:
        value = "PAUSE" if number % 2 else "RESUME"
        expect(await caller.line("external_pause", agent_user=self.agents[client], value=value))

    async def ask_dial(self, client: int, _number: int) -> None:
        """A request that makes a call."""
        user = self.agents[client]
        self._free[user].clear()
        expect(await dial(self.bridge[client], user))

    async def after_dial(self, client: int) -> None:
        """Wait until the agent may dial again."""
        await asyncio.wait_for(self._free[self.agents[client]].wait(), 60)

    async def originate(self, client: int, _number: int) -> None:
        """The same channels as those of a dial, without the bridge."""
        call_id = uuid7()
        gone = self._gone[call_id] = asyncio.Event()
        action = Originate(
            channel=f"Local/{FIRST_ROOM + client}@bridge-room/n",
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
        self._last[client] = gone
        await self._asterisk.send(action)

    async def after_originate(self, client: int) -> None:
        """Wait until its channel is gone."""
        await asyncio.wait_for(self._last[client].wait(), 60)


async def dial(caller: Caller, user: str) -> str:
    """Dial as a CRM does; the reply."""
    return await caller.line(
        "external_dial",
        agent_user=user,
        value=busy_number(),
        phone_code="1",
        search="NO",
        preview="NO",
        focus="NO",
    )


def expect(reply: str) -> None:
    """Raise if the request was refused: then nothing would have been measured."""
    if not reply.startswith("SUCCESS"):
        raise RuntimeError(reply)


async def load(
    measured: Measured,
    clients: int,
    requests: int,
    ask: Ask,
    after: Callable[[int], Awaitable[None]] | None = None,
) -> None:
    """Let every client ask, one request after the other, and note how long each takes."""
    each = max(2, requests // clients) // 2 * 2  # even: who was resumed is paused again

    async def one(client: int) -> None:
        for number in range(each):
            begin = time.perf_counter()
            await ask(client, number)
            measured.times.append((time.perf_counter() - begin) * 1000)
            if after is not None:
                await after(client)

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for client in range(clients):
            group.create_task(one(client))
    measured.rates.append(each * clients / (time.perf_counter() - begin))


@asynccontextmanager
async def bare_server() -> AsyncIterator[Caller]:
    """The bare handler in a process of its own."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("_bare_api.py")), str(port)
    )
    caller = Caller(port, "no-secret", server.pid)
    try:
        await caller.connect()
        yield caller
        caller.close()
    finally:
        server.terminate()
        await server.wait()


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    stack: dict[str, str]
    clients: tuple[int, ...]
    requests: int
    dials: int
    rounds: int
    folder: Path


async def rates(asked: Asked) -> dict[int, dict[str, Measured]]:
    """Each way with each number of clients, in turn."""
    agents = agents_of(max(asked.clients))
    async with (
        ami_client(asked.stack) as asterisk,
        bare_server() as bare,
        running_bridge(asked.stack, asked.folder, site_of(agents), agents) as caller,
    ):
        await asterisk.connected(10)
        before = await _channels(asterisk)
        found: dict[int, dict[str, Measured]] = {}
        for clients in asked.clients:
            bench = Bench(clients, list(agents), asterisk)
            bench.bridge = [await caller.another() for _ in range(clients)]
            bench.bare = [await bare.another() for _ in range(clients)]
            listening = asyncio.create_task(bench.listen(await caller.another()))
            found[clients] = await _in_turn(bench, clients, asked)
            await _quiet(asterisk, before)
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            for each in (*bench.bridge, *bench.bare):
                each.close()
        return found


async def _in_turn(bench: Bench, clients: int, asked: Asked) -> dict[str, Measured]:
    ways = {name: Measured() for name in WAYS}
    warm_up = Measured()
    await load(warm_up, clients, 20 * clients, bench.ask_bare)
    await load(warm_up, clients, 20 * clients, bench.ask_pause)
    for _ in range(asked.rounds):
        await load(ways["bare handler"], clients, asked.requests, bench.ask_bare)
        await load(ways["external_pause"], clients, asked.requests, bench.ask_pause)
        await load(ways["external_dial"], clients, asked.dials, bench.ask_dial, bench.after_dial)
        await load(ways["bare Originate"], clients, asked.dials, bench.originate, bench.after_originate)
    return ways


WAYS = ("bare handler", "external_pause", "external_dial", "bare Originate")


async def _channels(asterisk: AmiClient) -> int:
    return len(await asterisk.send_list(CoreShowChannels()))


async def _quiet(asterisk: AmiClient, before: int) -> None:
    """Wait until no more channels are left than there were before the calls: those of the agents."""

    async def look() -> bool:
        return await _channels(asterisk) <= before

    await until("Asterisk without calls", look)


async def wire_times(asked: Asked, requests: int) -> dict[str, list[float]]:
    """Milliseconds from the request to the first byte of its action, one client alone."""
    agents = agents_of(1)
    async with (
        watched(int(asked.stack["AMI_PORT"])) as wire,
        ami_client(asked.stack) as asterisk,
        running_bridge(
            asked.stack | {"AMI_PORT": str(wire.port)}, asked.folder, site_of(agents), agents
        ) as caller,
    ):
        await asterisk.connected(10)
        before = await _channels(asterisk)
        bench = Bench(1, list(agents), asterisk)
        bench.bridge = [await caller.another()]
        listening = asyncio.create_task(bench.listen(await caller.another()))
        found: dict[str, list[float]] = {"external_pause": [], "external_dial": []}
        for number in range(2 * requests):
            pausing = number < requests // 2 * 2
            action = wire.next_action()
            begin = time.perf_counter()
            await (bench.ask_pause(0, number) if pausing else bench.ask_dial(0, number))
            seen = await asyncio.wait_for(action, 10)
            found["external_pause" if pausing else "external_dial"].append((seen - begin) * 1000)
            await asyncio.sleep(0.02) if pausing else await bench.after_dial(0)
        await _quiet(asterisk, before)
        listening.cancel()
        return found


async def memory(asked: Asked, requests: int) -> list[float]:
    """Megabytes of the bridge's process, before and after each tenth of the requests, with 16 clients."""
    clients = 16
    agents = agents_of(clients)
    async with (
        ami_client(asked.stack) as asterisk,
        running_bridge(asked.stack, asked.folder, site_of(agents), agents) as caller,
    ):
        await asterisk.connected(10)
        bench = Bench(clients, list(agents), asterisk)
        bench.bridge = [await caller.another() for _ in range(clients)]
        found = [_megabytes(caller.pid)]
        for _ in range(10):
            await load(Measured(), clients, requests // 10, bench.ask_pause)
            found.append(_megabytes(caller.pid))
        return found


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    size = subprocess.run(["getconf", "PAGESIZE"], capture_output=True, text=True, check=True)
    return pages * int(size.stdout) / 1e6


def show_rates(found: dict[int, dict[str, Measured]]) -> None:
    """Print the table, ratios and aims."""
    print(f"{'clients':>8}  {'':16}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'p99/p50':>9}")
    for clients, ways in found.items():
        for name, measured in ways.items():
            middle, tail = measured.percentile(50), measured.percentile(99)
            row = f"{measured.rate:12.0f}{middle:9.2f}{tail:9.2f}{tail / middle:9.1f}"
            verdict = said(tail <= AIM_TAIL * middle) if name.startswith("external") else ""
            print(f"{clients:8}  {name:16}{row}  {verdict}")
        pause = ways["external_pause"].rate / ways["bare handler"].rate
        dials = ways["external_dial"].rate / ways["bare Originate"].rate
        print(
            f"{'':8}external_pause {pause:.2f} of the bare handler, external_dial {dials:.2f} of Originates"
        )
        if clients == 16:
            met = f"{AIM_PAUSE} {said(pause >= AIM_PAUSE)}, {AIM_DIAL} {said(dials >= AIM_DIAL)}"
            print(f"{'':8}aims: {met}")
    print(f"aim: p99 within {AIM_TAIL:g} times p50, for external_pause and external_dial")


def show_wire(found: dict[str, list[float]]) -> None:
    """Print when the action is on the wire."""
    print(f"\n{'milliseconds from the request to the first byte of its action':62}{'p50':>9}{'p99':>9}")
    for name, times in found.items():
        middle = percentile(times, 50)
        met = said(middle <= AIM_WIRE)
        print(f"{name:62}{middle:9.2f}{percentile(times, 99):9.2f}  aim {AIM_WIRE:g} at p50: {met}")


def show_memory(found: Sequence[float], requests: int) -> None:
    """Print how the memory went."""
    print(f"megabytes of the bridge, over {requests} external_pause with 16 clients:")
    print(" ".join(f"{value:.1f}" for value in found))
    grown = found[-1] / found[len(found) // 2] - 1
    print(f"over the second half: {grown:+.1%}; aim: flat (within 2 %): {said(abs(grown) <= 0.02)}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stack", default="bench")
    parser.add_argument("--clients", default="1,16,64")
    parser.add_argument("--requests", type=int, default=3000, help="in a round, of all clients together")
    parser.add_argument("--dials", type=int, default=300, help="in a round, of all clients together")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--memory", type=int, default=0, help="only look at the memory, over so many requests"
    )
    parser.add_argument("--apart", action="store_true", help="let Asterisk have a processor of its own")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the store is put")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    clients = tuple(int(number) for number in given.clients.split(","))
    stack = stack_values(given.stack)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=given.folder) as folder,
        apart(stack) if given.apart else contextlib.nullcontext(),
    ):
        asked = Asked(stack, clients, given.requests, given.dials, given.rounds, Path(folder))
        where = ", on a processor of its own" if given.apart else ""
        print(f"Asterisk {stack['ASTERISK_VERSION']}{where}, SQLite synced to disk")
        if given.memory:
            show_memory(uvloop.run(memory(asked, given.memory)), given.memory)
            return
        show_rates(uvloop.run(rates(asked)))
        Path(folder, "bridge.db").unlink()
        show_wire(uvloop.run(wire_times(asked, 200)))


if __name__ == "__main__":
    main()
