"""How long something takes, as observed: the chance that it ends soon, given how long it has lasted."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, Self

import msgspec

LONGEST: Final = 900
"""Seconds that are tabulated; what lasts longer ends at random from then on."""
_TRUST: Final = 8
"""So many observations weigh as much as the assumption that things end at random."""


class Durations(msgspec.Struct, frozen=True):
    """Seconds that something takes."""

    mean: float
    survival: tuple[float, ...]
    """The share that lasts longer than 0, 1, 2, … seconds; never rising, never 0."""

    @classmethod
    def from_mean(cls, mean: float) -> Self:
        """Where only the mean is known: it ends at random.

        Raises:
            ValueError: the mean is not above 0.
        """
        return cls.of((), mean)

    @classmethod
    def of(cls, observed: Iterable[float], assumed_mean: float) -> Self:
        """From what was seen; few observations are mixed with the assumption of things that end at random.

        Args:
            observed: seconds each.
            assumed_mean: seconds, for as long as little was seen.

        Raises:
            ValueError: the assumed mean is not above 0.
        """
        if not assumed_mean > 0:
            raise ValueError(f"assumed_mean: {assumed_mean} is not above 0")
        seen = sorted(observed)
        mean = (math.fsum(seen) + _TRUST * assumed_mean) / (len(seen) + _TRUST)
        longest = min(int(seen[-1]) + 2 if seen else int(4 * assumed_mean) + 2, LONGEST)
        return cls(mean, tuple(_survival(seen, mean, second) for second in range(longest)))

    def lasts(self, seconds: float) -> float:
        """The share that lasts longer, to the whole second."""
        last = len(self.survival) - 1
        if seconds < last:
            return self.survival[int(seconds)]
        return self.survival[last] * math.exp(-(seconds - last) / self.mean)

    def ends(self, ages: Sequence[float], within: float) -> list[float]:
        """For each that has lasted so long, the chance that it ends within these seconds."""
        lasts = self.lasts
        return [1 - lasts(age + within) / (lasts(age) or 1.0) for age in ages]

    def quantile(self, share: float) -> float:
        """Seconds within which this share has ended."""
        second = next((n for n, left in enumerate(self.survival) if 1 - left >= share), len(self.survival))
        return float(second)


def _survival(seen: Sequence[float], mean: float, second: int) -> float:
    longer = len(seen) - bisect_right(seen, second) if second else len(seen)
    return (longer + _TRUST * math.exp(-second / mean)) / (len(seen) + _TRUST)
