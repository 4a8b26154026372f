"""Calls per second through the whole path, against bare AMI Originates with a trivial AGI server.

A campaign with so many agents ready is switched on with its hopper full: each lead is dialled, rings for a
second, answers, is given to an agent by the script `call_answered`, says hello in her room and hangs up; the
agent is ready again. From the switch until the last call is disposed. The peer: as many Originates under way
as there are agents, to the same numbers; a hand-written FastAGI server in this process sends each to one of
the agents' rooms, by the same application, and the carrier hangs up.

Each agent's phone is a channel within Asterisk. Bridge, Asterisk, carrier and this process share the machine;
with `--apart` Asterisk and the carrier have a processor of their own.

Usage: `dial_rate.py [--stack bench] [--agents 96] [--calls 400] [--rounds 2] [--apart]`.
Needs `docker/engine up asterisk carrier`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import uvloop
from _bridge import (
    ROOT,
    Caller,
    agent_state,
    ami_client,
    running_bridge,
    stack_values,
    to_hopper,
    until,
)
from _figures import said
from _processors import apart
from api import FIRST_ROOM, agents_of, site_of

from bridge.ami import AmiClient
from bridge.ami.actions import CoreShowChannels, Originate
from bridge.ami.events import AmiEvent
from bridge.ids import uuid7

AIM = 0.8
"""Share of the bare Originates' rate."""
DIALLING = """wrapup_seconds = 0
dial_level = 1.0
dial_statuses = ["NEW"]
drop_seconds = 20
"""
CONTEXT = "bench-answered"
"""Where the bare calls go when they are answered; made for the run."""
_numbers = itertools.count()


def answers() -> str:
    """A number that rings for a second, answers, says hello and hangs up; another each time."""
    return f"72755{next(_numbers) % 1000:03d}06"


def site(agents: dict[str, str]) -> str:
    """The benchmarks' site, with a campaign that may dial by itself."""
    found = site_of(agents).replace('@carrier" }]', '@carrier", calls_per_second = 1000.0 }]')
    return found.replace("wrapup_seconds = 0\n", DIALLING)


@asynccontextmanager
async def trivial_agi(container: str, host: str, rooms: list[int]) -> AsyncIterator[None]:
    """A FastAGI server that sends each call to the next room, and a place in the dialplan that asks it."""
    turn = itertools.cycle(rooms)

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\n\n")
            writer.write(f"EXEC ConfBridge {next(turn)},bridge_room,bridge_customer\n".encode())
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(session, host, 0, backlog=1024)
    async with server:
        url = f"agi://{host}:{server.sockets[0].getsockname()[1]}/room"
        await command(container, f"dialplan add extension s,1,AGI,{url} into {CONTEXT}")
        yield
        await command(container, f"dialplan remove context {CONTEXT}")


async def command(container: str, words: str) -> None:
    """A command of Asterisk's console."""
    run = await asyncio.create_subprocess_exec(
        "docker", "exec", container, "asterisk", "-rx", words, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await run.communicate()
    if run.returncode or b"fail" in said.lower():
        raise RuntimeError(f"{words}: {said.decode()}")


class Bare:
    """Originates without the bridge."""

    def __init__(self, asterisk: AmiClient) -> None:
        self._asterisk = asterisk
        self._gone: dict[str, asyncio.Event] = {}
        asterisk.on("Hangup", self._hangup)

    def _hangup(self, event: AmiEvent) -> None:
        if event["Uniqueid"] in self._gone:
            self._gone.pop(event["Uniqueid"]).set()

    async def calls(self, count: int, at_once: int) -> float:
        """Calls per second."""
        left = iter(range(count))
        begin = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._some(left))
        return count / (time.perf_counter() - begin)

    async def _some(self, left: Iterator[int]) -> None:
        for _ in left:
            call_id = uuid7()
            gone = self._gone[call_id] = asyncio.Event()
            action = Originate(
                channel=f"PJSIP/{answers()}@carrier",
                channel_id=call_id,
                context=CONTEXT,
                exten="s",
                timeout_ms=20_000,
                caller_id="7275550000 <7275550000>",
                variables={"__BRIDGE_CALL_ID": call_id, "CDR(userfield)": call_id},
            )
            await self._asterisk.send(action)
            await asyncio.wait_for(gone.wait(), 60)


class Ours:
    """The campaign."""

    def __init__(self, caller: Caller, listener: Caller, agents: list[str]) -> None:
        self._caller = caller
        self._listener = listener
        self._agents = agents

    async def resume(self) -> None:
        """Let the agents wait."""
        for user in self._agents:
            await self._caller.line("external_pause", agent_user=user, value="RESUME")
            await until(f"agent {user} ready", partial(self._is_ready, user))

    async def _is_ready(self, user: str) -> bool:
        return await agent_state(self._caller, user) == "ready"

    async def calls(self, count: int) -> tuple[float, int]:
        """Calls per second, and how many of them had no agent."""
        for _ in range(count):
            await to_hopper(self._caller, answers())
        over = asyncio.create_task(self._disposed(count))
        await asyncio.sleep(0.2)  # the stream is open
        begin = time.perf_counter()
        await self.switch(on=True)
        without = await asyncio.wait_for(over, 300)
        rate = count / (time.perf_counter() - begin)
        await self.switch(on=False)
        return rate, without

    async def switch(self, *, on: bool) -> None:
        """Let the campaign dial by itself, or not."""
        campaign = await self._caller.get("/v1/site/campaigns/BENCH")
        await self._caller.put(
            "/v1/site/campaigns/BENCH", campaign | {"dial_method": "RATIO" if on else "MANUAL"}
        )

    async def _disposed(self, count: int) -> int:
        seen = without = 0
        async for event in self._listener.messages("/v1/events?type=call.disposed"):
            seen += 1
            without += not event["data"].get("user")
            if seen == count:
                break
        self._listener = await self._caller.another()
        return without


async def run(stack: dict[str, str], asked: argparse.Namespace, folder: Path) -> tuple[list[float], ...]:
    """Both ways, in turn."""
    agents = agents_of(asked.agents)
    rooms = [FIRST_ROOM + number for number in range(len(agents))]
    async with (
        ami_client(stack) as asterisk,
        trivial_agi(stack["ASTERISK_CONTAINER"], stack["HOST_GATEWAY"], rooms),
        running_bridge(stack, folder, site(agents), agents) as caller,
    ):
        await asterisk.connected(10)
        before = len(await asterisk.send_list(CoreShowChannels()))

        async def quiet() -> bool:
            return len(await asterisk.send_list(CoreShowChannels())) <= before

        bare, ours = Bare(asterisk), Ours(caller, await caller.another(), list(agents))
        found: tuple[list[float], list[float], list[float]] = ([], [], [])
        await ours.resume()
        for _ in range(asked.rounds):
            rate, without = await ours.calls(asked.calls)
            found[0].append(rate)
            found[2].append(without)
            await until("Asterisk without calls", quiet)
            found[1].append(await bare.calls(asked.calls, asked.agents))
            await until("Asterisk without calls", quiet)
        return found


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stack", default="bench")
    parser.add_argument("--agents", type=int, default=96)
    parser.add_argument("--calls", type=int, default=400, help="in a round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--apart", action="store_true", help="let Asterisk have a processor of its own")
    parser.add_argument("--folder", type=Path, default=ROOT / "var", help="where the store is put")
    asked = parser.parse_args()
    asked.folder.mkdir(exist_ok=True)
    stack = stack_values(asked.stack)
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder,
        apart(stack) if asked.apart else contextlib.nullcontext(),
    ):
        ours, bare, without = uvloop.run(run(stack, asked, Path(folder)))
    ratio = statistics.median(ours) / statistics.median(bare)
    print(f"Asterisk {stack['ASTERISK_VERSION']}, SQLite synced to disk, {asked.agents} agents")
    print(f"{'calls per second':24}{'rounds':>24}{'median':>9}")
    for name, rates in (("the whole path", ours), ("bare Originates", bare)):
        rounds = " ".join(f"{rate:.1f}" for rate in rates)
        print(f"{name:24}{rounds:>24}{statistics.median(rates):9.1f}")
    print(f"calls without an agent: {int(sum(without))} of {len(ours) * asked.calls}")
    print(f"the whole path reaches {ratio:.2f} of the bare rate; aim {AIM}: {said(ratio >= AIM)}")


if __name__ == "__main__":
    main()
