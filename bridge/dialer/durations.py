"""How long something takes, as observed: the chance that it ends soon, given how long it has lasted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul
from typing import Final, Self

import msgspec

LONGEST: Final = 900
"""Seconds that are tabulated; what lasts longer ends at random from then on."""
ENOUGH: Final = 1_000_000
"""Observations of one who only tells the mean: it is believed."""
_TRUST: Final = 8
"""So many observations weigh as much as the assumption that things end at random."""


class Durations(msgspec.Struct, frozen=True, eq=False):
    """Seconds that something takes."""

    mean: float
    survival: tuple[float, ...]
    """The share that lasts longer than 0, 1, 2, … seconds; never rising, never 0."""
    seen: int
    """Observations that this comes from, forgotten ones too."""

    @classmethod
    def from_mean(cls, mean: float) -> Self:
        """Where only the mean is known: it ends at random.

        Raises:
            ValueError: the mean is not above 0.
        """
        known = cls.of((), mean)
        return cls(mean, known.survival, ENOUGH)

    @classmethod
    def of(
        cls,
        observed: Collection[float],
        assumed_mean: float,
        running: Collection[float] = (),
        seen: int = 0,
    ) -> Self:
        """From what was seen; few observations are mixed with the assumption of things that end at random.

        Args:
            observed: seconds each.
            assumed_mean: seconds, for as long as little was seen.
            running: how long those have lasted that go on. Without them the short ones, which end first,
                would stand for all at the beginning of a shift.
            seen: how many were observed, where not all are given.

        Raises:
            ValueError: the assumed mean is not above 0.
        """
        if not assumed_mean > 0:
            raise ValueError(f"assumed_mean: {assumed_mean} is not above 0")
        lasted = math.fsum(observed) + math.fsum(running) + _TRUST * assumed_mean
        mean = lasted / (len(observed) + _TRUST)
        return cls(mean, tuple(_survival(observed, running, mean)), max(len(observed), seen))

    def lasts(self, seconds: float) -> float:
        """The share that lasts longer, to the whole second."""
        last = len(self.survival) - 1
        if seconds < last:
            return self.survival[int(seconds)]
        return self.survival[last] * math.exp(-(seconds - last) / self.mean)

    def ends(self, ages: Sequence[float], within: float) -> list[float]:
        """For each that has lasted so long, the chance that it ends within these seconds."""
        chances = _ending(self, within)
        known, beyond = len(chances), 1 - math.exp(-within / self.mean)
        return [chances[int(age)] if age < known else beyond for age in ages]

    def ends_and(self, then: Durations, ages: Sequence[float], within: float) -> list[float]:
        """For each that has lasted so long, the chance that it and what comes then are over so soon."""
        chances = _both_ending(self, then, int(within))
        known, beyond = len(chances), chances[-1]
        return [chances[int(age)] if age < known else beyond for age in ages]

    def quantile(self, share: float) -> float:
        """Seconds within which this share has ended."""
        second = next((n for n, left in enumerate(self.survival) if 1 - left >= share), len(self.survival))
        return float(second)


@lru_cache(maxsize=256)
def _ending(takes: Durations, within: float) -> tuple[float, ...]:
    """The chance to end within these seconds, second by second of age."""
    return tuple(1 - takes.lasts(age + within) / left for age, left in enumerate(takes.survival))


@lru_cache(maxsize=256)
def _both_ending(takes: Durations, then: Durations, within: int) -> tuple[float, ...]:
    """The same for one after the other."""
    left = [takes.lasts(second) for second in range(len(takes.survival) + within)]
    ending = [now - later for now, later in pairwise(left)]
    time_for_both = [1 - then.lasts(within - second - 0.5) for second in range(within)]
    return tuple(
        sum(map(mul, ending[age : age + within], time_for_both)) / left[age]
        for age in range(len(takes.survival))
    )


def _survival(observed: Collection[float], running: Collection[float], mean: float) -> Iterator[float]:
    """Kaplan and Meier's estimate, second by second, with a few more that end at random."""
    longest = max([*observed, *running, 4 * mean])
    ended, gone = Counter(map(int, observed)), Counter(map(int, running))
    at_risk, assumed, left = float(len(observed) + len(running)), float(_TRUST), 1.0
    fade = math.exp(-1 / mean)
    for second in range(min(int(longest) + 2, LONGEST)):
        yield left
        ends = ended[second] + assumed * (1 - fade)
        left *= 1 - ends / (at_risk + assumed)
        at_risk -= ended[second] + gone[second]
        assumed *= fade
