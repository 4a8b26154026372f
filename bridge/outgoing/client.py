"""The HTTP client for URLs that users configure."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

import httpcore

from bridge.outgoing.addresses import Network
from bridge.outgoing.errors import TargetInvalid, TargetTooSlow, TargetUnreachable
from bridge.outgoing.network import GuardedNetwork, Resolve, resolve

LONGEST_URL: Final = 2000
"""Characters."""
_OWN_HEADERS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade"})
"""They belong to the connection; another `Host` would reach another site of the same server."""
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]{0,4000}")
_METHOD: Final = re.compile(r"[A-Z]{1,20}")
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


class Reply(NamedTuple):
    """What was answered. A redirect is an answer like others: it is not followed."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes
    cut: bool
    """Whether the body was longer."""


class Outgoing:
    """Sends requests to public addresses, and to those of one's own that are allowed.

    No redirect is followed, no proxy of the environment is asked, nothing is unpacked.

    Args:
        allowed: networks of one's own that may be reached.
        seconds: for a whole request, from looking up the host to the last byte of the answer.
        most_bytes: of an answer's body that are read.
        tls: how certificates are checked; `None`: by the system's authorities.
        resolve: how hosts are looked up.
        inner: what makes the connections.
    """

    def __init__(  # noqa: PLR0913  each is a limit, or a part that tests replace
        self,
        *,
        allowed: Sequence[Network] = (),
        seconds: float = 10.0,
        most_bytes: int = 64 * 1024,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve = resolve,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=GuardedNetwork(allowed, resolve, inner or httpcore.AnyIOBackend()),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let all connections go."""
        await self._pool.aclose()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] = _NO_HEADERS, body: bytes = b""
    ) -> Reply:
        """Send a request and read its answer.

        Args:
            method: as `POST`.
            url: `http` or `https`, without user and secret: those belong into a header.
            headers: beside those of the connection.
            body: as it is sent.

        Raises:
            TargetInvalid, TargetForbidden: nothing was sent.
            TargetUnreachable, TargetTooSlow: it may have arrived all the same.
        """
        target, sent = target_of(url), _headers(headers)
        if not _METHOD.fullmatch(method):
            raise TargetInvalid("the method is none of HTTP")
        host = target.host.decode()
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(method, target, sent, body)
        except (TimeoutError, httpcore.TimeoutException):
            raise TargetTooSlow(f"{host} has not answered within {self._seconds:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
            raise TargetUnreachable(f"{host}: {error or type(error).__name__}") from None

    async def _send(
        self, method: str, target: httpcore.URL, headers: list[tuple[str, str]], body: bytes
    ) -> Reply:
        got = bytearray()
        async with self._pool.stream(method, target, headers=headers, content=body) as response:
            async for piece in response.aiter_stream():
                got += piece
                if len(got) > self._most_bytes:
                    break
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return Reply(response.status, told, bytes(got[: self._most_bytes]), len(got) > self._most_bytes)


def target_of(url: str) -> httpcore.URL:
    """The parts of a URL, read once: what is checked is what is connected to.

    Raises:
        TargetInvalid: why it is none that requests are sent to.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise TargetInvalid(
            f"a URL has at most {LONGEST_URL} ASCII characters, no blank or backslash among them"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetInvalid("it is no URL, or its port is none") from None
    if parts.scheme not in ("http", "https"):
        raise TargetInvalid("it begins with neither https:// nor http://")
    if "@" in parts.netloc:
        raise TargetInvalid("user and secret do not belong into a URL: put them into a header")
    if not parts.hostname or "%" in parts.hostname or port == 0:
        raise TargetInvalid("it names no host, or no port that there is")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore.URL(scheme=parts.scheme, host=parts.hostname, port=port, target=path)


def _headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise TargetInvalid(f"the header {name[:40]!r} holds what a header must not")
        if name.lower() in _OWN_HEADERS:
            raise TargetInvalid(f"the header {name!r} belongs to the connection")
    return list(headers.items())
