"""Two bridges on one PostgreSQL and one Asterisk, as behind a load balancer."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
from databases import empty_database
from leftovers import clear, log_everybody_out, nothing_is_left
from proxy import Proxy
from service import Bridge, free_port
from stack import Carrier, Stack, hang_up_everything, until

from bridge.ami.client import AmiClient

ALL = ["asterisk:pbx", "callbacks", "deliveries", "housekeeping", "mqtt"]
"""The duties that one of several bridges has."""


async def has_all_duties(bridge: Bridge, *, but: str = "") -> None:
    """Wait until a bridge has every duty, and is ready (`but`: for all that calls need but this)."""

    async def has() -> bool:
        return await bridge.duties() == ALL and await bridge.ready(but=but)

    await until(has, "a bridge that has all duties", seconds=30)


class Pair:
    """Bridges `a` and `b`; the relay asks the one that `agi` leads to.

    Attributes:
        a: one.
        b: the other.
        agi: between the relay and the bridge that it asks.
        heard: the events that came over the broker, in order.
    """

    def __init__(self, stack: Stack, folder: Path, database: str) -> None:
        self._stack = stack
        self.a = self._bridge(folder / "a", database)
        self.b = self._bridge(folder / "b", database)
        listen = (stack["HOST_GATEWAY"], int(stack["AGI_PORT"]))
        self.agi = Proxy("127.0.0.1", self.agi_port(self.a), end=b"\n", listen=listen)
        self.heard: list[dict[str, Any]] = []

    def _bridge(self, folder: Path, database: str) -> Bridge:
        folder.mkdir()
        made = Bridge(self._stack, folder, store=database)
        file = folder / "bridge.toml"
        settings = file.read_text().replace(made.topics, "pair-" + database.rpartition("/")[2])
        made.topics = "pair-" + database.rpartition("/")[2]
        settings = settings.replace("[mqtt]\n", f'[mqtt]\nclient_id = "{folder.name}"\n')
        address = f'host = "{self._stack["HOST_GATEWAY"]}"\nport = {self._stack["AGI_PORT"]}'
        assert address in settings
        file.write_text(settings.replace(address, f'host = "127.0.0.1"\nport = {free_port()}'))
        return made

    def agi_port(self, bridge: Bridge) -> int:
        """Where a bridge waits for the relay."""
        port: int = tomllib.loads((bridge.folder / "bridge.toml").read_text())["agi"]["port"]
        return port

    async def ask(self, bridge: Bridge) -> None:
        """Lead the relay to this bridge from now on."""
        self.agi.cut()
        self.agi.target = ("127.0.0.1", self.agi_port(bridge))
        self.agi.mend()
        await bridge.until_ready()

    async def hear(self, ready: asyncio.Event) -> None:
        """Listen at the broker until cancelled."""
        port, user, secret = (self._stack[f"MQTT_{name}"] for name in ("PORT", "USER", "PASSWORD"))
        async with aiomqtt.Client("127.0.0.1", int(port), username=user, password=secret) as client:
            await client.subscribe(f"{self.a.topics}/events/#", qos=1)
            ready.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                self.heard.append(json.loads(message.payload))

    def heard_of(self, subject: str) -> list[str]:
        """Types of the events of a subject that came over the broker, in order."""
        return [event["type"] for event in self.heard if event["subject"] == subject]


@asynccontextmanager
async def running_pair(
    stack: Stack, folder: Path, asterisk: AmiClient, carrier: Carrier
) -> AsyncIterator[Pair]:
    """Both running, with their site loaded; afterwards nothing is left."""
    await clear(asterisk)
    async with empty_database(stack) as database:
        pair = Pair(stack, folder, database)
        await asyncio.to_thread(pair.a.command, "load", str(pair.a.folder / "site.toml"))
        listening = asyncio.Event()
        ear = asyncio.create_task(pair.hear(listening))
        await asyncio.wait_for(listening.wait(), 10)
        await pair.agi.start()
        try:
            await pair.a.start()
            await has_all_duties(pair.a)
            await pair.b.start(but="relay:pbx")
            yield pair
            last = pair.b if pair.b.runs else pair.a
            await log_everybody_out(last)
            await nothing_is_left(asterisk, carrier)
        finally:
            ear.cancel()
            await asyncio.gather(ear, return_exceptions=True)
            await pair.a.close()
            await pair.b.close()
            await pair.agi.stop()
            await hang_up_everything(asterisk)
            await hang_up_everything(carrier.client)


async def everything_told(pair: Pair, bridge: Bridge, *, twice: bool = False) -> None:
    """Every event came over the broker in order and without a gap; and once, unless it may come `twice`."""
    last = (await bridge.get(f"/calls/{(await bridge.last_call())['id']}/timeline"))[-1]["id"]
    await until(lambda: told(pair, last), "the last event of the last call over the broker")
    numbers = [int(event["sequence"]) for event in pair.heard]
    if twice:
        numbers = list(dict.fromkeys(numbers))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def told(pair: Pair, event_id: str) -> bool:
    return any(event["id"] == event_id for event in pair.heard)
