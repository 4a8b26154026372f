"""How fast a trunk is given calls."""

from __future__ import annotations

import pytest

from bridge.dialer.trunks import LONGEST_PAUSE, TrunkPace


@pytest.mark.parametrize(
    ("per_second", "first", "later"), [(3.0, 3, 1.0), (2.5, 2, 1.0), (0.5, 1, 2.0), (0.1, 1, 10.0)]
)
def test_so_many_in_a_second(per_second: float, first: int, later: float) -> None:
    pace = TrunkPace()
    assert pace.may_start(100.0, per_second) == first
    for _ in range(first):
        assert pace.opens(100.0, per_second) == 100.0
        pace.started(100.0)
    assert pace.may_start(100.0, per_second) == 0
    assert pace.opens(100.0, per_second) == pytest.approx(100.0 + later)
    assert pace.may_start(100.0 + later, per_second) == first


def test_what_is_not_placed_does_not_count() -> None:
    pace = TrunkPace()
    pace.started(100.0)
    pace.forgo()
    pace.forgo()
    assert pace.may_start(100.0, 1) == 1


def test_patience_after_refusals() -> None:
    pace, now, pauses = TrunkPace(), 100.0, []
    for _ in range(7):
        pace.refused(now)
        pace.refused(now)  # of the same moment: one refusal
        assert pace.may_start(now, 9) == 0
        pauses.append(pace.opens(now, 9) - now)
        now = pace.opens(now, 9)
        assert pace.may_start(now, 9) == 9
    assert pauses == [1, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE]
    pace.accepted()
    pace.refused(now)
    assert pace.opens(now, 9) - now == 1


def test_a_lower_limit_holds_at_once() -> None:
    pace = TrunkPace()
    for second in range(5):
        pace.started(100.0 + second / 10)
    assert pace.may_start(100.5, 2) == 0
    assert pace.opens(100.5, 2) == pytest.approx(101.3)
