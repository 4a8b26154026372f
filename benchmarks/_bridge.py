"""A bridge of the benchmark's own beside the containers of `docker/engine`, and a caller of its API."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bridge.ami import AmiClient, AmiSettings

ROOT = Path(__file__).parents[1]
USER = "bench"
DEADLINE = 20.0
"""Seconds for anything that has to come true."""

SITE = """
trunk = [{ name = "carrier", template = "PJSIP/{number}@carrier" }]
usergroup = [{ name = "ADMIN" }]
phone = [{ login = "1000" }]
agent = [{ user = "1000", group = "ADMIN" }]
list = [{ id = 998, campaign = "BENCH" }]

[[campaign]]
id = "BENCH"
trunk = "carrier"
caller_id = "7275550000"
wrapup_seconds = 0
manual_list = 998

[[apiuser]]
user = "bench"
level = 9
functions = "ALL"
rights = "ALL"
secret_env = "BENCH_SECRET"
"""

SETTINGS = """
[http]
port = {port}
[store]
url = "sqlite:///{folder}/bridge.db"
[[asterisk]]
port = {AMI_PORT}
user = "{AMI_USER}"
secret = "{AMI_SECRET}"
[agi]
host = "{HOST_GATEWAY}"
port = {AGI_PORT}
secret = "{RELAY_SECRET}"
[log]
level = "error"  # reports of the bare calls, which the bridge does not know, are warnings
"""


def stack_values(name: str) -> dict[str, str]:
    """Ports, users and secrets of a stack; ends the program if it does not run."""
    told = subprocess.run(
        [ROOT / "docker/engine", "env", "--stack", name], capture_output=True, text=True, check=False
    )
    if told.returncode != 0:
        sys.exit(f"{told.stderr.strip()}\nor let `make bench NAME=…` start it")
    return dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)


def ami_client(stack: dict[str, str], prefix: str = "") -> AmiClient:
    """A client of the stack's Asterisk; of its carrier with the prefix `CARRIER_`."""
    user, secret = stack[f"{prefix}AMI_USER"], stack[f"{prefix}AMI_SECRET"]
    return AmiClient(
        AmiSettings(
            name=prefix or "asterisk",
            host="127.0.0.1",
            port=int(stack[f"{prefix}AMI_PORT"]),
            user=user,
            secret=secret,
        )
    )


async def until(what: str, look: Callable[[], Awaitable[bool]]) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: it is not, in time.
    """
    end = time.monotonic() + DEADLINE
    while not await look():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {DEADLINE:g} s: {what}")
        await asyncio.sleep(0.01)


class Caller:
    """A caller of the API on one connection that stays open: as little work of its own as can be."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret
        self._login = base64.b64encode(f"{USER}:{secret}".encode()).decode()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> None:
        """Connect, once the bridge listens."""

        async def look() -> bool:
            try:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                return False
            return True

        await until("a bridge that listens", look)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def line(self, function: str, **parameters: str) -> str:
        """Call a function of the line format."""
        given = {"source": "bench", "user": USER, "pass": self._secret, "function": function} | parameters
        return await self._ask("GET", f"/agc/api.php?{urlencode(given)}")

    async def get(self, path: str) -> Any:
        """GET some JSON."""
        return json.loads(await self._ask("GET", path))

    async def post(self, path: str, body: object) -> None:
        """POST some JSON."""
        await self._ask("POST", path, json.dumps(body))

    async def _ask(self, method: str, path: str, body: str = "") -> str:
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Basic {self._login}\r\n"
        kind = "Content-Type: application/json\r\n" if body else ""
        self._writer.write(f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        reply = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(reply.partition("content-length:")[2].partition("\r\n")[0])
        return (await self._reader.readexactly(length)).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running_bridge(stack: dict[str, str], folder: Path) -> AsyncIterator[Caller]:
    """Run `agent-bridge serve` on a store in this folder, with agent 1000 seated and paused."""
    port, secret = _free_port(), secrets.token_urlsafe()
    (folder / "bridge.toml").write_text(SETTINGS.format(port=port, folder=folder, **stack))
    (folder / "site.toml").write_text(SITE)
    environment = os.environ | {
        "AGENT_BRIDGE_CONFIG": str(folder / "bridge.toml"),
        "BENCH_SECRET": secret,
        "PYTHONPATH": str(ROOT),
    }
    bridge = [sys.executable, "-m", "bridge"]
    load = [*bridge, "load", str(folder / "site.toml")]
    await asyncio.to_thread(subprocess.run, load, env=environment, stdout=subprocess.DEVNULL, check=True)
    service = await asyncio.create_subprocess_exec(*bridge, "serve", env=environment)
    caller = Caller(port, secret)
    try:
        await caller.connect()
        await _seat(caller)
        yield caller
        await caller.line("logout", agent_user="1000", value="LOGOUT")
        await until("agent 1000 logged out", lambda: _logged_out(caller))
        caller.close()
    finally:
        service.terminate()
        await service.wait()


async def _seat(caller: Caller) -> None:
    async def ready() -> bool:
        return bool((await caller.get("/ready"))["status"] == "ready")

    async def seated() -> bool:
        return await agent_state(caller) == "paused"

    await until("a bridge that is ready", ready)
    await caller.post("/v1/agents/1000/login", {"phone": "1000", "campaign": "BENCH"})
    await until("agent 1000 in her room", seated)


async def agent_state(caller: Caller) -> str:
    """The state of agent 1000; empty if she is not logged in."""
    told = await caller.get("/v1/agents/1000")
    return str(told.get("state") or "") if told.get("status") != 404 else ""


async def _logged_out(caller: Caller) -> bool:
    return await agent_state(caller) == ""
