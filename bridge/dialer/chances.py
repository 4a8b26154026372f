"""Chances that pacing reckons with: bounds of observed rates, and how many of several chances come true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

CONFIDENCE: Final = 1.645
"""Standard deviations to the bound that a rate keeps 19 times out of 20, on one side."""
EXACT: Final = 16
"""Up to so many chances their sum is worked out exactly; more are taken as a normal distribution."""


class Rate(msgspec.Struct, frozen=True):
    """How often something has happened.

    Raises:
        ValueError: it happened more often than it was tried, or a count is negative.
    """

    hits: int = 0
    trials: int = 0

    def __post_init__(self) -> None:
        """Check the counts."""
        if not 0 <= self.hits <= self.trials:
            raise ValueError(f"hits: {self.hits} is not between 0 and the {self.trials} trials")

    def upper(self, deviations: float = CONFIDENCE) -> float:
        """The highest true rate that these counts make likely (Wilson's bound); 1 when nothing was tried."""
        return self._bound(deviations) if self.trials else 1.0

    def lower(self, deviations: float = CONFIDENCE) -> float:
        """The lowest true rate that these counts make likely; 0 when nothing was tried."""
        return self._bound(-deviations) if self.trials else 0.0

    def _bound(self, z: float) -> float:
        share, n = self.hits / self.trials, self.trials
        spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return min(max((share + z * z / (2 * n) + spread) / (1 + z * z / n), 0.0), 1.0)


def affordable(trials: int, limit: float) -> float:
    """How many hits so many trials may have for their true rate to lie below the limit with confidence.

    It is the 5 % quantile of the binomial distribution at the limit (Cornish and Fisher's expansion, right to
    within one hit): with a true rate at the limit or above, so few hits are seen in one case of twenty.
    """
    mean = trials * limit
    skew = (CONFIDENCE**2 - 1) * (1 - 2 * limit) / 6
    return max(mean - CONFIDENCE * math.sqrt(mean * (1 - limit)) + skew - 0.5, 0.0)


class Chances:
    """The sum of independent chances, to which more can be added."""

    def __init__(self, chances: Sequence[float]) -> None:
        self.count = len(chances)
        self.mean = sum(chances)
        self._variance = sum([chance * (1 - chance) for chance in chances])
        self._exact: list[float] | None = [1.0] if self.count <= EXACT else None
        if self._exact is not None:
            for chance in chances:
                self._exact = _with(self._exact, chance)

    def add(self, chance: float) -> None:
        """One more chance."""
        self.count += 1
        self.mean += chance
        self._variance += chance * (1 - chance)
        if self._exact is not None:
            self._exact = _with(self._exact, chance) if self.count <= 2 * EXACT else None

    def excess(self, places: int) -> float:
        """How many more than there are places come true, on average."""
        if self._exact is not None:
            return math.fsum((n - places) * chance for n, chance in enumerate(self._exact) if n > places)
        over, deviation = self.mean - places, math.sqrt(self._variance)
        if deviation == 0.0:
            return max(over, 0.0)
        z = over / deviation
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return max(deviation * density + over * (1 + math.erf(z / math.sqrt(2))) / 2, 0.0)


def _with(sums: list[float], chance: float) -> list[float]:
    """The distribution of a sum with one chance more."""
    miss = 1 - chance
    return [a * miss + b * chance for a, b in zip([*sums, 0.0], [0.0, *sums], strict=True)]
