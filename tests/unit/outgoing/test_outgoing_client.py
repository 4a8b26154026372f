"""Requests to real servers on this machine, with a name server that says what the test wants."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import pytest
from certificates import Authority

from bridge.outgoing import (
    Outgoing,
    TargetForbidden,
    TargetInvalid,
    TargetTooSlow,
    TargetUnreachable,
    networks,
)

HERE = networks(["127.0.0.0/8"])
SECRET = "s3cr3t-part"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Names:
    """A name server that answers each question with the next answer; the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Told:
    """What a server was told."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[bytes] = []
        self.names: list[str | None] = []


@asynccontextmanager
async def serving(
    answer: bytes,
    *,
    then: Callable[[asyncio.StreamWriter], Any] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Told]:
    """A server that answers each request so."""
    told = Told()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                told.heads.append(head)
                writer.write(answer)
                if then is not None:
                    await then(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()


class Recorder(httpcore.AsyncNetworkBackend):
    """Connects to nothing, and knows where it was asked to."""

    def __init__(self) -> None:
        self.to: list[tuple[str, int]] = []

    async def connect_tcp(self, host: str, port: int, *_: object) -> httpcore.AsyncNetworkStream:
        self.to.append((host, port))
        return httpcore.AsyncMockStream([OK])


async def test_a_request_and_its_answer() -> None:
    names = Names(["127.0.0.1"])
    async with serving(OK) as told, Outgoing(allowed=HERE, resolve=names) as http:
        url = f"http://hooks.example:{told.port}/in?a=1#part"
        reply = await http.request("POST", url, headers={"X-Key": "k"}, body=b"{}")
        again = await http.request("GET", url)
    assert (reply.status, reply.body, reply.cut, again.status) == (200, b"hi", False, 200)
    head = told.heads[0].decode()
    assert head.startswith("POST /in?a=1 HTTP/1.1\r\n")
    assert f"Host: hooks.example:{told.port}\r\n" in head
    assert "X-Key: k\r\n" in head
    assert names.asked == [("hooks.example", told.port)], "the connection was used again"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
async def test_a_host_at_a_private_address_is_not_connected_to(address: str) -> None:
    network = Recorder()
    async with Outgoing(resolve=Names([address]), inner=network) as http:
        with pytest.raises(TargetForbidden, match=r"hooks\.example is at"):
            await http.request("GET", "http://hooks.example/")
    assert network.to == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:7f00:1]", "0"]
)
async def test_no_way_of_writing_it_reaches_this_machine(host: str) -> None:
    async with serving(OK) as told, Outgoing() as http:
        with pytest.raises((TargetForbidden, TargetUnreachable)):
            await http.request("GET", f"http://{host}:{told.port}/")
    assert told.heads == []


async def test_what_was_looked_at_is_what_is_connected_to() -> None:
    """A name server that changes its mind between the look and the connection has no second word."""
    names, network = Names(["93.184.216.34"], ["127.0.0.1"]), Recorder()
    async with Outgoing(resolve=names, inner=network) as http:
        assert (await http.request("GET", "http://rebind.example/")).status == 200
        assert (network.to, len(names.asked)) == ([("93.184.216.34", 80)], 1)
    async with Outgoing(resolve=names, inner=network) as http:
        with pytest.raises(TargetForbidden):
            await http.request("GET", "http://rebind.example/")
    assert len(network.to) == 1


async def test_of_several_addresses_only_those_that_may_be_reached_are_tried() -> None:
    network = Recorder()
    async with Outgoing(resolve=Names(["10.0.0.1", "93.184.216.34", "::1"]), inner=network) as http:
        await http.request("GET", "http://mixed.example:81/")
    assert network.to == [("93.184.216.34", 81)]


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    http = Outgoing(allowed=HERE, resolve=Names(["127.0.0.9", "127.0.0.1"]))
    async with serving(OK) as told, http:
        assert (await http.request("GET", f"http://two.example:{told.port}/")).status == 200


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(OK) as inside:
        there = f"http://127.0.0.1:{inside.port}/"
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n"
        async with (
            serving(moved.encode()) as told,
            Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"])) as http,
        ):
            reply = await http.request("GET", f"http://a.example:{told.port}/")
    assert (reply.status, reply.headers["location"]) == (status, there)
    assert inside.heads == []


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(OK) as proxy, serving(OK) as told:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"])) as http:
            await http.request("GET", f"http://a.example:{told.port}/")
    assert (len(proxy.heads), len(told.heads)) == (0, 1)


async def test_an_answer_is_read_up_to_its_limit() -> None:
    async def more(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    http = Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"]), most_bytes=1000)
    async with serving(head, then=more) as told, http:
        reply = await http.request("GET", f"http://a.example:{told.port}/")
    assert (len(reply.body), reply.cut) == (1000, True)


@pytest.mark.parametrize(
    "begun", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"]
)
async def test_an_answer_that_does_not_end_is_not_waited_for(begun: bytes) -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing():
            await asyncio.sleep(0.05)
            writer.write(b"")

    http = Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"]), seconds=0.3)
    async with serving(begun, then=trickle) as told, http:
        with pytest.raises(TargetTooSlow) as caught:
            await http.request("GET", f"http://a.example:{told.port}/{SECRET}?k={SECRET}")
    assert SECRET not in str(caught.value)


async def test_a_name_server_that_does_not_answer_is_not_waited_for() -> None:
    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with Outgoing(resolve=never, seconds=0.1) as http:
        with pytest.raises(TargetTooSlow):
            await http.request("GET", "http://slow.example/")


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000])
async def test_what_does_not_speak_http_is_said_so(answer: bytes) -> None:
    async with serving(answer) as told, Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"])) as http:
        with pytest.raises(TargetUnreachable, match=r"a\.example"):
            await http.request("GET", f"http://a.example:{told.port}/")


async def test_nobody_there_and_nobody_known() -> None:
    async with serving(OK) as told:
        pass
    async with Outgoing(allowed=HERE, resolve=Names(["127.0.0.1"])) as http:
        with pytest.raises(TargetUnreachable):
            await http.request("GET", f"http://a.example:{told.port}/")

    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError(-2, "Name or service not known")

    for resolve in (unknown, Names([])):
        async with Outgoing(resolve=resolve) as http:
            with pytest.raises(TargetUnreachable):
                await http.request("GET", "http://nowhere.example/")


async def test_the_certificate_is_that_of_the_name_and_not_of_the_address(tmp_path: Any) -> None:
    authority = Authority(tmp_path)
    for host, good in (("hooks.example", True), ("other.example", False)):
        async with serving(OK, tls=authority.issue(f"DNS:{host}").server()) as told:
            names = Names(["127.0.0.1"])
            async with Outgoing(allowed=HERE, resolve=names, tls=authority.client()) as http:
                url = f"https://hooks.example:{told.port}/"
                if good:
                    assert (await http.request("GET", url)).status == 200
                    continue
                with pytest.raises(TargetUnreachable, match="certificate"):
                    await http.request("GET", url)
        assert told.heads == []


def urls() -> Iterator[str]:
    yield from (
        "",
        "hooks.example",
        "//hooks.example",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a/",
    )
    yield from ("http://", "http:///x", "http://:80/", "http://a.example:99999/", "http://a.example:0/")
    yield from (f"http://user:{SECRET}@a.example/", "http://a.example@127.0.0.1/", "http://a.example\\@b/")
    yield from (
        "http://a.example/\r\nX: y",
        "http://a example/",
        "http://ä.example/",
        "http://[fe80::1%25eth0]/",
    )
    yield from ("http://[::1/", "http://a.example/" + "x" * 2000)


@pytest.mark.parametrize("url", list(urls()))
async def test_what_is_no_url_of_the_web_is_not_asked_for(url: str) -> None:
    network = Recorder()
    async with Outgoing(resolve=Names(["93.184.216.34"]), inner=network) as http:
        with pytest.raises(TargetInvalid) as caught:
            await http.request("GET", url)
    assert (network.to, SECRET in str(caught.value)) == ([], False)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "b"}, {"a\r\nb": "c"}, {"a": "b\r\nc: d"}, {"Transfer-Encoding": "chunked"}, {"": "x"}],
)
async def test_headers_that_would_break_the_request_are_refused(headers: dict[str, str]) -> None:
    network = Recorder()
    async with Outgoing(resolve=Names(["93.184.216.34"]), inner=network) as http:
        with pytest.raises(TargetInvalid):
            await http.request("GET", "http://a.example/", headers=headers)
        with pytest.raises(TargetInvalid):
            await http.request("GET /x HTTP/1.1\r\n", "http://a.example/")
    assert network.to == []
