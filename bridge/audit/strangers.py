"""Requests of nobody who is known: of a flood only some have a row, so that it cannot fill the disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from bridge.audit.entry import Entry

A_MINUTE: Final = 120
"""Rows of strangers in a minute, of all of them; of the others only the number is kept."""
FUNCTION: Final = "strangers"
"""What the row that says so names as its function."""


class Strangers:
    """Counts them, minute by minute.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minute = 0
        self._seen = 0

    def has_row(self, entry: Entry) -> bool:
        """Whether it gets a row of its own: each does whose caller is known.

        Others may be a flood even where nothing is refused: the version, the API's description, `OPTIONS`.
        """
        if entry.user:
            return True
        self._seen += 1
        return self._seen <= A_MINUTE

    def sum_up(self, *, at_end: bool = False) -> Entry | None:
        """A row for those of the last minute who got none, once that is over (or everything ends)."""
        minute = int(self._clock() // 60)
        if minute == self._minute and not at_end:
            return None
        more, self._minute, self._seen = self._seen - A_MINUTE, minute, 0
        if more <= 0:
            return None
        entry = Entry(FUNCTION)
        entry.refuse(f"{more} more, without rows")
        return entry
