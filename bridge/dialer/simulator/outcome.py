"""What came of a shift."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.dialer.chances import Rate
from bridge.dialer.simulator.scenario import Lead, Scenario


class Outcome:
    """Counts of one shift."""

    def __init__(self, scenario: Scenario, policy: object) -> None:
        self.scenario = scenario
        self.policy = policy
        self.placed = 0
        self.answers = 0
        self.drops = 0
        self.human_answers = 0
        self.human_drops = 0
        self.handled = 0
        self.idle = 0.0
        """Seconds that agents waited for calls, all together."""
        self.busy = 0.0
        """Seconds of talk and wrap-up."""

    def answered(self, lead: Lead) -> None:
        """Somebody or a machine said hello."""
        self.answers += 1
        self.human_answers += not lead.machine

    def dropped(self, lead: Lead) -> None:
        """There was no agent in time."""
        self.drops += 1
        self.human_drops += not lead.machine

    def connected(self, lead: Lead, waited: float) -> None:
        """An agent who had waited so long has the call."""
        self.handled += 1
        self.idle += waited
        self.busy += lead.talk + lead.wrap

    def finish(self, ready: Iterable[float], end: float) -> None:
        """The shift ends while these still wait."""
        self.idle += sum(end - since for since in ready)

    @property
    def drop_rate(self) -> float:
        """Dropped calls among those answered."""
        return self.drops / self.answers if self.answers else 0.0

    @property
    def dropped_so_far(self) -> Rate:
        """The counts of the drop rate."""
        return Rate(self.drops, self.answers)

    @property
    def idle_each(self) -> float:
        """Seconds that an agent waits between two calls."""
        return self.idle / self.handled if self.handled else self.idle

    @property
    def utilisation(self) -> float:
        """The share of the time, breaks left out, in which agents talk or wrap up."""
        return self.busy / (self.busy + self.idle) if self.busy else 0.0

    @property
    def agent_hours(self) -> float:
        """Hours played."""
        return self.scenario.agents * self.scenario.hours
