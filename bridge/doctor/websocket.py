"""Looks at the WebSocket at which browsers that are phones register: a handshake, and nothing after it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import secrets
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["WebSocketSeen", "look_at_websocket"]

DEADLINE = 5.0
"""Seconds for connection and answer."""
DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketSeen:
    """What came of a handshake.

    Attributes:
        status: of HTTP; 0 if no answer came.
        sip: whether the subprotocol `sip` was taken.
        error: why there was no answer; empty if there was one.
        certificate: why the certificate is not believed; empty if it is, or if there is none.
        days: until the certificate ends; `None` without TLS.
    """

    status: int = 0
    sip: bool = False
    error: str = ""
    certificate: str = ""
    days: float | None = None


async def look_at_websocket(url: str) -> WebSocketSeen:
    """Ask for a WebSocket that speaks SIP, as a browser does, and leave."""
    parts = urlsplit(url)
    tls = ssl.create_default_context() if parts.scheme == "wss" else None
    port = parts.port or (443 if tls else 80)
    try:
        async with asyncio.timeout(DEADLINE):
            reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
            try:
                writer.write(_request(parts.netloc, parts.path or "/"))
                head = await reader.readuntil(b"\r\n\r\n")
                return _seen(head, _days(writer))
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except ssl.SSLCertVerificationError as error:
        return WebSocketSeen(certificate=error.verify_message)
    except TimeoutError:
        return WebSocketSeen(error=f"nothing came in {DEADLINE:g} s")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return WebSocketSeen(error="what answers speaks no HTTP")
    except OSError as error:
        return WebSocketSeen(error=error.strerror or str(error))


def _request(host: str, path: str) -> bytes:
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: sip",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _seen(head: bytes, days: float | None) -> WebSocketSeen:
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split()
    if len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdecimal():
        return WebSocketSeen(error="what answers speaks no HTTP", days=days)
    fields = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    return WebSocketSeen(
        status=int(words[1]), sip=fields.get("sec-websocket-protocol", "").lower() == "sip", days=days
    )


def _days(writer: asyncio.StreamWriter) -> float | None:
    shown = writer.get_extra_info("peercert")
    return (ssl.cert_time_to_seconds(shown["notAfter"]) - time.time()) / DAY if shown else None
