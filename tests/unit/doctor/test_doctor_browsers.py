from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from doctor_facts import facts

from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.doctor.browsers import check_browsers
from bridge.doctor.facts import Browsers
from bridge.doctor.model import Check, Status
from bridge.doctor.websocket import WebSocketSeen, look_at_websocket

URL = "wss://pbx.example/ws"
GOOD = WebSocketSeen(status=101, sip=True, days=80.0)
GOOD_ENDPOINT = {"webrtc": "yes", "dtls_auto_generate_cert": "Yes", "dtls_cert_file": ""}


def phone(login: str = "1020", *, secret: bool = True) -> BrowserPhoneState:
    return BrowserPhoneState(login=login, device=login, asterisk="", secret=secret)


def told(**browsers: Any) -> dict[str, Check]:
    return {check.id: check for check in check_browsers(facts(browsers=Browsers(**browsers)))}


def test_nothing_is_said_where_no_phone_is_a_browser() -> None:
    assert told() == {}
    assert list(check_browsers(facts())) == []


def test_a_site_at_which_all_is_there() -> None:
    found = told(url=URL, websocket=GOOD, phones=[phone()], endpoints={"1020": GOOD_ENDPOINT})
    assert found.keys() == {
        *("browser.tls", "browser.websocket", "browser.certificate", "browser.secrets", "browser.phones")
    }
    assert {check.status for check in found.values()} == {Status.OK}


def test_phones_without_a_websocket_cannot_register() -> None:
    check = told(phones=[phone("ann"), phone("bea")], endpoints={"ann": {}, "bea": {}})["browser.websocket"]
    assert check.status is Status.FAIL
    assert check.text.startswith("phones ann, bea: ")
    assert "websocket_url" in check.mend


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("wss://pbx.example/ws", Status.OK),
        ("ws://127.0.0.1:8088/ws", Status.OK),
        ("ws://10.0.0.5:8088/ws", Status.FAIL),
    ],
)
def test_only_on_this_machine_a_websocket_needs_no_tls(url: str, status: Status) -> None:
    assert told(url=url, websocket=GOOD)["browser.tls"].status is status


@pytest.mark.parametrize(
    ("seen", "says", "mend"),
    [
        (WebSocketSeen(error="Connection refused"), "Connection refused", "bindport in http.conf"),
        (WebSocketSeen(certificate="certificate has expired"), "has expired", "with its chain"),
        (WebSocketSeen(status=404), "answers 404", "res_http_websocket"),
        (WebSocketSeen(status=400), "answers 400", "[transport-ws]"),
        (WebSocketSeen(status=101), "answers 101", "[transport-ws]"),
        (WebSocketSeen(status=426), "answers 426", "passes Upgrade"),
        (WebSocketSeen(status=502), "answers 502", "does not reach Asterisk"),
        (WebSocketSeen(status=403), "answers 403", "docs/console.md"),
    ],
)
def test_a_websocket_that_browsers_cannot_use_is_told_with_its_mend(
    seen: WebSocketSeen, says: str, mend: str
) -> None:
    check = told(url=URL, websocket=seen)["browser.websocket"]
    assert check.status is Status.FAIL
    assert says in check.text
    assert mend in check.mend


def test_a_certificate_that_ends_soon_is_told_before_it_does() -> None:
    check = told(url=URL, websocket=WebSocketSeen(status=101, sip=True, days=13.0))["browser.certificate"]
    assert (check.status, check.text) == (
        Status.WARN,
        "the certificate of the WebSocket is good for 13 days",
    )


def test_phones_that_lack_something_are_named() -> None:
    phones = [phone("a", secret=False), phone("b"), phone("c"), phone("d")]
    endpoints = {
        "a": GOOD_ENDPOINT,
        "b": dict.fromkeys(GOOD_ENDPOINT, ""),
        "c": GOOD_ENDPOINT | {"webrtc": "no"},
        "d": GOOD_ENDPOINT | {"dtls_auto_generate_cert": "No"},
    }
    found = told(url=URL, websocket=GOOD, phones=phones, endpoints=endpoints)
    assert found["browser.secrets"].text.startswith("phone a: ")
    assert "phone secret" in found["browser.secrets"].mend
    wrong = found["browser.phones"]
    assert wrong.status is Status.FAIL
    assert wrong.text == (
        "phones that are browsers: b is no endpoint of Asterisk's; c has no webrtc; "
        "d has no certificate for DTLS"
    )
    endpoints["d"]["dtls_cert_file"] = "/etc/asterisk/keys/dtls.pem"
    assert "; d " not in told(phones=phones, endpoints=endpoints)["browser.phones"].text


def test_of_many_phones_the_first_are_named() -> None:
    many = [phone(str(number)) for number in range(1020, 1040)]
    check = told(url=URL, websocket=GOOD, phones=many, endpoints={one.device: {} for one in many})
    assert check["browser.phones"].text.endswith("1024 is no endpoint of Asterisk's; and 15 more")


def test_a_user_who_may_read_no_function_cannot_tell() -> None:
    check = told(url=URL, websocket=GOOD, phones=[phone()], endpoints=None)["browser.phones"]
    assert check.status is Status.UNKNOWN


# -- the handshake

Answer = Callable[[bytes], bytes]


@asynccontextmanager
async def server(answer: Answer, **options: Any) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(await reader.readuntil(b"\r\n\r\n")))
        writer.close()

    made = await asyncio.start_server(serve, "127.0.0.1", 0, **options)
    yield made.sockets[0].getsockname()[1]
    made.close()


def upgrade(request: bytes) -> bytes:
    assert request.startswith(b"GET /ws HTTP/1.1\r\n")
    assert b"\r\nSec-WebSocket-Protocol: sip\r\n" in request
    return b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"


async def test_a_handshake_is_asked_for_and_read() -> None:
    async with server(upgrade) as port:
        assert await look_at_websocket(f"ws://127.0.0.1:{port}/ws") == WebSocketSeen(status=101, sip=True)
    assert (await look_at_websocket(f"ws://127.0.0.1:{port}/ws")).error


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", WebSocketSeen(status=404)),
        (b"HTTP/1.1 101 Yes\r\n\r\n", WebSocketSeen(status=101)),
        (b"SSH-2.0-OpenSSH\r\n\r\n", WebSocketSeen(error="what answers speaks no HTTP")),
        (b"", WebSocketSeen(error="what answers speaks no HTTP")),
        (b"x" * 100_000, WebSocketSeen(error="what answers speaks no HTTP")),
    ],
)
async def test_whatever_answers_is_told(answer: bytes, seen: WebSocketSeen) -> None:
    async with server(lambda _: answer) as port:
        assert await look_at_websocket(f"ws://127.0.0.1:{port}/ws") == seen


async def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.doctor.websocket.DEADLINE", 0.1)

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    made = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = made.sockets[0].getsockname()[1]
    assert (await look_at_websocket(f"ws://127.0.0.1:{port}/ws")).error == "nothing came in 0.1 s"
    made.close()


async def test_the_certificate_is_looked_at_as_a_browser_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    pair = await asyncio.to_thread(authority.issue, "DNS:localhost", "30")
    async with server(upgrade, ssl=pair.server()) as port:
        url = f"wss://localhost:{port}/ws"
        assert "local issuer" in (await look_at_websocket(url)).certificate
        monkeypatch.setenv("SSL_CERT_FILE", authority.file)
        good = await look_at_websocket(url)
        assert (good.status, good.sip, good.certificate) == (101, True, "")
        assert good.days is not None
        assert 29 < good.days < 31
        assert "IP address mismatch" in (await look_at_websocket(f"wss://127.0.0.1:{port}/ws")).certificate
