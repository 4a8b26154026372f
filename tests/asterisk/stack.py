"""The containers that a test talks to: where they are, and what can be asked of the carrier."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bridge.ami.actions import CoreShowChannels, HangupMatching, RawAction
from bridge.ami.client import AmiClient, AmiSettings
from bridge.ami.errors import ActionRefused
from bridge.ami.events import AmiEvent, CoreShowChannel

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
DEADLINE = 15.0
"""Seconds for anything that has to come true: generous, since machines are shared."""


async def until(look: Callable[[], Awaitable[T | None]], what: str, *, seconds: float = DEADLINE) -> T:
    """Look until there is something to see.

    Raises:
        AssertionError: there was not, in time.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        found = await look()
        if found:
            return found
        if loop.time() > deadline:
            raise AssertionError(f"after {seconds:g} s there is still not: {what}")
        await asyncio.sleep(0.05)


@dataclass(frozen=True)
class Stack:
    """One set of containers, as `docker/engine env` describes it."""

    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def version(self) -> int:
        """Major version of the Asterisk under test."""
        return int(self["ASTERISK_VERSION"])

    def run(self, service: str, *command: str) -> str:
        """Run a command in a container; what it prints."""
        container = self[f"{service.upper()}_CONTAINER"]
        done = subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, text=True, check=True
        )
        return done.stdout

    def asterisk(self) -> AmiClient:
        """A client of the Asterisk under test, with the bridge's own AMI user."""
        return self._client("asterisk", "AMI_PORT", "AMI_USER", "AMI_SECRET")

    def carrier(self) -> AmiClient:
        """A client of the carrier, which may do everything there."""
        return self._client("carrier", "CARRIER_AMI_PORT", "CARRIER_AMI_USER", "CARRIER_AMI_SECRET")

    def _client(self, name: str, port: str, user: str, secret: str) -> AmiClient:
        return AmiClient(
            AmiSettings(
                name=name, host="127.0.0.1", port=int(self[port]), user=self[user], secret=self[secret]
            )
        )


def find_stack(name: str = "") -> Stack | None:
    """The stack of this name, if it runs; else the one that AGENT_BRIDGE_TEST_STACK names, else 22."""
    name = name or os.environ.get("AGENT_BRIDGE_TEST_STACK", "22")
    found = subprocess.run(
        [ROOT / "docker/engine", "env", "--stack", name], capture_output=True, text=True, check=False
    )
    if found.returncode != 0:
        return None
    pairs = (line.partition("=") for line in found.stdout.splitlines())
    return Stack({key: value for key, _, value in pairs})


class Carrier:
    """The telephone network and the phones."""

    def __init__(self, client: AmiClient) -> None:
        self.client = client
        self.called: list[str] = []
        """Numbers that the network was asked to ring, in order."""
        self.client.on("UserEvent", self._user_event)

    def _user_event(self, event: AmiEvent) -> None:
        if event["UserEvent"] == "NetworkCall":
            self.called.append(event["Number"])

    async def channels(self) -> list[CoreShowChannel]:
        """Every channel of the carrier."""
        return await self.client.send_list(CoreShowChannels())

    async def hang_up_phone(self, phone: str) -> None:
        """The agent puts her phone down."""
        await self.client.send_list(HangupMatching(f"^PJSIP/{phone}-"))

    async def hang_up_network(self) -> None:
        """Every customer hangs up."""
        await self.client.send_list(HangupMatching("^PJSIP/pbx-"))

    async def set_phone(self, phone: str, manner: str) -> None:
        """Let a phone `answer`, `ring`, be `busy` or `reject`."""
        await self.client.send(RawAction("Setvar", (("Variable", f"PHONE_{phone}"), ("Value", manner))))

    async def call_in(self, did: str, caller: str) -> None:
        """A customer calls one of our numbers, and talks until hung up."""
        await self._originate(f"PJSIP/{did}@pbx", f'"Customer" <{caller}>')

    async def dial_on_phone(self, phone: str, number: str) -> None:
        """An agent dials a number on her phone, by hand."""
        await self._originate(f"PJSIP/{number}@{phone}", phone)

    async def _originate(self, channel: str, caller: str) -> None:
        fields = (
            ("Channel", channel),
            ("Context", "voice"),
            ("Exten", "caller"),
            ("Priority", "1"),
            ("CallerID", caller),
            ("Async", "true"),
        )
        await self.client.send(RawAction("Originate", fields))


@asynccontextmanager
async def connected(client: AmiClient) -> AsyncIterator[AmiClient]:
    """The client with its link up."""
    async with client:
        await client.connected(DEADLINE)
        yield client


async def hang_up_everything(client: AmiClient) -> None:
    """Leave no channel behind for the next test."""

    async def nothing_left() -> bool:
        for row in await client.send_list(CoreShowChannels()):
            try:
                await client.send_list(HangupMatching(f"^{row.channel.partition('-')[0]}"))
            except ActionRefused:
                continue
        return not await client.send_list(CoreShowChannels())

    await until(nothing_left, "an Asterisk without channels")
