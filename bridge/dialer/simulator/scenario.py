"""The model: who answers, after how long, and how long it takes then."""

from __future__ import annotations

import math
import random
from typing import Final

import msgspec

HOUR: Final = 3600.0


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A shift of one campaign. Seconds, unless said otherwise."""

    name: str
    agents: int
    hours: float = 8.0
    answer_rates: tuple[tuple[float, float], ...] = ((0.0, 0.25),)
    """From which hour on which share of calls is answered, machines among them."""
    machines: float = 0.3
    """The share of answers that are machines; the agent hears them, as with AMD off."""
    busy: float = 0.15
    """The share of the other calls that fail at once; the rest rings until the dial timeout."""
    dial_timeout: float = 25.0
    answer_mean: float = 9.0
    talk_mean: float = 120.0
    talk_spread: float = 0.8
    """Of the logarithm, as `wrap_spread`."""
    machine_talk: float = 8.0
    wrap_mean: float = 15.0
    wrap_spread: float = 0.5
    break_share: float = 0.02
    """How often an agent takes a break after a call."""
    break_mean: float = 300.0
    patience: float = 2.0
    """An answered call without an agent is dropped after so long."""
    max_level: float = 4.0
    lines_each: float = 10.0
    """Trunk lines for each agent."""
    per_second_each: float = 0.2
    """Calls per second for each agent, 5 at least: the original's 5 for each server of 25 agents."""
    target: float = 0.03
    method: str = "ADAPT_AVERAGE"

    def answer_rate(self, at: float) -> float:
        """The share of calls placed at this second that are answered."""
        return next(rate for hour, rate in reversed(self.answer_rates) if at >= hour * HOUR or hour == 0)


class Lead(msgspec.Struct, frozen=True):
    """What becomes of one call, whoever places it."""

    luck: float
    """It is answered where the answer rate is above this."""
    rings: float
    """Seconds until it is answered, if it is."""
    fails: float
    """Seconds until it ends, if it is not."""
    machine: bool
    talk: float
    wrap: float
    rest: float
    """The break that the agent takes after it; 0: none."""


def leads(scenario: Scenario, seed: int) -> Leads:
    """The campaign's leads, one after another."""
    return Leads(scenario, random.Random(f"{scenario.name} {seed}"))  # noqa: S311 - a model, no secret


class Leads:
    """An endless list, the same for each seed."""

    def __init__(self, scenario: Scenario, chance: random.Random) -> None:
        self._model = scenario
        self._chance = chance

    def next(self) -> Lead:
        """The next one."""
        model, chance = self._model, self._chance
        rings = 1.0 + chance.gammavariate(3.0, (model.answer_mean - 1.0) / 3.0)
        machine = chance.random() < model.machines
        talk = _log_normal(chance, model.talk_mean, model.talk_spread)
        return Lead(
            luck=chance.random(),
            rings=min(rings, model.dial_timeout - 0.1),
            fails=1.0 + 2 * chance.random() if chance.random() < model.busy else model.dial_timeout,
            machine=machine,
            talk=chance.uniform(0.5, 1.5) * model.machine_talk if machine else talk,
            wrap=2.0 + _log_normal(chance, model.wrap_mean - 2.0, model.wrap_spread),
            rest=chance.expovariate(1 / model.break_mean) if chance.random() < model.break_share else 0.0,
        )


def _log_normal(chance: random.Random, mean: float, spread: float) -> float:
    return chance.lognormvariate(math.log(mean) - spread * spread / 2, spread)


SCENARIOS: Final = (
    Scenario(name="3 agents", agents=3),
    Scenario(name="10 agents", agents=10),
    Scenario(name="50 agents", agents=50),
    Scenario(name="200 agents", agents=200, hours=2.0),
    Scenario(name="10 agents, few answer", agents=10, answer_rates=((0, 0.08),)),
    Scenario(name="50 agents, few answer", agents=50, answer_rates=((0, 0.08),)),
    Scenario(name="10 agents, most answer", agents=10, answer_rates=((0, 0.6),)),
    Scenario(name="50 agents, most answer", agents=50, answer_rates=((0, 0.6),)),
    Scenario(
        name="50 agents, over the day",
        agents=50,
        answer_rates=((0, 0.15), (2, 0.2), (3, 0.3), (4, 0.2), (6, 0.3), (7, 0.4)),
    ),
    Scenario(name="50 agents, sudden change", agents=50, answer_rates=((0, 0.1), (3, 0.4), (5, 0.1))),
    Scenario(name="10 agents, sudden change", agents=10, answer_rates=((0, 0.1), (3, 0.4), (5, 0.1))),
)
