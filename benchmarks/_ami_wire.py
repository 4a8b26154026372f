"""Stands between the bridge and Asterisk's AMI, and notes when an action's first byte comes by."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_ACTION = re.compile(rb"(?:^|\r\n)Action: (\w+)\r\n")
_QUIET = {b"Ping", b"Login", b"Challenge"}


class Wire:
    """What goes from the bridge to Asterisk."""

    def __init__(self, port: int) -> None:
        self.port = 0
        """Where the bridge finds AMI."""
        self._asterisk = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: asyncio.Future[float] | None = None

    def next_action(self) -> asyncio.Future[float]:
        """When the next action's first byte is there, by `time.perf_counter`."""
        self._seen = asyncio.get_running_loop().create_future()
        return self._seen

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on both ways until either side is gone."""
        there, back = await asyncio.open_connection("127.0.0.1", self._asterisk)
        for task in (self._pass(reader, back, watch=True), self._pass(there, writer, watch=False)):
            running = asyncio.create_task(task)
            self._tasks.add(running)
            running.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, watch: bool) -> None:
        with contextlib.suppress(ConnectionError):  # the bridge lets go of its link as fast as it can
            while data := await reader.read(1 << 16):
                if watch and self._seen is not None and not self._seen.done():
                    now = time.perf_counter()
                    if set(_ACTION.findall(data)) - _QUIET:
                        self._seen.set_result(now)
                writer.write(data)
        writer.close()


@asynccontextmanager
async def watched(port: int) -> AsyncIterator[Wire]:
    """A wire to the AMI on this port."""
    wire = Wire(port)
    server = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    async with server:
        yield wire
