"""The shift played through: agents, calls and customers, event by event."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Protocol

from bridge.dialer.observed import Observed
from bridge.dialer.simulator.outcome import Outcome
from bridge.dialer.simulator.scenario import HOUR, Lead, Scenario, leads

Action = Callable[[], None]


class Policy(Protocol):
    """Decides how many calls are placed."""

    every: float
    """Seconds from one decision to the next."""
    at_events: bool
    """Whether it also decides when an agent is ready or a call ends."""

    def calls(self, shift: Shift) -> int:
        """How many calls to place now."""

    def connected(self, shift: Shift, ready_at: float) -> None:
        """An agent has begun a call and will be ready again then: only an oracle may look."""


class Shift:
    """The state of the campaign; policies read it."""

    def __init__(self, scenario: Scenario, policy: Policy, seed: int) -> None:
        self.scenario = scenario
        self.now = 0.0
        self.ready: deque[float] = deque([0.0] * scenario.agents)
        """Since when each agent waits, the longest first."""
        self.talking: dict[int, float] = {}
        """Since when each agent is connected, by call."""
        self.wrapping: dict[int, float] = {}
        self.dialling: dict[int, float] = {}
        """When each call was placed."""
        self.waiting: deque[int] = deque()
        """Calls without an agent."""
        self.observed = Observed()
        self.outcome = Outcome(scenario, policy)
        self.leads = leads(scenario, seed)
        self._policy = policy
        self._events: list[tuple[float, int, Action]] = []
        self._order = count()
        self._calls: dict[int, Lead] = {}
        self._decided = -1.0

    def at(self, when: float, action: Action) -> None:
        """Do it then."""
        heapq.heappush(self._events, (max(when, self.now), next(self._order), action))

    def run(self, tick: Callable[[float], None] | None = None) -> Outcome:
        """Play the shift to its end; `tick` is told the time once in a minute of it."""
        end = self.scenario.hours * HOUR
        self.at(0.0, self._poll)
        minute = 0.0
        while self._events and self._events[0][0] < end:
            self.now, _, action = heapq.heappop(self._events)
            action()
            if tick and self.now >= minute:
                tick(self.now)
                minute = self.now + 60
        self.outcome.finish(self.ready, end)
        return self.outcome

    def _poll(self) -> None:
        self._place()
        self.at(self.now + self._policy.every, self._poll)

    def _changed(self) -> None:
        if (
            self._policy.at_events and self.now - self._decided >= 0.25
        ):  # as the service: not for each of many
            self._place()

    def _place(self) -> None:
        self._decided = self.now
        for _ in range(self._policy.calls(self)):
            self.place(self.leads.next())

    def place(self, lead: Lead) -> None:
        """Call this lead now."""
        call = next(self._order)
        self.dialling[call] = self.now
        self._calls[call] = lead
        self.outcome.placed += 1
        if lead.luck < self.scenario.answer_rate(self.now):
            self.at(self.now + lead.rings, lambda: self._answered(call))
        else:
            self.at(self.now + lead.fails, lambda: self._failed(call))

    def _failed(self, call: int) -> None:
        self.observed.failed(self.now - self.dialling.pop(call))
        del self._calls[call]
        self._changed()

    def _answered(self, call: int) -> None:
        self.observed.answered(self.now - self.dialling.pop(call))
        self.outcome.answered(self._calls[call])
        if self.ready:
            self._connect(call)
        else:
            self.waiting.append(call)
            self.at(self.now + self.scenario.patience, lambda: self._lost(call))

    def _lost(self, call: int) -> None:
        if call in self.waiting:
            self.waiting.remove(call)
            self.outcome.dropped(self._calls.pop(call))

    def _connect(self, call: int) -> None:
        lead = self._calls[call]
        self.talking[call] = self.now
        self.outcome.connected(lead, self.now - self.ready.popleft())
        self.at(self.now + lead.talk, lambda: self._hung_up(call))
        self._policy.connected(self, self.now + lead.talk + lead.wrap + lead.rest)

    def _hung_up(self, call: int) -> None:
        self.wrapping[call] = self.now
        self.observed.talk.add(self.now - self.talking[call])
        self.at(self.now + self._calls[call].wrap, lambda: self._wrapped(call))
        self._changed()

    def _wrapped(self, call: int) -> None:
        lead = self._calls.pop(call)
        self.observed.wrap_up.add(self.now - self.wrapping.pop(call))
        del self.talking[call]
        self.at(self.now + lead.rest, self._ready)

    def _ready(self) -> None:
        self.ready.append(self.now)
        if self.waiting:
            self._connect(self.waiting.popleft())
        self._changed()
