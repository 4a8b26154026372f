"""A request whose client offers another protocol is read like any other, wherever its bytes are divided."""

from __future__ import annotations

import pytest

from bridge.api.http_parser import Parser

FORM = b"function=version&value=1"


class Heard:
    def __init__(self) -> None:
        self.parser = Parser(self)
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.requests: list[tuple[bytes, bytes, dict[bytes, bytes], bytes]] = []

    def on_message_begin(self) -> None:
        self.url, self.headers, self.body = b"", [], b""

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.stays = self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        if not self.parser.unheard:
            self.requests.append((self.parser.get_method(), self.url, dict(self.headers), self.body))


def request(*headers: bytes, body: bytes = FORM) -> bytes:
    head = b"POST /agc/api.php?a=%20b HTTP/1.1\r\nHost: bridge\r\n"
    return head + b"".join(line + b"\r\n" for line in headers) + b"\r\n" + body


LENGTH = b"Content-Length: %d" % len(FORM)
OFFER = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
CHUNKED = b"5\r\nfunct\r\n13\r\nion=version&value=1\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        request(*OFFER, LENGTH),
        request(LENGTH, *OFFER),
        request(b"Connection: close, upgrade", b"Upgrade: websocket", LENGTH),
        request(*OFFER, b"Transfer-Encoding: chunked", body=CHUNKED),
        request(LENGTH),
    ],
    ids=["h2c", "h2c last", "websocket", "chunked", "no offer"],
)
def test_wherever_it_is_divided(sent: bytes) -> None:
    for place in range(len(sent) + 1):
        heard = Heard()
        for piece in (sent[:place], sent[place:]):
            heard.parser.feed_data(piece)
        [(method, url, headers, body)] = heard.requests
        assert (method, url, body) == (b"POST", b"/agc/api.php?a=%20b", FORM)
        assert headers[b"host"] == b"bridge"
        assert b"upgrade" not in headers


def test_what_follows_on_the_connection_is_read_too() -> None:
    heard = Heard()
    heard.parser.feed_data(request(*OFFER, LENGTH) + request(LENGTH) + request(*OFFER, LENGTH))
    assert [body for *_, body in heard.requests] == [FORM] * 3


def test_connection_keeps_what_is_no_offer() -> None:
    heard = Heard()
    heard.parser.feed_data(request(b"Connection: close, upgrade", b"Upgrade: h2c", LENGTH))
    assert heard.requests[0][2][b"connection"].strip() == b"close"
    assert not heard.stays
