"""The pacing keeps its promises in modelled shifts."""

from __future__ import annotations

import msgspec
import pytest

from bridge.campaigns.model import DialMethod
from bridge.dialer.simulator.compare import compare, curves, play
from bridge.dialer.simulator.engine import Policy, Shift
from bridge.dialer.simulator.picture import draw
from bridge.dialer.simulator.policies import Bridge, OneEach, Oracle, Original
from bridge.dialer.simulator.scenario import Scenario

SMALL = Scenario(name="small", agents=10, hours=1.0)
SHIFTS = (
    Scenario(name="3 agents", agents=3, hours=8.0),
    Scenario(name="10 agents", agents=10, hours=2.0),
    Scenario(name="50 agents", agents=50, hours=1.0),
    Scenario(name="200 agents", agents=200, hours=0.5),
    Scenario(name="few answer", agents=20, hours=2.0, answer_rates=((0, 0.06),)),
    Scenario(name="most answer", agents=20, hours=1.5, answer_rates=((0, 0.7),)),
    Scenario(name="sudden rise", agents=30, hours=2.0, answer_rates=((0, 0.1), (1.0, 0.4))),
    Scenario(name="sudden fall", agents=30, hours=2.0, answer_rates=((0, 0.5), (1.0, 0.08))),
)


@pytest.mark.parametrize("scenario", SHIFTS, ids=lambda scenario: scenario.name)
def test_drops_stay_within_the_target(scenario: Scenario) -> None:
    """At each minute of the shift, not only at its end: the law would look at any."""
    rates: list[float] = []
    shift = Shift(scenario, Bridge(), seed=7)

    def look(_now: float) -> None:
        if shift.outcome.answers >= 200:
            rates.append(shift.outcome.drop_rate)

    outcome = shift.run(look)
    assert rates
    assert max(rates) < scenario.target
    assert outcome.drops
    assert outcome.utilisation > play(scenario, OneEach(), seed=7).utilisation


@pytest.mark.parametrize("method", [DialMethod.ADAPT_HARD_LIMIT, DialMethod.ADAPT_TAPERED])
def test_each_method_stays_within_the_target(method: DialMethod) -> None:
    outcome = play(SHIFTS[2], Bridge(method=method), seed=3)
    assert 0 < outcome.drop_rate < outcome.scenario.target


@pytest.mark.parametrize("agents", [1, 2])
def test_two_agents_are_given_one_call_each_and_drop_none(agents: int) -> None:
    two = msgspec.structs.replace(SMALL, agents=agents, hours=8.0)
    outcome = play(two, Bridge(), seed=1)
    assert outcome.drops == 0
    assert outcome.handled > 100


@pytest.mark.parametrize("scenario", SHIFTS[:6], ids=lambda scenario: scenario.name)
def test_agents_wait_less_than_by_the_original_rules_and_fewer_are_dropped(scenario: Scenario) -> None:
    bridge, original = play(scenario, Bridge(), seed=5), play(scenario, Original(), seed=5)
    assert bridge.drop_rate <= original.drop_rate
    assert bridge.idle_each < original.idle_each


@pytest.mark.parametrize("scenario", [SHIFTS[1], SHIFTS[5]], ids=lambda scenario: scenario.name)
def test_agents_wait_less_than_with_the_best_that_the_original_can_be_set_to(scenario: Scenario) -> None:
    found = compare(scenario, seed=5)
    assert found.original_at_best.drop_rate <= found.bridge.drop_rate * 1.02
    assert found.bridge.idle_each < found.original_at_best.idle_each


@pytest.mark.parametrize("policy", [Bridge, Original, OneEach, Oracle])
def test_the_same_seed_gives_the_same_shift(policy: type[Policy]) -> None:
    def figures(seed: int) -> tuple[int, int, float]:
        outcome = play(SMALL, policy(), seed)
        return outcome.placed, outcome.answers, outcome.idle

    assert figures(1) == figures(1)
    assert figures(1) != figures(2)


@pytest.mark.parametrize("policy", [Bridge, Original, OneEach, Oracle])
def test_no_call_and_no_agent_is_lost(policy: type[Policy]) -> None:
    shift = Shift(SMALL, policy(), seed=1)
    outcome = shift.run()
    assert outcome.answers == outcome.handled + outcome.drops + len(shift.waiting)
    assert len(shift.ready) + len(shift.talking) <= SMALL.agents


def test_the_oracle_is_not_beaten() -> None:
    found = compare(SMALL, seed=1)
    assert found.oracle.drops == 0
    assert found.oracle.idle_each < 0.5
    assert found.oracle.utilisation > found.bridge.utilisation > found.one_each.utilisation


def test_one_call_for_each_agent_drops_nobody() -> None:
    assert play(SHIFTS[2], OneEach(), seed=1).drops == 0


def test_the_picture_has_a_panel_for_each_scenario() -> None:
    drawn = draw([curves(msgspec.structs.replace(SMALL, name="a < b", hours=0.2), seed=1)])
    assert drawn.startswith("<svg")
    assert "a &lt; b" in drawn
    assert drawn.count("<polyline") == 1
