"""The real command, as a service and as an administrator runs it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import NamedTuple

import httpx
from fake_ami import FakeAmi

ROOT = Path(__file__).parents[2]
SECONDS = 60.0
SECRET = "a-secret-of-the-tests"

SITE = """
[[trunk]]
name = "carrier"
template = "PJSIP/{number}@carrier"
[[usergroup]]
name = "ADMIN"
[[campaign]]
id = "TEST"
trunk = "carrier"
[[agent]]
user = "1000"
group = "ADMIN"
[[apiuser]]
user = "crm"
level = 9
functions = "ALL"
rights = "ALL"
secret_env = "TEST_API_SECRET"
"""


class Answer(NamedTuple):
    """What a command has said, and its status."""

    status: int
    out: str
    err: str


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Bridge:
    """`agent-bridge serve` and the commands of its administrator, with the same settings."""

    def __init__(self, folder: Path, ami: FakeAmi) -> None:
        self.folder = folder
        self.socket = folder / "bridge.db.sock"
        self.log = folder / "log"
        self.process: asyncio.subprocess.Process | None = None
        port = free_port()
        (folder / "bridge.toml").write_text(
            f"[http]\nport = {port}\n[agi]\nport = {free_port()}\n"
            f"[store]\nurl = 'sqlite:///{folder}/bridge.db'\n"
            f"[asterisk]\nport = {ami.port}\nuser = '{ami.user}'\nsecret = '{ami.secret}'\n"
        )
        (folder / "site.toml").write_text(SITE)
        self._environment = os.environ | {
            "AGENT_BRIDGE_CONFIG": str(folder / "bridge.toml"),
            "TEST_API_SECRET": SECRET,
        }
        self.api = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/v1", auth=("crm", SECRET), timeout=SECONDS
        )

    async def load(self) -> None:
        """Bring the site into the store."""
        assert (await self.command("load", str(self.folder / "site.toml"))).status == 0

    async def command(self, *words: str) -> Answer:
        """Run a command as an administrator does."""
        ran = await self.beside(*words)
        out, err = await asyncio.wait_for(ran.communicate(), SECONDS)
        assert ran.returncode is not None
        return Answer(ran.returncode, out.decode(), err.decode())

    async def beside(self, *words: str) -> asyncio.subprocess.Process:
        """Start a command, and do not wait for its end."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bridge", *words, env=self._environment, cwd=ROOT, stdout=pipe, stderr=pipe
        )

    async def begin(self) -> None:
        """Start the service, without waiting for anything."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bridge", "serve", env=self._environment, cwd=ROOT, stderr=log
            )

    async def start(self) -> None:
        """Start it, and wait until calls could be made."""
        await self.begin()
        async with asyncio.timeout(SECONDS):
            while not await self._ready():
                assert self.process is not None
                assert self.process.returncode is None, self.log.read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def _ready(self) -> bool:
        try:
            return (await self.api.get("../ready")).status_code == 200
        except httpx.TransportError:
            return False

    async def end(self, how: signal.Signals) -> None:
        """End the service: in order, or not."""
        assert self.process is not None
        self.process.send_signal(how)
        await asyncio.wait_for(self.process.wait(), SECONDS)

    async def close(self) -> None:
        """End what runs."""
        await self.api.aclose()
        if self.process is not None and self.process.returncode is None:
            await self.end(signal.SIGKILL)

    @property
    def asked(self) -> int:
        """Commands that were carried out by the service so far."""
        return self.log.read_text().count('"admin command"') if self.log.exists() else 0

    async def log_in(self, agent: str, phone: str) -> httpx.Response:
        """Ask the service to ring an agent's phone."""
        return await self.api.post(f"/agents/{agent}/login", json={"phone": phone, "campaign": "TEST"})
