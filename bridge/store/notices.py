"""Notices between the bridges on one database: that something was changed, and what. Nothing is kept.

A notice is sent with the commit of what it tells of, so whoever hears it can read that. It reaches every
other process; on SQLite there is none. Whoever was not listening for a while is told that, and reads all
anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import uuid4

import structlog

CHANNEL: Final = "agent_bridge_notices"
"""PostgreSQL channel on which they are sent."""
LONGEST: Final = 7000
"""Bytes of a notice at most: PostgreSQL sends less than 8000."""

_log = structlog.get_logger(__name__)


class Notices:
    """What this process hears of the others.

    Attributes:
        listening: Whether it hears them now; if not, what it knows may be out of date.
    """

    def __init__(self) -> None:
        self.listening = False
        self._sender = uuid4().hex[:12]
        self._takers: dict[str, list[Callable[[str], object]]] = {}
        self._own_takers: dict[str, list[Callable[[str], object]]] = {}
        self._missed: list[Callable[[], object]] = []

    def hear(self, topic: str, take: Callable[[str], object], *, own: bool = False) -> None:
        """Call `take` with each notice of the topic that another process sends. It must be quick.

        Args:
            topic: What it is about.
            take: Given its text.
            own: This process's own as well: so it learns that a commit that was in doubt was made.
        """
        for takers in (self._takers, self._own_takers) if own else (self._takers,):
            takers.setdefault(topic, []).append(take)

    def when_missed(self, again: Callable[[], object]) -> None:
        """Call `again` whenever notices may have been missed."""
        self._missed.append(again)

    def encode(self, topic: str, text: str) -> str:
        """A notice as it goes over the wire.

        Raises:
            ValueError: It is too long.
        """
        notice = f"{self._sender} {topic} {text}"
        if len(notice.encode()) > LONGEST:
            raise ValueError(f"a notice of {len(notice)} characters is too long")
        return notice

    def heard(self, notice: str) -> None:
        """Take a notice off the wire; one that raises harms no other."""
        sender, _, rest = notice.partition(" ")
        topic, _, text = rest.partition(" ")
        takers = self._own_takers if sender == self._sender else self._takers
        for take in takers.get(topic, ()):
            _try(partial(take, text))

    def missed(self) -> None:
        """Nobody has listened for a while; from now on somebody does."""
        self.listening = True
        for again in self._missed:
            _try(again)


def _try(action: Callable[[], object]) -> None:
    try:
        action()
    except Exception:  # noqa: BLE001  it is not the listener's, who goes on
        _log.exception("a notice could not be taken")
