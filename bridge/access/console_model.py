"""What a session of an agent's page is, and how a login to it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from bridge.access.model import Principal, Reason

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200


class ConsoleSession(msgspec.Struct, frozen=True, kw_only=True):
    """A page in which an agent is logged in; without the token that opens it."""

    id: str
    user: str
    made_at: datetime
    ends_at: datetime


class ConsoleLink(msgspec.Struct, frozen=True, kw_only=True):
    """What logs an agent in to her page, once."""

    token: str
    """It cannot be read again."""
    user: str
    ends_at: datetime

    def __repr__(self) -> str:
        """Without the token."""
        return f"{type(self).__name__}({self.user!r}, {self.ends_at!r})"

    def at(self, base: str) -> str:
        """Its address; the token is behind the #, which no browser sends and no server logs.

        Args:
            base: how others reach the bridge, without a slash at the end.
        """
        return f"{base}/console#link={self.token}"


class ConsoleLogin(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a login."""

    reason: Reason
    session: ConsoleSession | None = None
    """Set only with `GOOD`, as the token."""
    agent: Principal | None = None
    """Who she is, or says she is; with `GOOD` as one who is in this session."""
    token: str = ""
    """What the browser keeps; it cannot be read again."""

    def __repr__(self) -> str:
        """Without the token."""
        return f"{type(self).__name__}({self.reason!r}, {self.session!r})"
