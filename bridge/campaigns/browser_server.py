"""Where browsers that are phones register: of the settings, read without the store."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


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
