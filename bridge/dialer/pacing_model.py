"""What pacing is told about a campaign, and what it answers: plain data."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from bridge.campaigns.model import DialMethod
from bridge.dialer.chances import Rate
from bridge.dialer.durations import Durations

AUTOMATIC: Final = frozenset(
    {DialMethod.RATIO, DialMethod.ADAPT_AVERAGE, DialMethod.ADAPT_HARD_LIMIT, DialMethod.ADAPT_TAPERED}
)
"""The methods with which the dialler places calls by itself."""


class Cause(StrEnum):
    """What has decided the number of calls."""

    METHOD = "method"
    """The campaign's method, or its level of 0, dials nothing by itself."""
    DROP_LIMIT = "drop_limit"
    """Too many calls were dropped: automatic dialling stops."""
    NO_AGENT = "no_agent"
    """Nobody is ready, or all that are have a call on its way."""
    FEW_AGENTS = "few_agents"
    """Too few agents to dial ahead: one call for each who is ready."""
    CAUTIOUS = "cautious"
    """Too little is known, or no drop can be afforded: one call for each who is ready."""
    LEVEL = "level"
    """The campaign's level, or its highest one."""
    PACED = "paced"
    """The most calls with which drops are expected to stay within the target."""
    TRUNKS = "trunks"
    """No more lines are free."""
    PER_SECOND = "per_second"
    """No more calls may be placed within this second."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign at one moment. Seconds are seconds until this moment.

    Raises:
        ValueError: a figure is negative or the target is not between 0 and 1; the message names it.
    """

    method: DialMethod
    dial_level: float = 1.0
    """RATIO: lines for each agent who is ready. 0: nothing is dialled by itself, with any method."""
    max_level: float = 3.0
    """Adaptive methods: lines, dialling and talking, for each agent who is logged in and not paused."""

    ready: int
    """Agents who wait for a call."""
    waiting: int = 0
    """Customers who have answered and have no agent yet."""
    talking: tuple[float, ...] = ()
    """For each agent with a customer: seconds since they were connected."""
    wrapping: tuple[float, ...] = ()
    """For each agent after a call: seconds since it ended."""
    dialling: tuple[float, ...] = ()
    """For each call that is not answered yet: seconds since it was placed."""

    talk: Durations | None = None
    """From the connection to the end of the call. `None`, here and below: not known yet."""
    wrap_up: Durations | None = None
    """From the end of a call to being ready again."""
    to_answer: Durations | None = None
    """From placing a call to its answer, where it is answered."""
    to_failure: Durations | None = None
    """From placing a call to its end, where it is not answered."""
    answered: Rate = Rate()
    """Answers among the last calls, a few hundred of them."""
    answered_lately: Rate = Rate()
    """Answers among the last few dozen: a sudden change shows here first."""

    dropped: Rate = Rate()
    """Drops among answered calls in the window of the target, as the law counts both."""
    target: float = 0.03
    """The highest share of dropped calls."""
    patience: float = 2.0
    """Seconds that an answered call waits for an agent before it is dropped."""

    lines_free: int
    """Calls for which there is a line."""
    may_start: int
    """Calls that may still be placed in this second."""
    shift: float = 0.0
    """ADAPT_TAPERED: the share of the shift that is over, 0 to 1."""

    def __post_init__(self) -> None:
        """Check the figures."""
        for field in ("ready", "waiting", "lines_free", "may_start", "dial_level", "max_level", "patience"):
            if not getattr(self, field) >= 0:
                raise ValueError(f"{field}: {getattr(self, field)} is negative")
        if not 0 < self.target < 1:
            raise ValueError(f"target: {self.target} is not a share between 0 and 1")

    @property
    def at_work(self) -> int:
        """Agents who are ready, talk or wrap up."""
        return self.ready + len(self.talking) + len(self.wrapping)

    @property
    def room(self) -> int:
        """Calls that the adaptive methods may add before `max_level` is reached."""
        lines = len(self.dialling) + len(self.talking) + self.waiting
        return max(int(self.max_level * self.at_work) - lines, 0)

    @property
    def uncovered(self) -> int:
        """Agents who are ready and have no customer waiting; negative: customers without an agent."""
        return self.ready - self.waiting


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls to place now."""

    count: int
    cause: Cause
    reason: str
    """In words, for people."""
