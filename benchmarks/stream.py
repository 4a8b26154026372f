"""From an event of Asterisk to subscribers of SSE and MQTT, against panoramisk with aiomqtt; and an outage.

An Asterisk that is played (tests/fake_ami) has calls in it; at a steady rate one of them rings, and is hung
up a second later. The real bridge and the peer hear the same events, each in a process of its own, and
publish to one mosquitto; all times are of this process's clock, which sends the events and subscribes. The
bridge writes each to its store before it tells it; the peer keeps nothing. Then the broker is stopped while
calls go on, and started again: told are what arrives, and how fast it is caught up with.

Usage: `stream.py [--rate 100] [--seconds 20] [--outage 20]`. Needs mosquitto and panoramisk (the test extra).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
from _bridge import ROOT, Caller, free_port, running_bridge
from _figures import percentile, said
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from sqlalchemy import insert

sys.path.extend([str(ROOT / "tests"), str(ROOT / "tests/events"), str(ROOT / "tests/replay")])
from events_fixtures import Broker
from replaying.stand_in import Channel, StandIn

from bridge.calls.model import Call, CallKind, CallState
from bridge.ids import uuid7
from bridge.store.database import Database, Transaction
from bridge.store.rows import to_row
from bridge.store.schema import calls

AIM = 100.0
"""Milliseconds of the 99th of 100 events."""
TALK = 1.0
"""Seconds from a call's ringing to its end."""
WARM_UP = 20
"""Calls before those that count, at most."""
SETTLED = 90.0
"""Seconds that the last events may take."""
SETTINGS = """
[http]
port = {port}
[store]
url = "sqlite:///{folder}/bridge.db"
[[asterisk]]
port = {AMI_PORT}
user = "bridge"
secret = "s3cret"
relay = false
[agi]
port = {AGI_PORT}
[mqtt]
url = "mqtt://127.0.0.1:{MQTT_PORT}"
[log]
level = "error"
"""
KINDS = {"Newstate": "ringing", "Hangup": "ended"}


@dataclass
class Times:
    """When events were sent, and when they came, by call and kind."""

    sent: dict[tuple[str, str], float] = field(default_factory=dict)
    came: dict[str, dict[tuple[str, str], float]] = field(
        default_factory=lambda: {"SSE": {}, "MQTT": {}, "peer": {}}
    )

    def take(self, way: str, call: str, kind: str) -> None:
        """One has come; a second time counts for nothing."""
        self.came[way].setdefault((call, kind), time.monotonic())

    def took(self, way: str, keys: Sequence[tuple[str, str]]) -> list[float]:
        """Milliseconds of those that have come."""
        came = self.came[way]
        return [1000 * (came[key] - self.sent[key]) for key in keys if key in came]


class Played:
    """The Asterisk."""

    def __init__(self, count: int, times: Times) -> None:
        self.stand_in = StandIn()
        self.calls = [uuid7() for _ in range(count)]
        self._times = times
        self._ended: list[asyncio.Task[None]] = []
        for number, call in enumerate(self.calls):
            self.stand_in.add(Channel(uniqueid=call, name=f"PJSIP/carrier-{number:08x}", state="4"))

    async def play(self, rate: float, seconds: float) -> list[tuple[str, str]]:
        """Have calls ring and end; the events that were sent."""
        begin, before = time.monotonic(), len(self._times.sent)
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
            call = self.calls.pop()
            self._say("Newstate", call, [("ChannelState", "5"), ("ChannelStateDesc", "Ringing")])
            self._ended.append(asyncio.create_task(self._end(call), name="call"))
        await asyncio.gather(*self._ended)
        return list(self._times.sent)[before:]

    async def _end(self, call: str) -> None:
        await asyncio.sleep(TALK)
        self._say("Hangup", call, [("Cause", "17")])
        del self.stand_in.channels[call]

    def _say(self, event: str, call: str, more: list[tuple[str, str]]) -> None:
        headers = [
            ("Channel", self.stand_in.channels[call].name),
            ("Uniqueid", call),
            ("Linkedid", call),
            *more,
        ]
        self._times.sent[call, KINDS[event]] = time.monotonic()
        for session in self.stand_in.ami.sessions:
            if session.logged_in:
                session.event(event, headers)


async def put_calls(folder: Path, played: Played) -> None:
    """Calls that are being dialled, in the bridge's store."""
    now = datetime.now(UTC)

    async def work(tx: Transaction) -> None:
        for call in played.calls:
            row = Call(
                id=call,
                legacy_id=call,
                legacy_uniqueid=call[-20:],
                kind=CallKind.AUTO,
                state=CallState.DIALING,
                asterisk="asterisk",
                campaign="BENCH",
                number="7275550100",
                asked_at=now,
                sent_at=now,
                dialing_at=now,
            )
            await tx.conn.execute(insert(calls).values(to_row(row)))

    async with Database(f"sqlite:///{folder}/bridge.db") as db:
        await db.write(work)


async def hear_sse(caller: Caller, times: Times) -> None:
    async for event in caller.messages("/v1/events?type=call"):
        _, _, kind = event["type"].partition(".")
        times.take("SSE", event["data"]["call_id"], kind)


async def hear_mqtt(port: int, times: Times) -> None:
    """With a session that the broker keeps: what comes while it starts again is not missed here."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    while True:
        with suppress(aiomqtt.MqttError):
            async with aiomqtt.Client(
                "127.0.0.1",
                port,
                identifier="benchmark",
                protocol=aiomqtt.ProtocolVersion.V5,
                clean_start=False,
                properties=properties,
            ) as client:
                await client.subscribe("+/events/call/#", qos=1)
                await client.subscribe("peer/#", qos=1)
                async for message in client.messages:
                    parts = str(message.topic).split("/")
                    if parts[0] == "peer":
                        times.take("peer", parts[2], KINDS[parts[1]])
                    else:
                        times.take("MQTT", parts[-1], parts[3])
        await asyncio.sleep(0.05)


@asynccontextmanager
async def hearing(*work: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)


async def all_of(what: str, done: Callable[[], bool]) -> None:
    """Wait for the last ones, and say if they do not come."""
    end = time.monotonic() + SETTLED
    while not done():
        if time.monotonic() > end:
            print(f"not within {SETTLED:g} s: {what}")
            return
        await asyncio.sleep(0.01)


def show(times: Times, keys: Sequence[tuple[str, str]]) -> None:
    print(f"{'':24}{'events':>8}{'missing':>9}{'p50, ms':>9}{'p99, ms':>9}")
    middle = {}
    for way, name in (("SSE", "SSE"), ("MQTT", "MQTT 5, QoS 1"), ("peer", "panoramisk and aiomqtt")):
        took = times.took(way, keys)
        if len(took) < 2:
            print(f"{name:24}{len(took):>8}{len(keys) - len(took):>9}")
            continue
        middle[way] = percentile(took, 50)
        tail = percentile(took, 99)
        aim = "" if way == "peer" else f"   p99 under {AIM:g}: {said(tail < AIM)}"
        print(f"{name:24}{len(took):>8}{len(keys) - len(took):>9}{middle[way]:>9.1f}{tail:>9.1f}{aim}")
    if middle.keys() >= {"MQTT", "peer"}:
        print(
            f"MQTT at the median: {middle['MQTT'] / middle['peer']:.1f} times the peer's, which keeps nothing"
        )


async def warm_up(played: Played, times: Times) -> None:
    """Until a call has been heard of in every way."""
    for _ in range(WARM_UP):
        await played.play(10, 0.1)
        if all(times.came.values()):
            return
    sys.exit("not every subscriber hears of calls")


async def live(played: Played, times: Times, rate: float, seconds: float) -> None:
    print(f"\n{rate:g} calls a second for {seconds:g} s, two events each")
    keys = await played.play(rate, seconds)
    for way in ("SSE", "MQTT", "peer"):
        await all_of(f"all events by {way}", lambda way=way: len(times.took(way, keys)) == len(keys))  # type: ignore[misc]
    show(times, keys)


async def outage(played: Played, times: Times, broker: Broker, rate: float, seconds: float) -> None:
    print(f"\nno broker for {seconds:g} s, at the same rate")
    await asyncio.to_thread(broker.stop)
    keys = await played.play(rate, seconds)
    await asyncio.to_thread(broker.start)
    began = time.monotonic()
    await all_of("all events of the outage by MQTT", lambda: len(times.took("MQTT", keys)) == len(keys))
    came = sorted(times.came["MQTT"][key] for key in keys if key in times.came["MQTT"])
    if len(came) < 2:
        return
    drained = len(came) / (came[-1] - came[0])
    live_rate = len(keys) / seconds
    print(f"{len(came)} of {len(keys)} came, the first {came[0] - began:.1f} s after the broker was back")
    print(
        f"caught up with at {drained:,.0f} a second: {drained / live_rate:.1f} times as fast as they happened"
    )
    print(f"the peer passed on {len(times.took('peer', keys))} of them, from its memory")


async def run(rate: float, seconds: float, without: float) -> None:
    times = Times()
    played = Played(WARM_UP + int(rate * (seconds + without)), times)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Broker(folder, keeps=True)
        broker.start()
        try:
            async with played.stand_in.ami as ami:
                await put_calls(folder, played)
                ports = {
                    "AMI_PORT": str(ami.port),
                    "AGI_PORT": str(free_port()),
                    "MQTT_PORT": str(broker.port),
                }
                peer = await asyncio.create_subprocess_exec(
                    sys.executable, str(ROOT / "benchmarks/_stream_peer.py"), str(ami.port), str(broker.port)
                )
                async with running_bridge(ports, folder, agents={}, settings=SETTINGS) as caller:
                    listener = await caller.another()
                    async with hearing(
                        asyncio.create_task(hear_sse(listener, times), name="sse"),
                        asyncio.create_task(hear_mqtt(broker.port, times), name="mqtt"),
                    ):
                        await warm_up(played, times)
                        await live(played, times, rate, seconds)
                        if without:
                            await outage(played, times, broker, rate, without)
                peer.kill()
                await peer.wait()
        finally:
            broker.close()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--outage", type=float, default=20.0, help="seconds without a broker; 0: none")
    given = parser.parse_args()
    asyncio.run(run(given.rate, given.seconds, given.outage))


if __name__ == "__main__":
    main()
