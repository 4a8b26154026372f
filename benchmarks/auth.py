"""What it costs to know who asks and whether she may: a guarded route beside the same one without a guard.

Both answer a line from one server, asked in turn by one client on one connection. The caller is known (her
secret was checked a moment ago, her key was used); that is the case of every request but the first. `secret`
is HTTP Basic, `key` an `Authorization: Bearer`. The difference of the medians is what the check costs.

Usage: `auth.py [--requests 3000] [--rounds 5]`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop
from _bridge import ROOT, Caller, free_port

from bridge.access.tokens import KEY_PREFIX, is_token

AIM = 0.2
"""Milliseconds of the check, at the median."""
WARM = 200


class KeyCaller(Caller):
    """A caller who shows a key."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__(port, "")
        self._authorization = f"Authorization: Bearer {token}\r\n"


@asynccontextmanager
async def callers() -> AsyncIterator[tuple[Caller, Caller]]:
    """One with the secret, one with a key, of a server of their own."""
    port, secret = free_port(), secrets.token_urlsafe(24)
    (ROOT / "var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=ROOT / "var") as folder:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, str(Path(__file__).with_name("_guarded_api.py"))),
            *(str(port), f"{folder}/bridge.db"),
            env=os.environ | {"BENCH_SECRET": secret},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        token = await _token(server)
        found = Caller(port, secret), KeyCaller(port, token)
        try:
            for caller in found:
                await caller.connect()
            yield found
        finally:
            server.terminate()
            await server.wait()


async def _token(server: asyncio.subprocess.Process) -> str:
    """The key that it prints, after what it logs."""
    assert server.stdout is not None
    async for line in server.stdout:
        if is_token(token := line.decode().strip(), KEY_PREFIX):
            return token
    sys.exit("the server did not start")


async def latencies(caller: Caller, path: str, count: int) -> list[float]:
    """Milliseconds of each request."""
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        reply = await caller.text(path)
        found.append((time.perf_counter() - begun) * 1000)
        assert reply == "done", reply
    return found


async def main(requests: int, rounds: int) -> None:
    """Ask in turn and print the table."""
    async with callers() as (by_secret, by_key):
        kinds = {"bare": (by_secret, "/bare"), "secret": (by_secret, "/guarded"), "key": (by_key, "/guarded")}
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for caller, path in kinds.values():
            await latencies(caller, path, WARM)
        for _ in range(rounds):
            for kind, (caller, path) in kinds.items():
                times[kind] += await latencies(caller, path, requests // rounds)
    bare = statistics.median(times["bare"])
    print(f"{'':8} {'p50 ms':>8} {'p99 ms':>8} {'check ms':>9} {'of bare':>8}")
    for kind, found in times.items():
        p50, p99 = statistics.median(found), statistics.quantiles(found, n=100)[98]
        print(f"{kind:8} {p50:8.3f} {p99:8.3f} {p50 - bare:9.3f} {p50 / bare:8.2f}")
    print(f"aim: a check below {AIM} ms at the median")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--requests", type=int, default=3000, help="of each kind")
    parser.add_argument("--rounds", type=int, default=5, help="turns")
    given = parser.parse_args()
    uvloop.run(main(given.requests, given.rounds))
