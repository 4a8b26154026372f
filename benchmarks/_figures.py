"""How the benchmarks sum up what they have measured, and say whether an aim was met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], share: int) -> float:
    """The value that this share (in per cent) of the values does not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def said(met: bool) -> str:  # noqa: FBT001 - a word for it
    """How an aim is told."""
    return "met" if met else "MISSED"
