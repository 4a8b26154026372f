"""The service under test in a process of its own, and a caller of its API."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import httpx
from serving import serve
from site_of_tests import site_file
from stack import DEADLINE, ROOT, Stack, until

API_USER = "crm"
API_SECRET = "a-secret-of-the-tests"

START_DEADLINE = 60.0
"""Seconds; half a second is usual."""


_claims: list[socket.socket] = []


def free_port() -> int:
    """A TCP port that nobody listens on, and that no other run of tests beside this one is given.

    It is below those that the system gives to connections. A name in the kernel, held until this process
    ends, keeps the others off it until we listen.
    """
    first = 20_000 + os.getpid() % 10_000
    ports: tuple[int, ...] = (*range(first, 32_000), *range(20_000, first))
    for port in ports:
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                claim.bind(f"\0agent-bridge-tests-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                claim.close()
                continue
        _claims.append(claim)
        return port
    raise AssertionError("no port is free")


class Bridge:
    """A service on a store of its own."""

    def __init__(
        self,
        stack: Stack,
        folder: Path,
        *,
        ami_port: int | None = None,
        store: str = "",
        trunk: str = "PJSIP/{number}@carrier",
    ) -> None:
        self.folder = folder
        self._stack = stack
        self._store = store or f"sqlite:///{folder}/bridge.db"
        self.port = free_port()
        self.log = folder / "bridge.log"
        self.topics = f"test-{self.port}"
        """First part of its MQTT topics."""
        self._process: ForkServerProcess | None = None
        self._environment = os.environ | {
            "AGENT_BRIDGE_CONFIG": str(folder / "bridge.toml"),
            "TEST_API_SECRET": API_SECRET,
            "PYTHONASYNCIODEBUG": "",
        }
        self._write_settings(stack, trunk, ami_port or int(stack["AMI_PORT"]))
        self.api = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", auth=(API_USER, API_SECRET), timeout=30
        )

    def _write_settings(self, stack: Stack, trunk: str, ami_port: int) -> None:
        (self.folder / "site.toml").write_text(site_file(trunk))
        (self.folder / "bridge.toml").write_text(
            f"""
[http]
port = {self.port}

[store]
url = "{self._store}"

[admin]
socket = "{self.folder}/admin.sock"

[[asterisk]]
name = "pbx"
host = "127.0.0.1"
port = {ami_port}
user = "{stack["AMI_USER"]}"
secret = "{stack["AMI_SECRET"]}"
ping_interval = 1
ping_timeout = 2
websocket_url = "{stack["WEBSOCKET_URL"]}"

[agi]
host = "{stack["HOST_GATEWAY"]}"
port = {stack["AGI_PORT"]}
secret = "{stack["RELAY_SECRET"]}"

[mqtt]
url = "mqtt://{stack["MQTT_USER"]}:{stack["MQTT_PASSWORD"]}@127.0.0.1:{stack["MQTT_PORT"]}"
prefix = "{self.topics}"

[recordings]
folder = "{stack.recordings}"

[site]
country = "US"
timezone = "America/New_York"
"""
        )

    def command(self, *arguments: str) -> str:
        """Run the command line on this bridge's store; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bridge", *arguments],
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    async def start(self, *, but: str = "") -> None:
        """Start it, and wait until it is ready (`but`: for all checks but this one)."""
        self._process = await asyncio.to_thread(serve, self._environment, self.log)
        await self.until_ready(but=but, seconds=START_DEADLINE)

    async def until_ready(self, *, but: str = "", seconds: float = DEADLINE) -> None:
        """Wait until it is ready (`but`: for all that calls need but this)."""
        what = f"a bridge that is ready, see {self.log}"
        await until(lambda: self.ready(but=but), what, seconds=seconds)

    async def ready(self, *, but: str = "") -> bool:
        """Whether it says so."""
        assert self._process is not None
        assert self._process.is_alive(), self.log.read_text()[-3000:]
        try:
            reply = await self.api.get("/ready")
        except httpx.TransportError:
            return False
        away = {name for name, good in reply.json()["checks"].items() if not good}
        return reply.status_code == 200 or away <= {but, "mqtt"}

    async def duties(self) -> list[str]:
        """What of the work of all bridges on its database it does now."""
        try:
            found: list[str] = (await self.api.get("/ready")).json()["duties"]
        except httpx.TransportError:
            return []
        return found

    @property
    def runs(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int:
        """The process that runs."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, number: signal.Signals) -> None:
        """Stop it in mid step, let it go on, whatever the signal says."""
        os.kill(self.pid, number)

    async def kill(self) -> None:
        """`kill -9`: no word of farewell to anybody."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to stop."""
        await self._end(signal.SIGTERM)

    async def close(self) -> None:
        """Stop it if it runs, and let the client go."""
        await self.stop()
        await self.api.aclose()

    async def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.is_alive():
            with contextlib.suppress(ProcessLookupError):
                self.send_signal(how)
            await asyncio.to_thread(self._process.join, 20)
            assert self._process.exitcode is not None, "it does not end"

    # -- the line format

    async def agc(self, function: str, **parameters: str) -> str:
        """Call `/agc/api.php`; the reply line."""
        return await self._line("/agc/api.php", function, parameters)

    async def non_agent(self, function: str, **parameters: str) -> str:
        """Call `/vicidial/non_agent_api.php`; the reply."""
        return await self._line("/vicidial/non_agent_api.php", function, parameters)

    async def _line(self, path: str, function: str, parameters: Mapping[str, str]) -> str:
        given = {"source": "test", "user": API_USER, "pass": API_SECRET, "function": function}
        reply = await self.api.get(path, params={**given, **parameters})
        assert reply.status_code == 200, reply.text
        return reply.text

    # -- /v1

    async def get(self, path: str) -> Any:
        """GET some JSON under `/v1`."""
        reply = await self.api.get(f"/v1{path}")
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def post(self, path: str, body: object = None) -> Any:
        """POST some JSON under `/v1`."""
        reply = await self.api.post(f"/v1{path}", json=body)
        assert reply.is_success, reply.text
        return reply.json() if reply.content else None

    async def agent(self, user: str) -> dict[str, Any]:
        """An agent's session; empty if she has none."""
        reply = await self.api.get(f"/v1/agents/{user}")
        found: dict[str, Any] = reply.json() if reply.status_code == 200 else {}
        return found

    async def log_in(self, user: str, campaign: str = "TEST") -> dict[str, Any]:
        """Log an agent in on the phone of her number, and wait until she sits in her room."""
        await self.post(f"/agents/{user}/login", {"phone": user, "campaign": campaign})
        try:
            return await self.agent_is(user, "paused")
        except AssertionError as error:
            error.add_note(await asyncio.to_thread(self._what_asterisk_says))
            raise

    def _what_asterisk_says(self) -> str:
        asked = ("pjsip show contacts", "core show channels concise")
        said = [self._stack.run("asterisk", "asterisk", "-rx", each) for each in asked]
        log = self.log.read_text(errors="replace").splitlines()
        return "\n".join([*said, *log[-15:]])

    async def agent_is(self, user: str, state: str) -> dict[str, Any]:
        """Wait until an agent is in a state."""

        async def look() -> dict[str, Any] | None:
            found = await self.agent(user)
            return found if found.get("state") == state else None

        return await until(look, f"agent {user} {state}")

    async def call_is(self, call_id: str, *states: str) -> dict[str, Any]:
        """Wait until a call is in one of these states."""

        async def look() -> dict[str, Any] | None:
            found: dict[str, Any] = await self.get(f"/calls/{call_id}")
            return found if found["state"] in states else None

        return await until(look, f"call {call_id} {' or '.join(states)}")

    async def last_call(self) -> dict[str, Any]:
        """The newest call."""
        calls: list[dict[str, Any]] = await self.get("/calls?limit=1")
        return calls[0]

    async def timeline(self, call_id: str) -> list[str]:
        """What happened to a call, by the types of its events."""
        return [event["type"] for event in await self.get(f"/calls/{call_id}/timeline")]

    async def events(self, subject: str) -> list[dict[str, Any]]:
        """The events of a subject so far, oldest first, as a reader of the stream gets them."""
        written, found = self._count_events(subject), list[dict[str, Any]]()
        query, headers = {"subject": subject}, {"Last-Event-ID": "0"}
        async with (
            asyncio.timeout(DEADLINE),
            self.api.stream("GET", "/v1/events", params=query, headers=headers) as reply,
        ):
            assert reply.status_code == 200, await reply.aread()
            lines = reply.aiter_lines()
            while len(found) < written:
                line = await anext(lines)
                if line.startswith("data:"):
                    found.append(json.loads(line.removeprefix("data:")))
        return found

    def _count_events(self, subject: str) -> int:
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/bridge.db?mode=ro", uri=True)) as conn:
            found = conn.execute("SELECT count(*) FROM events WHERE subject = ?", (subject,)).fetchone()
            return int(found[0])
