"""How fast a trunk is given calls: a limit a second, and patience after Asterisk has refused one.

The times are those of the event loop's clock. Nothing is kept: after a restart a second has passed.
"""

from __future__ import annotations

from collections import deque
from typing import Final

FIRST_PAUSE: Final = 1.0
"""Seconds without a call after the first refusal; twice as many after each one that follows it."""
LONGEST_PAUSE: Final = 30.0


class TrunkPace:
    """What one trunk may be given."""

    def __init__(self) -> None:
        self._started: deque[float] = deque()
        self._pause = 0.0
        self._until = 0.0

    def may_start(self, now: float, per_second: float) -> int:
        """Calls that may be placed now."""
        if self.paused(now):
            return 0
        most, window = _share(per_second)
        while self._started and self._started[0] <= now - window:
            self._started.popleft()
        return max(most - len(self._started), 0)

    def paused(self, now: float) -> bool:
        """Whether it is left alone, as Asterisk has refused a call."""
        return now < self._until

    def opens(self, now: float, per_second: float) -> float:
        """When the next call may be placed; `now` or earlier: at once."""
        if self.may_start(now, per_second):
            return now
        most, window = _share(per_second)
        if len(self._started) < most:
            return self._until
        return max(self._until, self._started[len(self._started) - most] + window)

    def started(self, now: float) -> None:
        """A call is placed."""
        self._started.append(now)

    def forgo(self) -> None:
        """The one that was to be placed is not."""
        if self._started:
            self._started.pop()

    def accepted(self) -> None:
        """Asterisk has taken one."""
        self._pause = 0.0

    def refused(self, now: float) -> None:
        """Asterisk has taken none: it is left alone for a while."""
        if now < self._until:  # of the same moment as the one before
            return
        self._pause = min(self._pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
        self._until = now + self._pause


def _share(per_second: float) -> tuple[int, float]:
    """How many calls in how many seconds."""
    return (int(per_second), 1.0) if per_second >= 1 else (1, 1 / per_second)
