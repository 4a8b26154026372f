"""How many calls are placed, and why."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.campaigns.model import DialMethod
from bridge.dialer.chances import Rate
from bridge.dialer.durations import Durations
from bridge.dialer.pacing import decide, drop_limit_reached, looks_ahead, may_ring
from bridge.dialer.pacing_model import AUTOMATIC, Cause, Decision, Figures

ADAPTIVE = sorted(AUTOMATIC - {DialMethod.RATIO})

ages = st.lists(st.floats(0, 400), max_size=20).map(tuple)
durations = st.sampled_from(
    [
        None,
        Durations.from_mean(5),
        Durations.from_mean(120),
        Durations.of([4, 5, 6, 8, 12], 8),
        Durations.of([25.0] * 50, 20),
        Durations.of([30 + 7 * n for n in range(40)], 150),
    ]
)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    trials = draw(st.integers(0, 5000))
    return Rate(draw(st.integers(0, trials)), trials)


figures = st.builds(
    Figures,
    method=st.sampled_from(DialMethod),
    dial_level=st.floats(0, 20),
    max_level=st.floats(0, 20),
    ready=st.integers(0, 30),
    waiting=st.integers(0, 5),
    talking=ages,
    wrapping=ages,
    dialling=ages,
    talk=durations,
    wrap_up=durations,
    to_answer=durations,
    to_failure=durations,
    answered=rates(),
    answered_lately=rates(),
    dropped=st.one_of(rates(), st.integers(0, 50000).map(lambda trials: Rate(trials // 60, trials))),
    target=st.floats(0.001, 0.2),
    patience=st.floats(0, 10),
    lines_free=st.integers(0, 300),
    may_start=st.integers(0, 100),
    shift=st.floats(0, 1),
)

BUSY = Figures(
    method=DialMethod.ADAPT_HARD_LIMIT,
    ready=2,
    talking=tuple(float(age) for age in range(0, 120, 10)),
    wrapping=(1.0, 5.0, 8.0, 12.0, 15.0, 18.0),
    dialling=(2.0, 5.0),
    talk=Durations.of([60 + 5 * n for n in range(60)], 150),
    wrap_up=Durations.of([10 + n for n in range(20)], 20),
    to_answer=Durations.of([4 + n % 9 for n in range(60)], 8),
    to_failure=Durations.of([25.0] * 40 + [2.0] * 10, 25),
    answered=Rate(45, 300),
    answered_lately=Rate(6, 40),
    dropped=Rate(10, 1000),
    lines_free=100,
    may_start=50,
)
"""Twenty agents in the middle of a shift, two of whom wait."""


def but(changed: Figures, **fields: Any) -> Decision:
    return decide(msgspec.structs.replace(changed, **fields))


@given(figures)
def test_never_below_zero_nor_above_a_limit(at: Figures) -> None:
    count = decide(at).count
    assert 0 <= count <= min(at.lines_free, at.may_start)
    if at.method in ADAPTIVE:
        assert count == 0 or count + len(at.dialling) + len(at.talking) <= at.max_level * at.at_work
    if at.method is DialMethod.RATIO:
        assert count == 0 or count + len(at.dialling) <= at.dial_level * at.ready + 0.5


@given(figures)
def test_the_same_figures_give_the_same_answer_with_its_reason(at: Figures) -> None:
    assert decide(at) == decide(at)
    assert decide(at).reason


@given(figures)
def test_nothing_is_dialled_by_itself_with_a_method_that_does_not(at: Figures) -> None:
    for method in set(DialMethod) - AUTOMATIC:
        assert but(at, method=method).count == 0
    assert but(at, dial_level=0).count == 0


@given(figures, st.integers(2, 50), st.integers(0, 3000))
def test_a_reached_drop_limit_stops_every_method(at: Figures, drops: int, more: int) -> None:
    trials = max(min(int(drops / at.target), drops + more), drops)
    for method in AUTOMATIC:
        stopped = but(at, method=method, dial_level=1, dropped=Rate(drops, trials))
        assert (stopped.count, stopped.cause) == (0, Cause.DROP_LIMIT) or drops < at.target * (
            1 / at.target + 1
        )


@given(figures, st.integers(0, 20))
def test_more_agents_who_wait_never_mean_fewer_calls(at: Figures, more: int) -> None:
    """But where so many at work have not had their first calls yet: then one call for each who waits."""
    before, after = decide(at), but(at, ready=at.ready + more)
    if after.count < before.count:
        assert after.cause is Cause.CAUTIOUS
        assert "tell when agents will be free" in after.reason
        assert after.count == at.uncovered + more - len(at.dialling)


@given(figures, st.integers(0, 20))
def test_more_drops_never_mean_more_calls(at: Figures, more: int) -> None:
    worse = Rate(min(at.dropped.hits + more, at.dropped.trials), at.dropped.trials)
    assert but(at, dropped=worse).count <= decide(at).count


@given(figures, st.floats(0, 0.5))
def test_a_higher_target_never_means_fewer_calls(at: Figures, more: float) -> None:
    assert but(at, target=at.target + more).count >= decide(at).count


@given(figures, st.integers(0, 500))
def test_more_answers_never_mean_more_calls(at: Figures, more: int) -> None:
    rate = Rate(min(at.answered.hits + more, at.answered.trials), at.answered.trials)
    assert but(at, answered=rate).count <= decide(at).count


@given(figures, st.integers(0, 5))
def test_customers_who_wait_never_mean_more_calls(at: Figures, more: int) -> None:
    assert but(at, waiting=at.waiting + more).count <= decide(at).count


@given(figures, st.integers(0, 40), st.integers(0, 40))
def test_more_trunks_and_calls_per_second_never_mean_fewer_calls(
    at: Figures, lines: int, starts: int
) -> None:
    more = but(at, lines_free=at.lines_free + lines, may_start=at.may_start + starts)
    assert more.count >= decide(at).count


@given(figures, st.sampled_from(ADAPTIVE))
def test_without_a_drop_to_afford_nobody_is_called_without_an_agent(at: Figures, method: DialMethod) -> None:
    called = but(at, method=method, dropped=Rate(0, 0)).count
    assert called <= max(at.ready - at.waiting - len(at.dialling), 0)


def test_calls_are_placed_before_agents_are_free() -> None:
    decision = decide(BUSY)
    assert decision.cause is Cause.PACED
    assert decision.count > BUSY.ready - len(BUSY.dialling)
    assert "20 agents at work" in decision.reason
    assert "at most 1.0% of the next answers may be dropped" in decision.reason


def test_two_agents_get_one_call_each() -> None:
    two = but(BUSY, ready=1, talking=(200.0,), wrapping=(), dialling=())
    assert (two.count, two.cause) == (1, Cause.FEW_AGENTS)
    assert "2 agents at work: dialling ahead does not pay" in two.reason
    nobody = but(BUSY, ready=0, talking=(200.0,), wrapping=(30.0,), dialling=())
    assert (nobody.count, nobody.cause) == (0, Cause.NO_AGENT)


@pytest.mark.parametrize("method", ADAPTIVE)
def test_a_campaign_without_history_dials_one_call_for_each_agent(method: DialMethod) -> None:
    fresh = Figures(method=method, ready=10, lines_free=100, may_start=100)
    start = decide(fresh)
    assert (start.count, start.cause) == (10, Cause.CAUTIOUS)
    assert "0 of 0 answered calls were dropped" in start.reason
    half = but(fresh, dialling=(1.0, 2.0, 3.0, 4.0))
    assert half.count == 6


def test_the_first_calls_of_a_day_are_one_for_each_agent() -> None:
    morning = but(
        BUSY, ready=20, talking=(), wrapping=(), dialling=(), answered=Rate(), answered_lately=Rate()
    )
    assert (morning.count, morning.cause) == (20, Cause.PACED)
    unknown = but(BUSY, ready=8, dialling=(), talk=None)
    assert (unknown.count, unknown.cause) == (8, Cause.CAUTIOUS)
    assert "0 calls have ended, 78 tell when agents will be free" in unknown.reason


def test_the_limit_stops_with_its_figures_in_words() -> None:
    stopped = but(BUSY, dropped=Rate(30, 1000), ready=20)
    assert (stopped.count, stopped.cause) == (0, Cause.DROP_LIMIT)
    assert stopped.reason == "automatic dialling stops: 30 of 1000 answered calls were dropped, target 3.00%"


def test_near_the_limit_only_sure_calls_are_placed() -> None:
    near = but(BUSY, dropped=Rate(28, 1000), ready=4, dialling=())
    assert (near.count, near.cause) == (4, Cause.CAUTIOUS)


@pytest.mark.parametrize(
    ("drops", "answers", "reached"), [(1, 1, False), (1, 30, False), (2, 40, True), (2, 67, False)]
)
def test_a_single_drop_is_no_rate(drops: int, answers: int, *, reached: bool) -> None:
    assert drop_limit_reached(msgspec.structs.replace(BUSY, dropped=Rate(drops, answers))) is reached


def test_tapering_risks_less_towards_the_end_of_the_shift() -> None:
    tapered = msgspec.structs.replace(BUSY, method=DialMethod.ADAPT_TAPERED, dropped=Rate(10, 2000))
    counts = [but(tapered, shift=shift).count for shift in (0.0, 0.5, 1.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert counts[-1] == but(tapered, method=DialMethod.ADAPT_HARD_LIMIT).count


def test_a_sudden_rise_of_answers_is_believed_before_the_average_has_moved() -> None:
    assert but(BUSY, answered_lately=Rate(26, 40)).count < decide(BUSY).count


def test_few_answers_mean_more_calls() -> None:
    assert but(BUSY, answered=Rate(15, 300), answered_lately=Rate(2, 40)).count > decide(BUSY).count


@pytest.mark.parametrize(
    ("fields", "count", "cause", "words"),
    [
        ({"lines_free": 1}, 1, Cause.TRUNKS, "1 lines are free"),
        ({"may_start": 0}, 0, Cause.PER_SECOND, "0 calls may start in this second"),
        ({"max_level": 0.75}, 1, Cause.LEVEL, "max_level is 0.75"),
    ],
)
def test_limits_say_which_they_are(fields: dict[str, Any], count: int, cause: Cause, words: str) -> None:
    limited = but(BUSY, **fields)
    assert (limited.count, limited.cause) == (count, cause)
    assert words in limited.reason
    assert "wanted" in limited.reason or cause is Cause.LEVEL


def test_ratio_keeps_its_lines_for_each_agent_who_waits() -> None:
    at = msgspec.structs.replace(BUSY, method=DialMethod.RATIO, dial_level=2.5, ready=4)
    assert but(at).count == 8
    assert but(at, ready=0).cause is Cause.NO_AGENT
    assert but(at, waiting=4).count == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ready": -1}, "ready: -1 is negative"),
        ({"target": 3}, "target: 3 is not a share"),
        ({"patience": -0.5}, "patience"),
    ],
)
def test_wrong_figures_are_named(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        but(BUSY, **fields)


def test_time_alone_matters_where_busy_agents_are_dialled_for() -> None:
    assert looks_ahead(BUSY)
    for fields in (
        {"method": DialMethod.RATIO},
        {"talking": (), "wrapping": ()},
        {"talking": (9.0,), "wrapping": (), "ready": 1},
    ):
        assert not looks_ahead(msgspec.structs.replace(BUSY, **fields))


@given(figures)
def test_phones_that_ring_first_take_lines_that_are_left_and_none_at_the_drop_limit(found: Figures) -> None:
    decision = decide(found)
    first = may_ring(found, decision)
    assert first >= 0
    if first:
        assert decision.count + first <= min(found.lines_free, found.may_start)
        assert found.method in AUTOMATIC
        assert found.dial_level > 0
        assert not drop_limit_reached(found)
