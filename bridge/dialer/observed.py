"""What a campaign's last calls have shown, for the figures of pacing. It reads no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

from bridge.dialer.chances import Rate
from bridge.dialer.durations import Durations

KEPT: Final = 400
"""Observations of each kind that are remembered."""
LATELY: Final = 60
"""Calls among which a sudden change of the answer rate shows."""
_REFRESH: Final = 25
"""Observations after which a distribution is worked out anew; sooner while there are few."""


class Sample:
    """The last durations of one kind."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=KEPT)
        self._fresh = self._all = 0
        self._durations: Durations | None = None

    def add(self, seconds: float) -> None:
        """One more was seen."""
        self._seen.append(seconds)
        self._fresh += 1
        self._all += 1

    def durations(self, running: Callable[[], Collection[float]] = tuple) -> Durations | None:
        """How long it takes; `None` when nothing was seen.

        Args:
            running: gives how long those have lasted that go on; asked when it is worked out anew.
        """
        if self._fresh and (self._fresh >= _REFRESH or len(self._seen) < 2 * _REFRESH):
            mean = sum(self._seen) / len(self._seen)
            self._durations = Durations.of(self._seen, max(mean, 0.1), running(), self._all)
            self._fresh = 0
        return self._durations


class Answers:
    """How many of the last calls were answered."""

    def __init__(self, kept: int) -> None:
        self._last: deque[bool] = deque(maxlen=kept)
        self._hits = 0

    def add(self, *, answered: bool) -> None:
        """One more call has been answered, or has ended without an answer."""
        if len(self._last) == self._last.maxlen:
            self._hits -= self._last[0]
        self._last.append(answered)
        self._hits += answered

    def rate(self) -> Rate:
        """Answers and calls."""
        return Rate(self._hits, len(self._last))


class Observed:
    """One campaign's last calls; tell it of each as it goes on."""

    def __init__(self) -> None:
        self.to_answer = Sample()
        self.to_failure = Sample()
        self.talk = Sample()
        """From the connection to the end of the call."""
        self.wrap_up = Sample()
        """From the end of a call to being ready again."""
        self.answers = Answers(KEPT)
        self.answers_lately = Answers(LATELY)

    def answered(self, seconds: float) -> None:
        """A call was answered so long after it was placed."""
        self.to_answer.add(seconds)
        self._resolved(answered=True)

    def failed(self, seconds: float) -> None:
        """A call has ended without an answer so long after it was placed."""
        self.to_failure.add(seconds)
        self._resolved(answered=False)

    def _resolved(self, *, answered: bool) -> None:
        self.answers.add(answered=answered)
        self.answers_lately.add(answered=answered)
