"""Where browsers that are phones register: of the settings, read without the store."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec


class BrowserServer(NamedTuple):
    """How browsers register at one Asterisk."""

    websocket: str
    """As `wss://pbx.example/ws`."""
    domain: str
    """Of their SIP addresses."""
    ice_servers: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Scheme, host and port of the WebSocket, as a `Content-Security-Policy` names it."""
        parts = urlsplit(self.websocket)
        return f"{parts.scheme}://{parts.netloc}"


class BrowserPhoneState(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that is a browser, and whether there is what it registers with."""

    login: str
    device: str
    """What Asterisk knows it by."""
    asterisk: str
    """Its server; empty: the first of the settings."""
    secret: bool
