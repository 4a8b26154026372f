"""Who paces: the bridge's own code, the original's rules, one call for each agent, and an oracle."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from bridge.campaigns.model import DialMethod
from bridge.dialer.pacing import AGAIN, decide
from bridge.dialer.pacing_model import Figures
from bridge.dialer.simulator.scenario import HOUR

if TYPE_CHECKING:
    from bridge.dialer.simulator.engine import Shift


class Silent:
    """A policy that needs not know when agents will be ready."""

    def connected(self, shift: Shift, ready_at: float) -> None:
        """Nobody can know this."""


class Bridge(Silent):
    """`bridge.dialer.pacing`, as the service calls it: at events, and in between."""

    name = "agent bridge"
    at_events = True

    def __init__(self, *, method: DialMethod | None = None, target: float | None = None) -> None:
        self._method = method
        self._target = target
        self.every = AGAIN

    def calls(self, shift: Shift) -> int:
        """What the pacing decides."""
        return decide(self._figures(shift)).count

    def _figures(self, shift: Shift) -> Figures:
        now, scenario, seen = shift.now, shift.scenario, shift.observed
        in_wrap_up = shift.wrapping
        talking = tuple(now - since for call, since in shift.talking.items() if call not in in_wrap_up)
        return Figures(
            method=self._method or DialMethod(scenario.method),
            max_level=scenario.max_level,
            ready=len(shift.ready),
            waiting=len(shift.waiting),
            talking=talking,
            wrapping=tuple(now - since for since in in_wrap_up.values()),
            dialling=tuple(now - since for since in shift.dialling.values()),
            talk=seen.talk.durations(lambda: talking),
            wrap_up=seen.wrap_up.durations(lambda: [now - since for since in in_wrap_up.values()]),
            to_answer=seen.to_answer.durations(),
            to_failure=seen.to_failure.durations(),
            answered=seen.answers.rate(),
            answered_lately=seen.answers_lately.rate(),
            dropped=shift.outcome.dropped_so_far,
            target=self._target or scenario.target,
            patience=scenario.patience,
            lines_free=lines_free(shift),
            may_start=per_second(shift),
            shift=now / (scenario.hours * HOUR),
        )


class OneEach(Silent):
    """One call for each agent who is ready, none ahead: what `RATIO` with a level of 1 does."""

    name = "one call each"
    at_events = True
    every = 1.0

    def calls(self, shift: Shift) -> int:
        """As many as are ready and have none on its way."""
        return max(min(len(shift.ready) - len(shift.dialling), lines_free(shift)), 0)


class Original(Silent):
    """The original's published rules.

    Every 2.5 s it dials up to the level times the agents at work (`docs/pacing.md` says what of this is
    known and what is our reading), every 15 s it moves the level by the drop rate and by how many agents
    waited within the last minute.
    """

    name = "original's rules"
    at_events = False
    every = 2.5
    ADAPT: Final = 15.0
    MINUTE: Final = 60.0

    def __init__(
        self,
        *,
        method: DialMethod | None = None,
        target: float | None = None,
        level: float | None = None,
    ) -> None:
        self._method = method
        self._target = target
        self._fixed = level is not None
        self._level = level or 1.0
        self._adapted = 0.0
        self._waited: deque[float] = deque(maxlen=int(self.MINUTE / self.every))

    def calls(self, shift: Shift) -> int:
        """The goal less the calls that are up."""
        talking = len(shift.talking) - len(shift.wrapping)
        active = len(shift.ready) + talking  # in disposition an agent counts as paused
        self._waited.append((len(shift.ready) - len(shift.waiting)) / max(active, 1))
        if shift.now - self._adapted >= self.ADAPT and not self._fixed:
            self._adapted = shift.now
            self._level = min(max(self._next_level(shift), 1.0), shift.scenario.max_level)
        up = len(shift.dialling) + len(shift.waiting) + talking
        may_start = int(per_second(shift) * self.every)
        return max(min(round(self._level * active) - up, lines_free(shift), may_start), 0)

    def _next_level(self, shift: Shift) -> float:
        method = self._method or DialMethod(shift.scenario.method)
        target = self._target or shift.scenario.target
        over = shift.outcome.drop_rate / target
        if method is DialMethod.ADAPT_TAPERED:
            over /= max(2 - 2 * shift.now / (shift.scenario.hours * HOUR), 1.0)
        if over > 1 and method is DialMethod.ADAPT_AVERAGE:
            return self._level / over
        if over > 1:
            return 1.0
        return self._level * (1 + sum(self._waited) / len(self._waited))


class Oracle:
    """It knows who will answer and when each agent will be ready, and calls nobody else, just in time."""

    name = "oracle"
    at_events = False
    every = HOUR

    def __init__(self) -> None:
        self._begun = False

    def calls(self, shift: Shift) -> int:
        """At the beginning, a customer for each agent; later each call has its own moment."""
        if not self._begun:
            self._begun = True
            for _ in shift.ready:
                self.connected(shift, shift.now)
        return 0

    def connected(self, shift: Shift, ready_at: float) -> None:
        """Have the next customer say hello when the agent is ready."""
        lead = shift.leads.next()
        while lead.luck >= min(rate for _, rate in shift.scenario.answer_rates):
            lead = shift.leads.next()
        # A moment later than she is ready: the order of events at one time is nobody's business.
        shift.at(max(ready_at - lead.rings, shift.now) + 0.001, lambda: shift.place(lead))


def lines_free(shift: Shift) -> int:
    """Trunk lines that are not in use."""
    talking = len(shift.talking) - len(shift.wrapping)
    used = len(shift.dialling) + len(shift.waiting) + talking
    return max(int(shift.scenario.lines_each * shift.scenario.agents) - used, 0)


def per_second(shift: Shift) -> int:
    """Calls that may start in a second."""
    return max(int(shift.scenario.per_second_each * shift.scenario.agents), 5)
