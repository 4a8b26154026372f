"""How many calls a campaign places now.

Pure functions: no clock, no store, no chance. `docs/pacing.md` tells the same in words.

A call is placed before an agent is free when the drops that this makes likely can be afforded. How likely:
calls under way and agents busy each have a chance to be answered, or to be free, within the next seconds.
What can be afforded: as many drops as leave the true rate below the target with confidence, not just the
mean.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

from bridge.campaigns.model import DialMethod
from bridge.dialer.chances import Chances, affordable
from bridge.dialer.durations import Durations
from bridge.dialer.pacing_model import AUTOMATIC, Cause, Decision, Figures

AGAIN: Final = 2.0
"""Seconds after which a campaign that looks ahead is looked at again, though nothing has happened."""
FEWEST: Final = 3
"""Agents from whom on it pays to dial ahead: when the next of two is free, nobody can tell."""
ROUNDS: Final = 3
"""Calls that each agent has had before it is predicted when they end: the short ones end first."""
RESERVE: Final = 8.0
"""Affordable drops that are kept in hand; with fewer, less is risked."""
CHECKPOINTS: Final = (0.5, 0.9)
"""Shares of the answers that have come in at the moments for which drops are reckoned."""
UNDERRATED: Final = 3.0
"""Drops in the simulator for each one reckoned: what is decided after this moment is not reckoned with."""
RATE_DEVIATIONS: Final = 1.0
"""Standard deviations that the answer rate is taken to be above what was seen."""
_NEVER: Final = Durations.from_mean(1e9)
"""An agent of whom nothing is known is not expected to be free."""
_QUICK_ANSWER: Final = Durations.from_mean(5.0)
_LONG_RINGING: Final = Durations.from_mean(30.0)
_BOLDNESS: Final = {DialMethod.ADAPT_HARD_LIMIT: 1.0, DialMethod.ADAPT_AVERAGE: 2.0}
"""How far above the target the risk of one moment may go, in targets, while the whole window stays within."""
_TAPER: Final = (3.0, 1.0)
"""The same for ADAPT_TAPERED, at the beginning and at the end of the shift."""


def may_ring(figures: Figures, decision: Decision) -> int:
    """For how many agents on hook a lead may be dialled beside what was decided: their phone rings first.

    They are no part of the figures: nobody is dialled ahead of them, and no customer waits for them.
    """
    if decision.cause in (Cause.METHOD, Cause.DROP_LIMIT):
        return 0
    return max(min(figures.lines_free, figures.may_start) - decision.count, 0)


def decide(figures: Figures) -> Decision:
    """How many calls to place now, and why so many."""
    if figures.method not in AUTOMATIC:
        return _none(Cause.METHOD, f"{figures.method} dials nothing by itself")
    if figures.dial_level == 0:
        return _none(Cause.METHOD, "dial_level is 0: nothing is dialled by itself")
    if drop_limit_reached(figures):
        return _none(Cause.DROP_LIMIT, f"automatic dialling stops: {_drops(figures)}")
    return _limited(figures, _wanted(figures))


def drop_limit_reached(figures: Figures) -> bool:
    """Whether so much was dropped that automatic dialling stops until the window has moved on.

    A single drop among the first calls is no rate yet.
    """
    seen = figures.dropped
    return seen.hits >= 1 and seen.hits >= figures.target * max(seen.trials, 1 / figures.target + 1)


def looks_ahead(figures: Figures) -> bool:
    """Whether another moment may ask for other calls though nothing has happened."""
    adaptive = figures.method in AUTOMATIC and figures.method is not DialMethod.RATIO
    return adaptive and figures.at_work >= FEWEST and bool(figures.talking or figures.wrapping)


def in_hand(figures: Figures) -> float:
    """Drops that can be afforded yet."""
    return max(affordable(figures.dropped.trials, figures.target) - figures.dropped.hits, 0.0)


def risk(figures: Figures) -> float:
    """The share of the next answers that may be dropped: 0 when no drop can be afforded."""
    return figures.target * min(in_hand(figures) / RESERVE, _boldness(figures)) / UNDERRATED


def _boldness(figures: Figures) -> float:
    if figures.method is not DialMethod.ADAPT_TAPERED:
        return _BOLDNESS[figures.method]
    first, last = _TAPER
    return first + (last - first) * min(max(figures.shift, 0.0), 1.0)


def _wanted(figures: Figures) -> Decision:
    """What the method asks for, without trunks and the like."""
    if figures.method is DialMethod.RATIO:
        return _by_ratio(figures)
    wanted = _adaptive(figures)
    if wanted.count <= figures.room:
        return wanted
    reason = (
        f"max_level is {figures.max_level:g} lines for each of {_agents(figures.at_work)}: {wanted.reason}"
    )
    return Decision(count=figures.room, cause=Cause.LEVEL, reason=reason)


def _adaptive(figures: Figures) -> Decision:
    surplus = figures.uncovered - len(figures.dialling)
    if figures.at_work < FEWEST:
        few = f"{_agents(figures.at_work)} at work: dialling ahead does not pay"
        return _one_each(surplus, Cause.FEW_AGENTS, few)
    if not (allowed := risk(figures)):
        return _one_each(surplus, Cause.CAUTIOUS, f"no drop can be afforded yet: {_drops(figures)}")
    ended, needed = figures.talk.seen if figures.talk else 0, ROUNDS * figures.at_work
    if ended < needed:
        early = f"{ended} calls have ended, {needed} tell when agents will be free"
        return _one_each(surplus, Cause.CAUTIOUS, early)
    return _ahead(figures, max(surplus, 0), allowed)


def _by_ratio(figures: Figures) -> Decision:
    goal = int(figures.dial_level * max(figures.uncovered, 0) + 0.5)
    words = f"{figures.dial_level:g} lines for each of {_agents(figures.ready)} ready"
    if goal <= len(figures.dialling):
        return _none(Cause.LEVEL if goal else Cause.NO_AGENT, f"{words}: {len(figures.dialling)} are dialled")
    return Decision(count=goal - len(figures.dialling), cause=Cause.LEVEL, reason=words)


def _one_each(surplus: int, cause: Cause, why: str) -> Decision:
    """One call for each agent who is ready and has none on its way: it cannot be dropped for want of one."""
    if surplus <= 0:
        return _none(Cause.NO_AGENT, f"{why}, and nobody is ready without a call on its way")
    return Decision(count=surplus, cause=cause, reason=f"{why}; one call for each agent who is ready")


def _ahead(figures: Figures, sure: int, allowed: float) -> Decision:
    """As many calls as keep the expected drops within what is allowed."""
    chance = answer_chance(figures)
    under_way = _UnderWay(figures, chance)
    outlooks = [_Outlook(figures, under_way, share) for share in CHECKPOINTS]
    for outlook in outlooks:
        outlook.place(sure)
    answers = under_way.answers() + sure * chance
    count, room, most = sure, figures.room, in_hand(figures) / RESERVE
    while count <= room:
        for outlook in outlooks:
            outlook.place(1)
        answers += chance
        if max(outlook.drops() for outlook in outlooks) > min(allowed * answers, most):
            break
        count += 1
    words = (
        f"at most {allowed:.1%} of the next answers may be dropped: {chance:.0%} of calls are answered, "
        f"{len(figures.dialling)} under way, {_agents(figures.at_work)} at work"
    )
    return Decision(count=count, cause=Cause.PACED if count else Cause.NO_AGENT, reason=words)


def answer_chance(figures: Figures) -> float:
    """The chance that a new call is answered, rather too high than too low."""
    usual = figures.answered.upper(RATE_DEVIATIONS)
    return max(usual, figures.answered_lately.lower()) if figures.answered_lately.trials else usual


class _UnderWay:
    """The calls that are not answered yet, by whole seconds since they were placed."""

    def __init__(self, figures: Figures, chance: float) -> None:
        self.to_answer = figures.to_answer or _QUICK_ANSWER
        self.chance = chance
        failing = (figures.to_failure or _LONG_RINGING).lasts
        answering = self.to_answer.lasts
        self._ages = [
            (age, calls, still, (still + (1 - chance) * failing(age)) or 1.0)
            for age, calls in Counter(map(int, figures.dialling)).items()
            for still in (chance * answering(age),)
        ]

    def answers(self) -> float:
        """How many are answered, on average."""
        return math.fsum(calls * still / either for _, calls, still, either in self._ages)

    def within(self, seconds: float) -> list[float]:
        """For each call, the chance that it is answered within so many seconds."""
        lasts, chance = self.to_answer.lasts, self.chance
        found: list[float] = []
        for age, calls, still, either in self._ages:
            found += [(still - chance * lasts(age + seconds)) / either] * calls
        return found


class _Outlook:
    """Answers and free agents at one moment ahead."""

    def __init__(self, figures: Figures, under_way: _UnderWay, share: float) -> None:
        ahead = under_way.to_answer.quantile(share)
        freed = ahead + figures.patience
        wrap_up = figures.wrap_up or _NEVER
        busy = (figures.talk or _NEVER).ends_and(wrap_up, figures.talking, freed)
        busy += wrap_up.ends(figures.wrapping, freed)
        # A busy agent who is not free by then takes a place like an answer: both are sums of chances.
        self._chances = Chances([*under_way.within(ahead), *(1 - free for free in busy)])
        self._places = figures.uncovered + len(busy)
        self._chance = under_way.chance * (1 - under_way.to_answer.lasts(ahead))

    def place(self, count: int) -> None:
        """Reckon with so many calls more."""
        for _ in range(count):
            self._chances.add(self._chance)

    def drops(self) -> float:
        """Answers without an agent, on average."""
        return self._chances.excess(self._places)


def _limited(figures: Figures, wanted: Decision) -> Decision:
    """The same within the trunks and the calls per second."""
    if wanted.count > figures.lines_free and figures.lines_free <= figures.may_start:
        reason = f"{figures.lines_free} lines are free; wanted {wanted.count}: {wanted.reason}"
        return Decision(count=figures.lines_free, cause=Cause.TRUNKS, reason=reason)
    if wanted.count > figures.may_start:
        reason = f"{figures.may_start} calls may start in this second; wanted {wanted.count}: {wanted.reason}"
        return Decision(count=figures.may_start, cause=Cause.PER_SECOND, reason=reason)
    return wanted


def _none(cause: Cause, reason: str) -> Decision:
    return Decision(count=0, cause=cause, reason=reason)


def _agents(count: int) -> str:
    return "1 agent" if count == 1 else f"{count} agents"


def _drops(figures: Figures) -> str:
    seen = figures.dropped
    return f"{seen.hits} of {seen.trials} answered calls were dropped, target {figures.target:.2%}"
