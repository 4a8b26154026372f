"""Which Asterisks have their relay connected, since when, and why the others have not."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timezone

log = logging.getLogger(__name__)


class Relays:
    """Connections of relays to this bridge, by the name of their Asterisk.

    Args:
        asterisks: the names that this bridge knows.
        first: whose relay one is that names none.
    """

    def __init__(self, asterisks: Iterable[str] = (), first: str = "") -> None:
        self._first = first
        self._open: dict[str, dict[object, datetime]] = {name: {} for name in (first, *asterisks)}
        self._why_not = dict.fromkeys(self._open, "none has connected yet")

    def __len__(self) -> int:
        """How many are connected now."""
        return sum(map(len, self._open.values()))

    def joined(self, asterisk: str, connection: object) -> None:
        """A relay has connected."""
        name = asterisk or self._first
        if not self._open[name]:
            log.info("the relay of %s has connected", name or "Asterisk")
        self._open[name][connection] = _now()

    def left(self, asterisk: str, connection: object, why: str) -> None:
        """That connection has ended."""
        name = asterisk or self._first
        if self._open[name].pop(connection, None) is not None:
            self._why_not[name] = f"lost at {_now().isoformat(timespec='seconds')}: {why}"
            if not self._open[name]:
                log.warning("no relay of %s is connected: %s", name or "Asterisk", why)

    def refused(self, asterisk: str, why: str) -> None:
        """Somebody who said to be that Asterisk's relay was turned away. The name is not proved."""
        name = asterisk or self._first
        if name in self._open:
            self._why_not[name] = f"refused at {_now().isoformat(timespec='seconds')}: {why}"

    def since(self, asterisk: str) -> datetime | None:
        """Since when that Asterisk's relay is connected; None if none is."""
        return min(self._open[asterisk].values(), default=None)

    def why_not(self, asterisk: str) -> str:
        """Why none is connected."""
        return self._why_not[asterisk]


def _now() -> datetime:
    return datetime.now(timezone.utc)
