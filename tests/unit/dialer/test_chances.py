"""Bounds of rates, sums of chances, and how long things take."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.dialer.chances import EXACT, Chances, Rate, affordable
from bridge.dialer.durations import Durations

chances = st.floats(0, 1)


def at_most(hits: int, trials: int, rate: float) -> float:
    """The chance of so many hits or fewer, exactly."""
    logs = (
        math.lgamma(trials + 1)
        - math.lgamma(n + 1)
        - math.lgamma(trials - n + 1)
        + n * math.log(rate)
        + (trials - n) * math.log1p(-rate)
        for n in range(hits + 1)
    )
    return math.fsum(math.exp(log) for log in logs)


@given(st.integers(0, 20000), st.floats(0.005, 0.1))
def test_what_is_affordable_is_rare_with_a_rate_at_the_limit(trials: int, limit: float) -> None:
    drops = int(affordable(trials, limit))
    if affordable(trials, limit) > 0 and drops:
        assert at_most(drops, trials, limit) <= 0.07
        assert at_most(drops + 2, trials, limit) > 0.05


@pytest.mark.parametrize(("trials", "drops"), [(0, 0), (99, 0), (1000, 20), (10000, 271)])
def test_affordable_drops_at_three_percent(trials: int, drops: int) -> None:
    assert abs(int(affordable(trials, 0.03)) - drops) <= 1


@given(st.lists(chances, max_size=EXACT), st.integers(0, 30))
def test_excess_of_few_is_exact(each: list[float], places: int) -> None:
    """Against the definition: every outcome with its chance, one variable after the other."""
    outcomes = {0: 1.0}
    for chance in each:
        split: dict[int, float] = {}
        for total, share in outcomes.items():
            split[total] = split.get(total, 0.0) + share * (1 - chance)
            split[total + 1] = split.get(total + 1, 0.0) + share * chance
        outcomes = split
    expected = math.fsum((total - places) * share for total, share in outcomes.items() if total > places)
    assert Chances(each).excess(places) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.floats(0.05, 0.95), min_size=EXACT, max_size=EXACT), st.integers(0, 40))
def test_excess_of_many_is_near_the_exact_one(each: list[float], places: int) -> None:
    exact = Chances(each)
    for chance in each:
        exact.add(chance)
    assert Chances([*each, *each]).excess(places) == pytest.approx(exact.excess(places), abs=0.1)


@given(st.lists(chances, max_size=60), chances, st.integers(0, 60))
def test_one_chance_more_never_means_less_excess(each: list[float], chance: float, places: int) -> None:
    more = Chances(each)
    before = more.excess(places)
    more.add(chance)
    assert before - 1e-9 <= more.excess(places) <= before + chance + 1e-9


def test_many_chances_that_are_no_chances() -> None:
    assert Chances([1.0] * 50).excess(40) == 10
    assert Chances([0.0] * 50).excess(0) == 0


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_rate_lies_between_its_bounds(one: int, other: int) -> None:
    rate = Rate(min(one, other), max(one, other))
    share = rate.hits / rate.trials if rate.trials else 0.5
    assert 0 <= rate.lower() <= share + 1e-9
    assert share - 1e-9 <= rate.upper() <= 1


def test_a_rate_cannot_be_above_one() -> None:
    with pytest.raises(ValueError, match="hits: 4 is not between 0 and the 3 trials"):
        Rate(4, 3)


@given(st.lists(st.floats(0, 2000), max_size=50), st.floats(0.5, 300), st.floats(0, 1500), st.floats(0, 500))
def test_what_lasts_ends_sooner_or_later(seen: list[float], mean: float, age: float, more: float) -> None:
    takes = Durations.of(seen, mean)
    assert all(a >= b for a, b in zip(takes.survival, takes.survival[1:], strict=False))
    (soon,), (later,) = takes.ends([age], more), takes.ends([age], more + 10)
    assert 0 <= soon <= later <= 1


def test_observations_outweigh_the_assumption() -> None:
    takes = Durations.of([20.0] * 200, assumed_mean=100)
    assert takes.lasts(15) > 0.95
    assert takes.lasts(25) < 0.05
    assert takes.ends([18.0], 4)[0] > 0.9
    assert takes.quantile(0.5) in {20, 21}
    assert takes.mean == pytest.approx(23, abs=1)


def test_with_the_mean_alone_it_ends_at_random() -> None:
    takes = Durations.from_mean(100)
    assert takes.lasts(100) == pytest.approx(1 / math.e, rel=0.01)
    young, old = takes.ends([10.0, 300.0], 20)
    assert young == pytest.approx(old, rel=0.02)


def test_a_mean_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="assumed_mean: 0 is not above 0"):
        Durations.from_mean(0)
