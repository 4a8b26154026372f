"""The clients that `ami_events.py` compares, each a coroutine that reads the stream to its end."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import panoramisk.manager as panoramisk_manager
from asterisk import manager as pyst2_manager

from bridge.ami import AmiClient, AmiEvent, AmiSettings, LinkUp, actions, events

NAMES = (
    "Newchannel",
    "Newstate",
    "DialBegin",
    "DialEnd",
    "Hangup",
    "OriginateResponse",
    "BridgeEnter",
    "BridgeLeave",
    "ConfbridgeJoin",
    "ConfbridgeLeave",
)
END = b"Event: BenchmarkEnd\r\n\r\n"


@dataclass(frozen=True)
class Result:
    """What one client did with the stream."""

    seconds: float
    cpu: float
    handled: int


class Clock:
    """Time and processor time from `Go` to the end."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def stop(self, handled: int) -> Result:
        """Return what has passed since the beginning."""
        return Result(time.perf_counter() - self._wall, time.process_time() - self._cpu, handled)


class Bare(asyncio.Protocol):
    """The least that a correct parser does: cut, look at the name. What it counts is up to `visit`."""

    def __init__(self, visit: Callable[[list[bytes]], None]) -> None:
        self._visit = visit
        self._tail = b""
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Cut what came into messages."""
        pieces = (self._tail + data).split(b"\r\n\r\n")
        self._tail = pieces.pop()
        self._visit(pieces)
        if pieces and pieces[-1] == END[:-4]:
            self.ended.set_result(None)


async def run_bare(port: int, visit: Callable[[list[bytes]], None]) -> Clock:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(lambda: Bare(visit), "127.0.0.1", port)
    clock = Clock()
    transport.write(b"Action: Go\r\n\r\n")
    await protocol.ended
    transport.abort()
    return clock


async def bare_framing(port: int) -> Result:
    clock = await run_bare(port, lambda _: None)
    return clock.stop(-1)


async def bare_lazy(port: int) -> Result:
    """Cut, slice the name, look it up; nothing is decoded."""
    wanted = {name.encode(): 0 for name in NAMES}

    def visit(pieces: list[bytes]) -> None:
        for piece in pieces:
            name = piece[7 : piece.find(b"\r\n", 7)]
            if name in wanted:
                wanted[name] += 1

    clock = await run_bare(port, visit)
    return clock.stop(sum(wanted.values()))


async def bare_lazy_read(port: int) -> Result:
    """The same, and of each wanted event the unique id is cut out and decoded."""
    wanted = {name.encode() for name in NAMES}
    handled = 0

    def value(piece: bytes, header: bytes) -> str:
        start = piece.find(header)
        return piece[start + len(header) : piece.find(b"\r\n", start + 2)].decode() if start >= 0 else ""

    def visit(pieces: list[bytes]) -> None:
        nonlocal handled
        for piece in pieces:
            if piece[7 : piece.find(b"\r\n", 7)] in wanted:
                handled += bool(value(piece, b"\r\nUniqueid: ") or value(piece, b"\r\nDestUniqueid: "))

    clock = await run_bare(port, visit)
    return clock.stop(handled)


async def bare_eager(port: int) -> Result:
    """Cut, decode every header of every event into a dictionary."""
    handled = 0

    def visit(pieces: list[bytes]) -> None:
        nonlocal handled
        for piece in pieces:
            lines = (line.partition(": ") for line in piece.decode("utf-8", "surrogateescape").split("\r\n"))
            headers = {name: value for name, _, value in lines}
            if headers.get("Event") in NAMES:
                handled += bool(headers.get("Uniqueid", headers.get("DestUniqueid")))

    clock = await run_bare(port, visit)
    return clock.stop(handled)


async def ours_raw(port: int) -> Result:
    """Our client, of which nobody wants anything but the end."""
    return await run_ours(port, ())


async def ours_typed(port: int) -> Result:
    """Our client, ten names subscribed."""
    return await run_ours(port, NAMES)


async def ours_callbacks(port: int) -> Result:
    """Our client, ten names with a plain function each."""
    handled = 0
    ended = asyncio.get_running_loop().create_future()

    def handle(event: AmiEvent) -> None:
        nonlocal handled
        handled += bool(event.uniqueid or event.dest_uniqueid)  # type: ignore[attr-defined]

    async with AmiClient(AmiSettings(port=port, user="u", secret="s")) as client:
        for name in NAMES:
            client.on(name, handle)
        client.on("BenchmarkEnd", ended.set_result)
        await client.connected(5)
        clock = Clock()
        await client.send(actions.RawAction("Go"), timeout=60)
        await ended
        return clock.stop(handled)


async def run_ours(port: int, names: tuple[str, ...]) -> Result:
    handled = 0
    channels = events.ChannelFields
    async with AmiClient(AmiSettings(port=port, user="u", secret="s")) as client:
        subscription = client.subscribe([*names, "BenchmarkEnd"], maxsize=10_000_000)
        await client.connected(5)
        assert isinstance(await anext(subscription), LinkUp)
        clock = Clock()
        going = asyncio.create_task(client.send(actions.RawAction("Go"), timeout=60))
        async for item in subscription:
            match item:
                case channels() | events.OriginateResponse():
                    handled += bool(item.uniqueid or getattr(item, "dest_uniqueid", ""))
                case events.AmiEvent():
                    break
        result = clock.stop(handled)
        await going
        return result


async def panoramisk_callbacks(port: int) -> Result:
    """panoramisk, ten names with a plain function each."""
    handled = 0
    ended = asyncio.get_running_loop().create_future()

    def handle(_: Any, event: Any) -> None:
        nonlocal handled
        handled += bool(event.uniqueid or event.destuniqueid)

    loop = asyncio.get_running_loop()
    manager = panoramisk_manager.Manager(
        loop=loop, host="127.0.0.1", port=port, username="u", secret="s", ping_delay=600
    )
    for name in NAMES:
        manager.register_event(name, handle)
    manager.register_event("BenchmarkEnd", lambda *_: ended.set_result(None))
    await manager.connect()
    await asyncio.sleep(0)  # its callback sends the login
    await manager.authenticated_future
    clock = Clock()
    manager.send_action({"Action": "Go"})
    await ended
    result = clock.stop(handled)
    manager.close()
    return result


async def pyst2_callbacks(port: int) -> Result:
    """pyst2 (threads), ten names with a plain function each."""
    handled = 0
    ended = threading.Event()

    def handle(event: Any, _: Any) -> None:
        nonlocal handled
        handled += bool(event.get_header("Uniqueid") or event.get_header("DestUniqueid"))

    manager = pyst2_manager.Manager()
    for name in NAMES:
        manager.register_event(name, handle)
    manager.register_event("BenchmarkEnd", lambda *_: ended.set())
    manager.connect("127.0.0.1", port)
    manager.login("u", "s")
    clock = Clock()
    manager.send_action({"Action": "Go"})
    ended.wait()
    return clock.stop(handled)


CLIENTS: dict[str, tuple[str, Callable[[int], Any]]] = {
    "framing": ("bare: framing only", bare_framing),
    "lazy": ("bare: lazy, name sliced", bare_lazy),
    "lazy-read": ("bare: lazy, unique id read", bare_lazy_read),
    "eager": ("bare: eager, dict of str", bare_eager),
    "ours-raw": ("ours, no name asked for", ours_raw),
    "ours": ("ours, ten typed, subscription", ours_typed),
    "ours-on": ("ours, ten typed, callbacks", ours_callbacks),
    "panoramisk": ("panoramisk 1.4, ten callbacks", panoramisk_callbacks),
    "pyst2": ("pyst2 0.5.1, ten callbacks", pyst2_callbacks),
}
