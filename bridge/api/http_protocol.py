"""HTTP/1.1 of uvicorn with limits on head, time and connections, and refusals that callers can read.

uvicorn's httptools protocol takes headers without end, waits for a request for ever, and answers what it
cannot parse in plain text. Give a class to `uvicorn.Config(http=limited(…))`.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bridge.api.errors import MEDIA_TYPE, problem, respond
from bridge.api.headers import ALWAYS
from bridge.api.http_parser import Parser
from bridge.api.http_transport import OnePacket
from bridge.api.vicidial.reply import error

MAX_HEAD: Final = 64 * 1024
"""Bytes of request line and headers; httptools takes no longer URL than this either."""
REQUEST_SECONDS: Final = 20.0
MAX_CONNECTIONS: Final = 2000
STALL_SECONDS: Final = 30.0
"""For a peer to take what waits to be sent: some 64 KiB."""
_LINE_FORMAT: Final = (b"/agc/api.php", b"/vicidial/non_agent_api.php")
_REFUSAL_HEADERS: Final = b"".join(name + b": " + value + b"\r\n" for name, value in ALWAYS)


def _refusal(status: int, error_id: str, detail: str, mend: str = "") -> tuple[bytes, bytes, bytes]:
    """Status line, media type and body of a problem."""
    line = f"{status} {HTTPStatus(status).phrase}".encode()
    return line, MEDIA_TYPE.encode(), respond(problem(status, error_id, detail, mend=mend)).content


class LimitedHttp(HttpToolsProtocol):
    """One connection."""

    request_seconds: ClassVar[float] = REQUEST_SECONDS
    """For a request to come in whole, from the connection (or the request's first byte) on."""
    max_connections: ClassVar[int] = MAX_CONNECTIONS
    """Open at the same time, those of event streams among them; one more is refused."""
    stall_seconds: ClassVar[float] = STALL_SECONDS
    """For a peer to take what waits to be sent; one that takes less holds memory and a place for nothing."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin: a head comes first."""
        super().connection_made(OnePacket(transport, self.loop))  # type: ignore[arg-type]
        self.parser: Parser = Parser(self)  # type: ignore[assignment]  # as httptools' own, to whoever uses it
        self.url = b""
        self._in_head = True
        self._head = 0
        self._piece = b""
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        if len(self.connections) > self.max_connections:
            why = f"{self.max_connections} connections are open"
            self._refuse(*_refusal(503, "too-many-connections", why, "Try again in a moment."))
            return
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is expected."""
        self._request_is_here()
        self._peer_takes()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The peer takes less than it is sent: it has to go on in time."""
        super().pause_writing()
        self._peer_must_take()

    def resume_writing(self) -> None:
        """It has."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._peer_takes()

    def on_response_complete(self) -> None:
        """An answer is written; if it is the last, the rest of it must be taken in time."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._peer_must_take()

    def timeout_keep_alive_handler(self) -> None:
        """Close what is not used; closing waits for what was not taken yet."""
        super().timeout_keep_alive_handler()
        self._peer_must_take()

    def shutdown(self) -> None:
        """The service stops."""
        super().shutdown()
        if self.transport.is_closing():
            self._peer_must_take()

    def _peer_must_take(self) -> None:
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.stall_seconds, self.transport.abort)

    def _peer_takes(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _expect_request(self) -> None:
        """A whole request has to come in time: what trickles holds a place that others need."""
        self._request_is_here()
        self._late = self.loop.call_later(self.request_seconds, self._too_late)

    def _request_is_here(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        if self.cycle is not None and self.cycle.response_started:  # answered before its end was here
            self.transport.close()
            self._peer_must_take()
        elif not self.transport.is_closing():
            why = f"not complete within {self.request_seconds:g} s"
            self._refuse_unread(*_refusal(408, "request-timeout", f"the request was {why}"), line=why)

    def data_received(self, data: bytes) -> None:
        """Parse, and let go of a peer whose head does not end."""
        self._piece = data[:256]  # a request line that cannot be parsed gets no further than this
        if self._late is None and self._is_idle():  # even if it is only an empty line, which begins nothing
            self._expect_request()
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.send_400_response("the request's head is too long")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = True
        self._head = 0
        if self._late is None:  # a further one on the same connection
            self._expect_request()

    def on_message_complete(self) -> None:
        """The request is here, body and all."""
        if self.parser.unheard:
            return
        self._request_is_here()
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """The head is here; one that came in a single piece is measured too."""
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            msg = "the request's head is too long"
            raise ValueError(msg)
        if not self.parser.unheard:
            super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Say that the request cannot be read."""
        found = _refusal(400, "bad-request", msg, f"A head has at most {MAX_HEAD} bytes.")
        self._refuse_unread(*found, line=f"head of at most {MAX_HEAD} bytes")

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _refuse_unread(self, status: bytes, kind: bytes, body: bytes, *, line: str) -> None:
        """A line for callers of the line format, else a problem."""
        if self.url.startswith(_LINE_FORMAT) or any(b" " + path in self._piece for path in _LINE_FORMAT):
            text = error("request cannot be read", line).encode()
            self._refuse(b"200 OK", b"text/html; charset=utf-8", text)
        else:
            self._refuse(status, kind, body)

    def _refuse(self, status: bytes, kind: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n"
        self.transport.write(head % (status, kind, len(body), _REFUSAL_HEADERS) + body)
        self.transport.close()
        self._peer_must_take()


def limited(request_seconds: float, max_connections: int) -> type[LimitedHttp]:
    """The protocol with a site's own limits."""
    limits = {"request_seconds": request_seconds, "max_connections": max_connections}
    return type("LimitedHttp", (LimitedHttp,), limits)
