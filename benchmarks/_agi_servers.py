"""The FastAGI servers that are compared. Each reads the environment and then five variables."""

from __future__ import annotations

import asyncio
import io
import re
import socketserver
from collections.abc import Callable
from typing import Any

VARIABLES = ("CALL_ID", "AGENT", "QUEUE", "DIALSTATUS", "HANGUPCAUSE")

Started = Callable[[int], None]
"""Called with the port once the server listens."""


def ours(started: Started) -> None:
    """This project's server."""
    from bridge.agi.server import FastAgiServer  # noqa: PLC0415 - only in the process that needs it
    from bridge.agi.session import AgiSession  # noqa: PLC0415

    async def script(agi: AgiSession) -> None:
        for name in VARIABLES:
            await agi.get_variable(name)

    async def serve() -> None:
        server = FastAgiServer(script, port=0)
        await server.start()
        started(server.port)
        await asyncio.Event().wait()

    asyncio.run(serve())


_REPLY = re.compile(r"(\d{3}) result=(\S*)(?: \((.*)\))?")


async def _bare_session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    opening = (await reader.readuntil(b"\n\n")).decode()
    dict(line.split(": ", 1) for line in opening.splitlines() if ": " in line)
    for name in VARIABLES:
        writer.write(f"GET VARIABLE {name}\n".encode())
        await writer.drain()
        match = _REPLY.match((await reader.readline()).decode())
        assert match is not None
    writer.close()


def bare(started: Started) -> None:
    """As little as can be written with asyncio's streams: no limit, no time-out, no hang-up, no quoting."""

    async def serve() -> None:
        server = await asyncio.start_server(_bare_session, "127.0.0.1", 0, backlog=1024)
        started(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def panoramisk(started: Started) -> None:
    """Panoramisk 1.4's server."""
    from panoramisk.fast_agi import Application  # noqa: PLC0415

    async def script(request: Any) -> None:
        for name in VARIABLES:
            await request.send_command(f"GET VARIABLE {name}")

    async def serve() -> None:
        application = Application(loop=asyncio.get_running_loop())
        application.add_route("bench", script)
        server = await asyncio.start_server(application.handler, "127.0.0.1", 0, backlog=1024)
        started(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def pyst2(started: Started) -> None:
    """pyst2 0.5.1, whose own server does not import on Python 3: its example, ported; a thread a session."""
    from asterisk.agi import AGI  # noqa: PLC0415

    class Threaded(AGI):  # type: ignore[misc]
        def __init__(self, stdin: Any, stdout: Any) -> None:  # the signal handler is for the main thread only
            self.stdin, self.stdout, self.stderr = stdin, stdout, io.StringIO()
            self._got_sighup = False
            self.env: dict[str, str] = {}
            self._get_agi_env()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            agi = Threaded(self.rfile, io.TextIOWrapper(self.wfile, write_through=True))
            for name in VARIABLES:
                agi.get_variable(name)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 1024

    with Server(("127.0.0.1", 0), Handler) as server:
        started(server.server_address[1])
        server.serve_forever()


SERVERS: dict[str, Callable[[Started], None]] = {
    "bare asyncio streams": bare,
    "ours": ours,
    "panoramisk 1.4": panoramisk,
    "pyst2 0.5.1 (ported)": pyst2,
}
