"""A bridge of the benchmark's own beside the containers of `docker/engine`, and a caller of its API."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bridge.ami import AmiClient, AmiSettings

ROOT = Path(__file__).parents[1]
USER = "bench"
DEADLINE = 20.0
"""Seconds for anything that has to come true."""

ONE_AGENT = {"1000": "1000"}
"""Phones by user."""

SITE = """
trunk = [{ name = "carrier", template = "PJSIP/{number}@carrier" }]
usergroup = [{ name = "ADMIN" }]
phone = [{ login = "1000" }]
agent = [{ user = "1000", group = "ADMIN" }]
list = [{ id = 998, campaign = "BENCH" }]

# Numbers of the benchmarks are fictional, and they run at any hour.
[[calltime]]
name = "law-US"
hours = "00:00-24:00"
source = "nobody is called"

[[calltime]]
name = "law-US-FL"
hours = "00:00-24:00"
source = "nobody is called"

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

    def __init__(self, port: int, secret: str, pid: int = 0) -> None:
        self.pid = pid
        """Of the server's process."""
        self._port = port
        self._secret = secret
        login = base64.b64encode(f"{USER}:{secret}".encode()).decode()
        self._authorization = f"Authorization: Basic {login}\r\n"
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

    async def another(self) -> Caller:
        """A caller on a connection of its own."""
        caller = Caller(self._port, self._secret, self.pid)
        await caller.connect()
        return caller

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def line(self, function: str, **parameters: str) -> str:
        """Call a function of the agent API's line format."""
        return await self._function("/agc/api.php", function, parameters)

    async def non_agent(self, function: str, **parameters: str) -> str:
        """Call one of the non-agent API."""
        return await self._function("/vicidial/non_agent_api.php", function, parameters)

    async def _function(self, path: str, function: str, parameters: dict[str, str]) -> str:
        given = {"source": "bench", "user": USER, "pass": self._secret, "function": function} | parameters
        return await self._ask("GET", f"{path}?{urlencode(given)}")

    async def get(self, path: str) -> Any:
        """GET some JSON."""
        return json.loads(await self.text(path))

    async def text(self, path: str) -> str:
        """GET some text."""
        return await self._ask("GET", path)

    async def post(self, path: str, body: object) -> None:
        """POST some JSON."""
        await self._ask("POST", path, json.dumps(body))

    async def put(self, path: str, body: object) -> None:
        """PUT some JSON."""
        await self._ask("PUT", path, json.dumps(body))

    async def messages(self, path: str) -> AsyncIterator[Any]:
        """The data of server-sent events, as they come, until the task is cancelled."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{self._authorization}\r\n".encode())
        while line := await self._reader.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])

    async def _ask(self, method: str, path: str, body: str = "") -> str:
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{self._authorization}"
        kind = "Content-Type: application/json\r\n" if body else ""
        if self._reader.at_eof():  # the server lets go of a connection on which nobody asks for some seconds
            await self.connect()
        asked = f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        self._writer.write(asked)
        try:
            reply = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        except asyncio.IncompleteReadError as gone:
            if gone.partial:
                raise
            await self.connect()  # it let go just as we asked, and has not read the request
            self._writer.write(asked)
            reply = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(reply.partition("content-length:")[2].partition("\r\n")[0])
        return (await self._reader.readexactly(length)).decode()


async def to_hopper(caller: Caller, number: str) -> None:
    """Add a lead and put it into the hopper, as a web form's server does.

    Raises:
        RuntimeError: it is not there.
    """
    reply = await caller.non_agent(
        "add_lead", phone_number=number, phone_code="1", list_id="998", add_to_hopper="Y"
    )
    if "ADDED TO HOPPER" not in reply:
        raise RuntimeError(reply)


def busy_number() -> str:
    """A number that is busy at the carrier, another each time: the same again counts as a double click."""
    return f"72755{next(_numbers) % 1000:03d}01"


_numbers = itertools.count()


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running_bridge(
    stack: dict[str, str],
    folder: Path,
    site: str = SITE,
    agents: Mapping[str, str] = ONE_AGENT,
    settings: str = SETTINGS,
) -> AsyncIterator[Caller]:
    """Run `agent-bridge serve` on a store in this folder, with its agents seated and paused.

    Args:
        stack: the containers.
        folder: of the store and the settings.
        site: in TOML; with campaign BENCH, and the API user.
        agents: phones by user.
        settings: in TOML, with the values of `stack` to be filled in.
    """
    port, secret = free_port(), secrets.token_urlsafe()
    (folder / "bridge.toml").write_text(settings.format(port=port, folder=folder, **stack))
    (folder / "site.toml").write_text(site)
    environment = os.environ | {
        "AGENT_BRIDGE_CONFIG": str(folder / "bridge.toml"),
        "BENCH_SECRET": secret,
        "PYTHONPATH": str(ROOT),
    }
    bridge = [sys.executable, "-m", "bridge"]
    load = [*bridge, "load", str(folder / "site.toml")]
    await asyncio.to_thread(subprocess.run, load, env=environment, stdout=subprocess.DEVNULL, check=True)
    service = await asyncio.create_subprocess_exec(*bridge, "serve", env=environment)
    caller = Caller(port, secret, service.pid)
    try:
        await caller.connect()
        await _seat(caller, agents)
        yield caller
        for user in agents:
            await caller.line("logout", agent_user=user, value="LOGOUT")
            await until(f"agent {user} logged out", partial(_logged_out, caller, user))
        caller.close()
    finally:
        service.terminate()
        await service.wait()


async def _seat(caller: Caller, agents: Mapping[str, str]) -> None:
    async def ready() -> bool:
        return bool((await caller.get("/ready"))["status"] == "ready")

    async def seated(user: str) -> bool:
        return await agent_state(caller, user) == "paused"

    await until("a bridge that is ready", ready)
    for user, phone in agents.items():
        await caller.post(f"/v1/agents/{user}/login", {"phone": phone, "campaign": "BENCH"})
        await until(f"agent {user} in her room", partial(seated, user))


async def agent_state(caller: Caller, user: str = "1000") -> str:
    """The state of an agent; empty if she is not logged in."""
    told = await caller.get(f"/v1/agents/{user}")
    return str(told.get("state") or "") if told.get("status") != 404 else ""


async def _logged_out(caller: Caller, user: str) -> bool:
    return await agent_state(caller, user) == ""
