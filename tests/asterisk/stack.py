"""The containers that a test talks to: where they are, and what can be asked of the carrier."""

from __future__ import annotations

import asyncio
import os
import subprocess
import uuid
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from hearing import Heard, read

from bridge.ami.actions import CoreShowChannels, HangupMatching, RawAction
from bridge.ami.client import AmiClient, AmiSettings
from bridge.ami.errors import ActionRefused
from bridge.ami.events import AmiEvent, CoreShowChannel

T = TypeVar("T")

HEARD = "/var/lib/asterisk/heard"
"""Folder in the carrier's container of what is heard there."""

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

    @property
    def recordings(self) -> Path:
        """Asterisk's folder of recordings, on this machine."""
        return ROOT / "var/docker" / self["STACK"] / "recordings"

    def run(self, service: str, *command: str) -> str:
        """Run a command in a container; what it prints."""
        container = self[f"{service.upper()}_CONTAINER"]
        done = subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, text=True, check=True
        )
        return done.stdout

    def read_file(self, service: str, path: str) -> bytes:
        """A file in a container; empty if there is none yet."""
        container = self[f"{service.upper()}_CONTAINER"]
        done = subprocess.run(["docker", "exec", container, "cat", path], capture_output=True, check=False)
        return done.stdout

    def write_file(self, service: str, path: str, data: bytes) -> None:
        """Put a file into a container that everybody there may read."""
        container = self[f"{service.upper()}_CONTAINER"]
        shell = ("sh", "-c", f"cat > {path} && chmod 644 {path}")
        subprocess.run(
            ["docker", "exec", "-i", "-u", "0", container, *shell],
            input=data,
            capture_output=True,
            check=True,
        )

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

    def __init__(self, client: AmiClient, stack: Stack) -> None:
        self.client = client
        self._stack = stack
        self.called: list[str] = []
        """Numbers that the network was asked to ring, in order."""
        self.shown: list[str] = []
        """The number that each of them was shown."""
        self._names: dict[str, str] = {}
        self._pressed: dict[str, str] = {}
        self._settings: set[str] = set()
        self._words: dict[str, str] = {}
        self.client.on("UserEvent", self._user_event)
        self.client.on("DTMFEnd", self._digit)

    def _user_event(self, event: AmiEvent) -> None:
        if event["UserEvent"] == "NetworkCall":
            self.called.append(event["Number"])
            self.shown.append(event["CallerIDNum"])
            self._names[event["Channel"]] = event["Number"]
        if event["UserEvent"] == "PhoneCall":
            self._names[event["Channel"]] = event["Phone"]

    def _digit(self, event: AmiEvent) -> None:
        name = self._names.get(event["Channel"])
        if name and event["Direction"] == "Received":
            self._pressed[name] = self.digits(name) + event["Digit"]

    def digits(self, name: str) -> str:
        """The digits that have arrived at a phone or number that was called, as events (RFC 4733).

        Those in the sound are in `heard_by(name).digits()`.
        """
        return self._pressed.get(name, "")

    async def channels(self) -> list[CoreShowChannel]:
        """Every channel of the carrier."""
        return await self.client.send_list(CoreShowChannels())

    async def hang_up_phone(self, phone: str) -> None:
        """The agent puts her phone down."""
        await self.client.send_list(HangupMatching(f"^PJSIP/{phone}-"))

    async def pick_up(self, phone: str) -> None:
        """The agent answers her phone, which rings (`set_phone`)."""
        (row,) = [one for one in await self.channels() if one.channel.startswith(f"PJSIP/{phone}-")]
        where = (("Context", "voice"), ("Exten", "talk"), ("Priority", "1"))
        await self.client.send(RawAction("Redirect", (("Channel", row.channel), *where)))

    async def hang_up_network(self) -> None:
        """Every customer hangs up."""
        await self.client.send_list(HangupMatching("^PJSIP/pbx-"))

    async def set_phone(self, phone: str, manner: str) -> None:
        """Let a phone `answer`, `ring`, be `busy` or `reject`."""
        await self._set(f"PHONE_{phone}", manner)

    async def make_tone(self, name: str, frequency: int) -> None:
        """Who answers at this phone or number makes a tone (Hz; 0: keeps silent) instead of talking."""
        await self._set(f"TONE_{name}", str(frequency))

    async def listen(self, *names: str) -> None:
        """Record what is heard at these phones and numbers from the next time on that they answer."""
        for name in names:
            self._words[name] = f"{name}-{uuid.uuid4().hex}"
            await self._set(f"HEARS_{name}", self._words[name])

    async def heard_by(self, name: str) -> Heard:
        """What has been heard at a phone, number or caller since it answered, up to some two seconds ago."""
        path = f"{HEARD}/{self._words[name]}.wav"
        data = await asyncio.to_thread(self._stack.read_file, "carrier", path)
        return read(data) if len(data) > 44 else Heard(array("h"))

    async def until_heard(self, name: str, what: str, wanted: Callable[[Heard], object]) -> Heard:
        """Wait until something is heard at a phone, number or caller that `listen` or `call_in` records."""

        async def look() -> Heard | None:
            found = await self.heard_by(name)
            return found if wanted(found) else None

        return await until(look, f"{what}, heard by {name}")

    async def forget(self) -> None:
        """Let phones and numbers be as they are from the start, and remove what they have recorded."""
        for variable in self._settings:
            await self._set(variable, "")
        files = [f"{HEARD}/{word}.wav" for word in self._words.values()]
        if files:
            await asyncio.to_thread(self._stack.run, "carrier", "rm", "-f", *files)
        self._settings.clear()
        self._words.clear()

    async def _set(self, variable: str, value: str) -> None:
        self._settings.add(variable)
        await self.client.send(RawAction("Setvar", (("Variable", variable), ("Value", value))))

    async def call_in(
        self, did: str, caller: str, *, tone: int | None = None, listen: bool = False, press: str = ""
    ) -> None:
        """A customer calls one of our numbers, and talks (or makes a tone, in Hz) until hung up.

        With `listen`, `heard_by(caller)` is what the customer hears; `press` is a key of hers after 2 s.
        """
        variables = [] if tone is None else [f"TONE={tone}"]
        variables += [f"PRESS={press}"] if press else []
        if listen:
            self._words[caller] = f"{caller}-{uuid.uuid4().hex}"
            variables.append(f"HEARS={self._words[caller]}")
        await self._originate(f"PJSIP/{did}@pbx", f'"Customer" <{caller}>', variables)

    async def dial_on_phone(self, phone: str, number: str) -> None:
        """An agent dials a number on her phone, by hand."""
        await self._originate(f"PJSIP/{number}@{phone}", phone)

    async def _originate(self, channel: str, caller: str, variables: Sequence[str] = ()) -> None:
        fields = (
            ("Channel", channel),
            ("Context", "voice"),
            ("Exten", "caller"),
            ("Priority", "1"),
            ("CallerID", caller),
            ("Async", "true"),
            *(("Variable", variable) for variable in variables),
        )
        await self.client.send(RawAction("Originate", fields))


@asynccontextmanager
async def connected(client: AmiClient) -> AsyncIterator[AmiClient]:
    """The client with its link up."""
    async with client:
        await client.connected(DEADLINE)
        yield client


async def hang_up_everything(client: AmiClient) -> None:
    """Leave no channel behind for the next test, as soon as Asterisk (started again, maybe) can be asked."""
    await client.connected(DEADLINE)

    async def nothing_left() -> bool:
        for row in await client.send_list(CoreShowChannels()):
            try:
                await client.send_list(HangupMatching(f"^{row.channel.partition('-')[0]}"))
            except ActionRefused:
                continue
        return not await client.send_list(CoreShowChannels())

    await until(nothing_left, "an Asterisk without channels")
