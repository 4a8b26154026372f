"""The states of a link, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

__all__ = ["CloseKind", "CloseReason", "ConnectionState", "LinkState"]


class ConnectionState(Enum):
    """Where one connection is in its life; it only moves downwards."""

    NEW = "not opened yet"
    CONNECTING = "TCP or TLS is being set up"
    GREETING = "waiting for Asterisk's banner"
    AUTHENTICATING = "the login is on its way"
    READY = "logged in"
    CLOSED = "over"


class LinkState(Enum):
    """What a client is doing about its link."""

    NEW = "not started"
    CONNECTING = "a connection is being made"
    UP = "logged in, events flow"
    BACKING_OFF = "pausing before the next connection"
    LOGIN_REFUSED = "Asterisk refused the login; tried again slowly"
    STOPPED = "stopped for good"


class CloseKind(Enum):
    """Why a connection ended, for programs."""

    LOCAL = "closed by this side"
    PEER = "closed by the peer"
    NETWORK = "network error"
    SILENT = "no sign of life"
    PROTOCOL = "protocol fault"
    LOGIN = "no login"


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why and when a connection ended.

    Attributes:
        kind: for programs.
        detail: for people.
        at: when it was noticed.
        last_heard: when the last byte came from the peer.
    """

    kind: CloseKind
    detail: str
    at: datetime
    last_heard: datetime

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.detail}" if self.detail else self.kind.value
