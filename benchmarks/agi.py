"""How many FastAGI sessions a second, and at what cost: ours, panoramisk, pyst2 and a bare asyncio server.

Every server runs in a process of its own; this process is the Asterisk: 50 sessions at a time, 22
environment lines and 5 `GET VARIABLE` each, over loopback. The servers take turns, so that whatever else the
machine does falls on all of them alike, and of each the best round counts. `us/command` is the round trip of
one command with one session open. Ratios are to the bare server, which checks nothing.

Usage: `agi.py [--sessions 4000] [--rounds 5]`. Needs panoramisk and pyst2 (the test extra).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from _agi_servers import SERVERS, VARIABLES

AT_ONCE = 50
_TICKS = os.sysconf("SC_CLK_TCK")
_NAMES = ["network", "network_script", "channel", "callerid"] + [f"name{n}" for n in range(18)]
OPENING = "".join(
    f"agi_{name}: {'bench' if name == 'network_script' else 'PJSIP/1000-0000002a'}\n" for name in _NAMES
).encode()


class Call(asyncio.Protocol):
    """One session, as Asterisk leads it."""

    def __init__(self, done: asyncio.Future[int]) -> None:
        self._done = done
        self._answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the environment."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._transport.write(OPENING + b"\n")

    def data_received(self, data: bytes) -> None:
        """Answer each command."""
        for _ in range(data.count(b"\n")):
            self._answered += 1
            self._transport.write(b"200 result=1 (value of it)\n")

    def connection_lost(self, _error: Exception | None) -> None:
        """Count the answers."""
        self._done.set_result(self._answered)


async def one_call(port: int) -> None:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[int] = loop.create_future()
    await loop.create_connection(lambda: Call(done), "127.0.0.1", port)
    if await done != len(VARIABLES):
        raise RuntimeError("a server asked for less than five variables")


async def calls(port: int, count: int, at_once: int) -> None:
    left = iter(range(count))

    async def caller() -> None:
        for _ in left:
            await one_call(port)

    await asyncio.gather(*(caller() for _ in range(at_once)))


def _serve(name: str, pipe: Connection) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    SERVERS[name](pipe.send)


@contextmanager
def server(name: str) -> Iterator[tuple[int, int]]:
    """Start a server; its port and its process id."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(name, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(20):
            raise RuntimeError(f"{name} did not start")
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass
class Result:
    """The best of all rounds."""

    rate: float = 0.0
    cpu: float = float("inf")
    command: float = float("inf")

    def add(self, rate: float, used: float, command: float) -> None:
        """Take a round."""
        self.rate = max(self.rate, rate)
        self.cpu = min(self.cpu, used)
        self.command = min(self.command, command)


def one_round(port: int, pid: int, sessions: int) -> tuple[float, float, float]:
    used, begun = cpu(pid), time.perf_counter()
    asyncio.run(calls(port, sessions, AT_ONCE))
    rate, used = sessions / (time.perf_counter() - begun), (cpu(pid) - used) / sessions * 1e6
    few = max(sessions // 10, 50)
    begun = time.perf_counter()
    asyncio.run(calls(port, few, 1))
    return rate, used, (time.perf_counter() - begun) / few / len(VARIABLES) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=4000, help="sessions a round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    results = {name: Result() for name in SERVERS}
    for _ in range(options.rounds):
        for name, result in results.items():
            with server(name) as (port, pid):
                asyncio.run(calls(port, 200, AT_ONCE))  # warm
                result.add(*one_round(port, pid, options.sessions))
    bare = next(iter(results.values()))
    head = ("sessions/s", "ratio", "CPU us/session", "ratio", "us/command", "ratio")
    print(
        f"{'server':<22}" + "".join(f"{title:>16}" if title != "ratio" else f"{title:>7}" for title in head)
    )
    for name, r in results.items():
        print(
            f"{name:<22}{r.rate:>16,.0f}{r.rate / bare.rate:>7.2f}{r.cpu:>16.0f}{bare.cpu / r.cpu:>7.2f}"
            f"{r.command:>16.0f}{bare.command / r.command:>7.2f}"
        )
    print(
        "ratio: to the bare server, above 1 is better. us/command includes a fifth of making the connection."
    )


if __name__ == "__main__":
    main()
