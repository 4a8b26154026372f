"""Clients that dribble: a byte at a time, or none taken of what they asked for. They are let go."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from api_fakes import load_world
from api_server import SECONDS, WebServer

from bridge.api.http_protocol import LimitedHttp

BASIC = b"Authorization: Basic NjY2NjoxMjM0\r\n"


class Server(WebServer):
    def __init__(self) -> None:
        super().__init__(load_world(), timeout_keep_alive=1)

    def keep_little(self) -> None:
        """Let the system itself keep no more than a few KiB for a client."""
        self._server.servers[0].sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)

    async def until_one(self) -> None:
        """Until a connection is there."""
        async with asyncio.timeout(SECONDS):
            while not self._server.server_state.connections:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.001)

    async def until_alone(self) -> None:
        """Until no connection is left."""
        async with asyncio.timeout(SECONDS):
            while self._server.server_state.connections:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    await made.start()
    yield made
    await made.stop()


def dribbled(head: bytes, rest: bytes) -> Iterator[bytes]:
    """The head at once, if it is whole; the rest byte by byte, without end."""
    yield head
    while True:
        for at in range(len(rest)):
            yield rest[at : at + 1]


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Content-Type: application/json\r\n"
POST = b"POST %b HTTP/1.1\r\nHost: bridge\r\n%b"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
DRIBBLES = {
    "request line": (b"GET /v1/agents?", b"x"),
    "headers": (b"GET /v1/agents HTTP/1.1\r\n", b"X-Slow: 1\r\n"),
    "body": (POST % (b"/v1/agents/1000/pause", BASIC + JSON + b"Content-Length: 60000\r\n\r\n"), b" "),
    "chunks": (POST % (b"/v1/agents/1000/pause", BASIC + JSON + CHUNKED), b"1\r\n \r\n"),
    "form": (POST % (b"/agc/api.php", FORM + b"Content-Length: 60000\r\n\r\n"), b"x"),
    "empty lines": (b"\r\n", b"\r\n"),
}


@pytest.mark.parametrize(("head", "rest"), DRIBBLES.values(), ids=DRIBBLES)
async def test_who_sends_a_byte_at_a_time_is_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch, head: bytes, rest: bytes
) -> None:
    monkeypatch.setattr(LimitedHttp, "request_seconds", 0.5)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    async def dribble() -> None:
        for piece in dribbled(head, rest):
            writer.write(piece)
            await asyncio.sleep(0.02)

    sending = asyncio.create_task(dribble())
    try:
        async with asyncio.timeout(SECONDS):
            answer = await reader.read()
    except ConnectionError:  # more was sent than was read before it was closed
        answer = b""
    sending.cancel()
    writer.transport.abort()
    assert not answer or b"not complete within 0.5 s" in answer
    await server.until_alone()
    assert server.world.record.commands == []


def unread(port: int) -> socket.socket:
    """A connection whose client has little room, and takes nothing of it."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    made.connect(("127.0.0.1", port))
    made.setblocking(False)  # noqa: FBT003  the socket's own form
    return made


DESCRIPTION = b"GET /v1/openapi.json HTTP/1.1\r\nHost: bridge\r\n\r\n"


async def test_who_takes_nothing_of_the_answers_is_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LimitedHttp, "stall_seconds", 0.5)
    client = unread(server.port)
    client.send(DESCRIPTION * 40)  # more than the system itself keeps for a client
    await server.until_one()
    await server.until_alone()
    client.close()


@pytest.mark.parametrize("more", [b"", b"Connection: close\r\n"], ids=["kept alive", "closed"])
async def test_who_takes_nothing_of_the_last_answer_is_let_go(
    server: Server, monkeypatch: pytest.MonkeyPatch, more: bytes
) -> None:
    """What is closed waits for what was not taken: for so long, and no longer."""
    monkeypatch.setattr(LimitedHttp, "stall_seconds", 0.5)
    server.keep_little()
    client = unread(server.port)
    client.send(b"GET /assets/wallboard.js HTTP/1.1\r\nHost: bridge\r\n" + more + b"\r\n")
    await server.until_one()
    await server.until_alone()
    client.close()


async def test_who_takes_it_slowly_gets_all_of_it(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LimitedHttp, "stall_seconds", 1.0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=4096)
    writer.write(DESCRIPTION.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    taken = bytearray()
    async with asyncio.timeout(SECONDS):
        while piece := await reader.read(16_384):
            taken += piece
            await asyncio.sleep(0.02)
    writer.close()
    assert json.loads(bytes(taken).partition(b"\r\n\r\n")[2])["openapi"].startswith("3.1")


@pytest.mark.parametrize("begin", [b"nonsense\r\n\r\n", b"GET /" + b"x" * 70_000])
async def test_a_refusal_of_the_wire_has_the_headers_too(server: Server, begin: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begin)
    async with asyncio.timeout(SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()
    for line in (b"x-content-type-options: nosniff", b"cache-control: no-store", b"referrer-policy"):
        assert line in head
