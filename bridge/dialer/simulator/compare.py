"""The same shift with several policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from bridge.campaigns.model import DialMethod
from bridge.dialer.simulator.engine import Policy, Shift
from bridge.dialer.simulator.outcome import Outcome
from bridge.dialer.simulator.policies import Bridge, OneEach, Oracle, Original
from bridge.dialer.simulator.scenario import Scenario

Watch = Callable[[float], None]
"""Is told hours of agents as they are played."""

TARGETS: Final = (0.01, 0.02, 0.03, 0.05)
_ORIGINAL_TARGETS: Final = (0.005, 0.015, 0.03, 0.06)
_ORIGINAL_LEVELS: Final = (1.1, 1.2, 1.3, 1.5, 1.7, 2.0, 2.5, 3.0)
_MORE_DROPS: Final = 1.02
"""A rate that is so little higher counts as the same."""


class Comparison(msgspec.Struct, frozen=True):
    """One scenario, at its target."""

    bridge: Outcome
    original: Outcome
    original_at_best: Outcome
    """The original's method and target, or fixed level, with the least idle time at no more drops than the
    bridge's; found by trying, which nobody can do in a real shift."""
    one_each: Outcome
    oracle: Outcome


def play(scenario: Scenario, policy: Policy, seed: int, watch: Watch | None = None) -> Outcome:
    """One shift."""
    told = 0.0

    def tick(now: float) -> None:
        nonlocal told
        if watch:
            watch((now - told) / 3600 * scenario.agents)
            told = now

    return Shift(scenario, policy, seed).run(tick)


def compare(scenario: Scenario, seed: int, watch: Watch | None = None) -> Comparison:
    """All policies."""
    bridge = play(scenario, Bridge(), seed, watch)
    one_each = play(scenario, OneEach(), seed, watch)
    tried = [play(scenario, policy, seed, watch) for policy in originals(scenario)]
    allowed = [run for run in tried if run.drop_rate <= bridge.drop_rate * _MORE_DROPS]
    return Comparison(
        bridge=bridge,
        original=play(scenario, Original(), seed, watch),
        original_at_best=min([*allowed, one_each], key=lambda run: run.idle_each),
        one_each=one_each,
        oracle=play(scenario, Oracle(), seed, watch),
    )


def originals(scenario: Scenario) -> Iterator[Original]:
    """The original's rules with other methods and targets, and with fixed levels."""
    for method in (DialMethod.ADAPT_AVERAGE, DialMethod.ADAPT_HARD_LIMIT, DialMethod.ADAPT_TAPERED):
        for target in _ORIGINAL_TARGETS:
            yield Original(method=method, target=target)
    for level in _ORIGINAL_LEVELS:
        if level <= scenario.max_level:
            yield Original(level=level)


SHIFTS: Final = 4 + 3 * len(_ORIGINAL_TARGETS) + len(_ORIGINAL_LEVELS)
"""How many shifts a comparison plays."""


class Curves(msgspec.Struct, frozen=True):
    """Idle time against drop rate, run by run."""

    scenario: Scenario
    bridge: Sequence[Outcome]
    """With rising targets."""
    originals: Sequence[Outcome]
    one_each: Outcome
    oracle: Outcome


def curves(scenario: Scenario, seed: int, watch: Watch | None = None) -> Curves:
    """What more drops buy."""
    return Curves(
        scenario=scenario,
        bridge=[play(scenario, Bridge(target=target), seed, watch) for target in TARGETS],
        originals=[play(scenario, policy, seed, watch) for policy in originals(scenario)],
        one_each=play(scenario, OneEach(), seed, watch),
        oracle=play(scenario, Oracle(), seed, watch),
    )


CURVE_SHIFTS: Final = len(TARGETS) + SHIFTS - 2
"""How many shifts the curves of one scenario play."""
