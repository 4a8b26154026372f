"""Learns from automatic calls how often and how soon they are answered, and how long they last."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from bridge.calls.model import CallKind
from bridge.dialer.observed import Observed
from bridge.dialer.pacing_model import Figures
from bridge.events.call_events import CallAnswered, CallDisposed, CallEnded, CallEvent, CallPlanned
from bridge.events.envelope import EventRecord

TOLD: Final = tuple(kind.type for kind in (CallPlanned, CallAnswered, CallEnded, CallDisposed))
"""Events that it learns from."""
MOST: Final = 20_000
"""Calls that it follows at once; of more, the oldest are forgotten."""


class _Times(msgspec.Struct):
    planned: datetime
    answered: datetime | None = None
    ended: datetime | None = None


class Watcher:
    """What each campaign's calls have shown since this bridge has started."""

    def __init__(self) -> None:
        self._calls: dict[str, _Times] = {}
        self._campaigns: defaultdict[str, Observed] = defaultdict(Observed)

    def take(self, records: Iterable[EventRecord]) -> None:
        """Learn from events; those of other calls say nothing."""
        for record in records:
            event = record.event if record.type in TOLD else None
            if isinstance(event, CallEvent) and event.kind == CallKind.AUTO and event.campaign:
                self._learn(event, record.time)

    def add_to(self, figures: Figures, campaign: str) -> Figures:
        """The figures with what was learned of the campaign."""
        seen = self._campaigns[campaign]
        return msgspec.structs.replace(
            figures,
            talk=seen.talk.durations(lambda: figures.talking),
            wrap_up=seen.wrap_up.durations(lambda: figures.wrapping),
            to_answer=seen.to_answer.durations(),
            to_failure=seen.to_failure.durations(),
            answered=seen.answers.rate(),
            answered_lately=seen.answers_lately.rate(),
        )

    def _learn(self, event: CallEvent, at: datetime) -> None:
        if isinstance(event, CallPlanned):
            self._calls[event.call_id] = _Times(at)
            if len(self._calls) > MOST:
                del self._calls[next(iter(self._calls))]
        elif times := self._calls.get(event.call_id):
            self._follow(event, times, at)

    def _follow(self, event: CallEvent, times: _Times, at: datetime) -> None:
        seen = self._campaigns[event.campaign]
        if isinstance(event, CallAnswered) and times.answered is None:
            times.answered = at
            seen.answered(_seconds(times.planned, at))
        elif isinstance(event, CallEnded) and times.ended is None:
            times.ended = at
            if times.answered is None:
                seen.failed(_seconds(times.planned, at))
            elif event.user:
                seen.talk.add(_seconds(times.answered, at))
        elif isinstance(event, CallDisposed):
            if times.answered and times.ended and event.user:
                seen.wrap_up.add(_seconds(times.ended, at))
            del self._calls[event.call_id]


def _seconds(since: datetime, until: datetime) -> float:
    """None, where the clock was set back."""
    return max((until - since).total_seconds(), 0.0)
