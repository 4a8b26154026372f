"""Where browsers that are phones register: of the settings, read without the store."""

from __future__ import annotations

from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta


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


class BrowserPhone(msgspec.Struct, frozen=True, kw_only=True):
    """What `phone.js` is made with."""

    websocket: Annotated[str, Meta(examples=["wss://pbx.example/ws"])]
    uri: Annotated[str, Meta(examples=["sip:1020@pbx.example"])]
    user: str
    password: str
    """Told to this page alone."""
    ice_servers: tuple[str, ...] = ()
    """STUN servers, as `stun:stun.example:3478`."""

    def __repr__(self) -> str:
        """Without the password."""
        return f"{type(self).__name__}({self.uri!r})"
