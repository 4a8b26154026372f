"""The application behind the real web server: bytes on a socket, not a client's idea of HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from api_fakes import load_world
from api_server import SECONDS, WebServer

from bridge.agents.model import AgentSession, AgentState
from bridge.api.http_protocol import MAX_HEAD, LimitedHttp, limited
from bridge.events.filters import Filter
from bridge.services import Intake

LOGIN = b"source=test&user=6666&pass=1234"
PAUSE = b"/agc/api.php?" + LOGIN + b"&function=external_pause&agent_user=1000&value="
BASIC = b"Authorization: Basic " + base64.b64encode(b"6666:1234") + b"\r\n"


class Server(WebServer):
    def __init__(self, intake: Intake | None = None) -> None:
        world = load_world()
        world.intake = intake or world.intake
        world.agents.seat("1000", AgentState.PAUSED)
        super().__init__(world)

    async def send(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send bytes on a connection of their own; status, headers and body of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(SECONDS):
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                return int(head[0].split()[1]), headers, body
        finally:
            writer.transport.abort()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    await made.start()
    yield made
    await made.stop()


def get(target: bytes, *headers: bytes) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\nHost: bridge\r\n" + b"".join(headers) + b"\r\n"


async def test_a_request(server: Server) -> None:
    status, headers, body = await server.send(get(PAUSE + b"PAUSE"))
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"SUCCESS: external_pause function set - PAUSE|")


async def test_http_1_0_without_any_header(server: Server) -> None:
    status, _, body = await server.send(b"GET /agc/api.php?function=version HTTP/1.0\r\n\r\n")
    assert (status, body.startswith(b"VERSION: ")) == (200, True)


def post(target: bytes, form: bytes, *headers: bytes) -> bytes:
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    length = b"Content-Length: " + str(len(form)).encode() + b"\r\n"
    head = b"POST " + target + b" HTTP/1.1\r\nHost: bridge\r\n" + kind + length + b"".join(headers)
    return head + b"\r\n" + form


JSON = b"Content-Type: application/json\r\n"
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
PAUSE_FORM = LOGIN + b"&function=external_pause&agent_user=1000&value=PAUSE"


@pytest.mark.parametrize(
    "request_",
    [
        get(PAUSE + b"PAUSE"),
        get(PAUSE + b"PAUSE", JSON),
        get(PAUSE + b"PAUSE", JSON, b"Content-Length: 2\r\n") + b"{}",
        get(PAUSE + b"PAUSE", JSON, b"Content-Length: 18\r\n") + b'{"value":"RESUME"}',
        get(PAUSE + b"PAUSE", H2C),
        get(PAUSE + b"PAUSE", b"Upgrade: h2c\r\n"),
        get(PAUSE + b"PAUSE", b"User-Agent:\r\n"),
        get(PAUSE + b"PAUSE", b"Accept: application/json\r\nAccept-Encoding: br, gzip\r\n"),
        get(PAUSE + b"PAUSE", b"Expect: 100-continue\r\n"),
        post(b"/agc/api.php", PAUSE_FORM),
        post(b"/agc/api.php", PAUSE_FORM, H2C),
        post(b"/agc/api.php?value=PAUSE", PAUSE_FORM.replace(b"=PAUSE", b"=RESUME")),
        post(PAUSE + b"PAUSE", b"value=RESUME&agent_user=nobody&user=7000&pass=wrong"),
        post(b"/agc/api.php?agent_user=1000", PAUSE_FORM.replace(b"user=1000", b"user=nobody")),
    ],
    ids=[
        "no user agent",
        "JSON type",
        "JSON type and body",
        "JSON body is not read",
        "h2c",
        "h2c without settings",
        "empty user agent",
        "accepts JSON",
        "expects 100",
        "form",
        "form and h2c",
        "value in the query wins",
        "all of the query wins",
        "agent in the query wins",
    ],
)
async def test_odd_clients_are_served_alike(server: Server, request_: bytes) -> None:
    status, headers, body = await server.send(request_)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"SUCCESS: external_pause function set - PAUSE|")
    assert server.world.record.commands == [("pause", "1000", "", "6666")]


@pytest.mark.parametrize("at", [b"2026-12-01+10:00:00", b"2026-12-01%2010:00:00", b"2026-12-01%2B10:00:00"])
async def test_a_blank_is_understood_however_often_it_was_encoded(server: Server, at: bytes) -> None:
    asked = b"&function=external_status&agent_user=1000&value=CALLBK&callback_datetime="
    _, _, body = await server.send(get(b"/agc/api.php?" + LOGIN + asked + at))
    assert body == b"SUCCESS: external_status function set - CALLBK!2026-12-01 10:00:00!ANYONE!!|1000\n"


@pytest.mark.parametrize("name", [b"coffee", b"start_coffee", b"make_coffee", b"brew_coffee"])
async def test_coffee_is_refused(server: Server, name: bytes) -> None:
    for request in (get(b"/agc/api.php?function=" + name), post(b"/agc/api.php", b"function=" + name)):
        status, _, body = await server.send(request)
        assert (status, body) == (418, b"Coffee: " + name + b"|Error 418 I'm a teapot")


@pytest.mark.parametrize(
    "request_",
    [
        get(PAUSE + b"PAUSE" + b"X" * 1_000_000),
        get(PAUSE + b"PAUSE", b"X-Long: " + b"x" * (MAX_HEAD + 1) + b"\r\n"),
        get(PAUSE + b"PAUSE", b"X-Endless: " + b"x" * 3_000_000),
        get(PAUSE + b"PAUSE", b"a: b\r\n" * 50_000),
        get(PAUSE + b"PAUSE\x00"),
        get(PAUSE + b"PAUSE", b"X-Bad\x00: 1\r\n"),
        get(PAUSE + b"PAUSE", b"no colon\r\n"),
    ],
    ids=["url", "header", "endless header", "many headers", "NUL in url", "NUL in header", "no colon"],
)
async def test_a_head_that_cannot_be_read_is_answered_with_a_line(server: Server, request_: bytes) -> None:
    status, _, body = await server.send(request_)
    line = f"ERROR: request cannot be read - head of at most {MAX_HEAD} bytes\n"
    assert (status, body.decode()) == (200, line)
    assert server.world.record.commands == []


@pytest.mark.parametrize(
    "request_",
    [
        get(b"/v1/agents?" + b"x" * 100_000, BASIC),
        get(b"/v1/agents", BASIC, b"X-Long: " + b"x" * 3_000_000),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n",
    ],
    ids=["url", "endless header", "TLS", "nonsense", "CONNECT"],
)
async def test_elsewhere_it_is_a_problem(server: Server, request_: bytes) -> None:
    status, headers, body = await server.send(request_)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["error_id"] == "bad-request"


@pytest.mark.parametrize("length", [b"99999999999", b"3000000"])
async def test_a_form_that_says_it_is_too_long_is_not_waited_for(server: Server, length: bytes) -> None:
    head = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + length + b"\r\n"
    status, _, body = await server.send(b"POST /agc/api.php HTTP/1.1\r\nHost: b\r\n" + head + b"\r\nvalue=1")
    assert (status, body[:35]) == (200, b"ERROR: request body cannot be read ")


async def test_a_chunked_form_is_cut_off_at_the_limit(server: Server) -> None:
    head = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = (b"100000\r\n" + b"a" * 0x100000 + b"\r\n") * 3 + b"0\r\n\r\n"
    status, _, body = await server.send(b"POST /agc/api.php HTTP/1.1\r\nHost: b\r\n" + head + chunks)
    assert (status, body[:35]) == (200, b"ERROR: request body cannot be read ")


@pytest.mark.parametrize(
    "begin",
    [b"", b"GET /v1/agents HT", get(b"/v1/agents")[:-2]],
    ids=["nothing", "half a line", "half a head"],
)
async def test_a_request_that_does_not_end_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(LimitedHttp, "request_seconds", 0.1)
    status, _, body = await server.send(begin)
    assert (status, json.loads(body)["error_id"]) == (408, "request-timeout")


async def test_half_a_form_is_told_so_in_a_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LimitedHttp, "request_seconds", 0.1)
    head = b"POST /agc/api.php HTTP/1.1\r\nHost: b\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    status, _, body = await server.send(head + b"Content-Length: 100\r\n\r\nvalue=1")
    assert (status, body) == (200, b"ERROR: request cannot be read - not complete within 0.1 s\n")
    assert server.world.record.commands == []


@pytest.mark.parametrize("rest", [b"\r\n", b"GET /he"])
async def test_nor_is_a_further_one_on_the_same_connection(
    server: Server, monkeypatch: pytest.MonkeyPatch, rest: bytes
) -> None:
    monkeypatch.setattr(LimitedHttp, "request_seconds", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(3):  # less than what an idle connection is kept for
        writer.write(get(b"/health"))
        assert await reader.readuntil(b"ok")
        writer.write(rest)
        await reader.read()
    writer.transport.abort()


async def test_a_connection_too_many_is_refused_and_the_others_go_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LimitedHttp, "max_connections", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(get(b"/health"))
    async with asyncio.timeout(SECONDS):
        await reader.readuntil(b"ok")
    status, _, body = await server.send(b"")
    assert (status, json.loads(body)["error_id"]) == (503, "too-many-connections")
    writer.write(get(b"/health"))
    async with asyncio.timeout(SECONDS):
        assert b" 200 " in await reader.readline()
    writer.transport.abort()


def test_a_site_sets_its_own_limits() -> None:
    found = limited(5.0, 100)
    assert (found.request_seconds, found.max_connections) == (5.0, 100)


async def test_a_slow_answer_has_all_its_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LimitedHttp, "request_seconds", 0.05)
    pause = server.world.agents.pause

    async def slowly(*given: Any, **more: Any) -> AgentSession:
        await asyncio.sleep(0.2)  # longer than a request may take to come in
        return await pause(*given, **more)

    monkeypatch.setattr(server.world.agents, "pause", slowly)
    status, _, body = await server.send(get(PAUSE + b"PAUSE"))
    assert (status, body.startswith(b"SUCCESS")) == (200, True)


async def test_two_requests_on_one_connection(server: Server) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(get(PAUSE + b"PAUSE") + get(PAUSE + b"RESUME"))
    async with asyncio.timeout(SECONDS):
        await reader.readuntil(b"SUCCESS: external_pause function set - PAUSE|")
        await reader.readuntil(b"SUCCESS: external_pause function set - RESUME|")
    writer.transport.abort()


async def test_an_event_is_sent_at_once_and_the_stream_ends_with_its_listener(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    more, ended = asyncio.Event(), asyncio.Event()

    async def stream(*, after: int | None, wanted: Filter) -> AsyncIterator[bytes]:
        assert (after, wanted.types) == (41, ("call",))
        try:
            yield b"id: 42\n\n"
            await more.wait()
            yield b"id: 43\n\n"
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(server.world.events, "stream", stream)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with asyncio.timeout(SECONDS):
        writer.write(get(b"/v1/events?type=call", BASIC, b"Last-Event-ID: 41\r\n"))
        await reader.readuntil(b"id: 42\n\n")
        more.set()
        await reader.readuntil(b"id: 43\n\n")
        writer.transport.abort()
        await ended.wait()


async def test_a_large_form_holds_up_nobody(server: Server) -> None:
    """Whoever sends it has not even logged in; to read it takes a good part of a second."""
    body = b"value=" + b"%41" * 600_000
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    head = b"POST /agc/api.php HTTP/1.1\r\nHost: b\r\nConnection: close\r\n" + kind
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    large = asyncio.create_task(reader.read())
    answers = 0
    while not large.done():
        assert (await server.send(get(b"/health")))[0] == 200
        answers += 1
    assert b"ERROR: parameter is too long" in await large
    assert answers > 3
    writer.close()
