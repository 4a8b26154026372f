"""One HTTP request, as bytes on a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

PATHS: Final = {"agent": "/agc/api.php", "non_agent": "/vicidial/non_agent_api.php"}
SECONDS: Final = 30.0


class Reply(NamedTuple):
    """What came back."""

    status: int
    content_type: str
    text: str


async def get(port: int, api: str, params: Mapping[str, str]) -> Reply:
    """Ask as the original was asked."""
    target = f"{PATHS[api]}?{urlencode(params)}"
    return await ask(port, f"GET {target} HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n".encode())


async def ask(port: int, request: bytes) -> Reply:
    """Send these bytes, and read until the server closes."""
    async with asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            length = headers.get("content-length")
            body = await (reader.read() if length is None else reader.readexactly(int(length)))
            if headers.get("transfer-encoding") == "chunked":
                body = _joined(body)
            return Reply(int(head[0].split()[1]), headers.get("content-type", ""), body.decode())
        finally:
            writer.transport.abort()


def _joined(chunks: bytes) -> bytes:
    """A body that came in pieces; one that broke off has no end."""
    found: list[bytes] = []
    while True:
        size, _, rest = chunks.partition(b"\r\n")
        if not int(size, 16):
            return b"".join(found)
        found.append(rest[: int(size, 16)])
        chunks = rest[int(size, 16) + 2 :]
