"""What is counted and timed: from the events, as they are committed, since this bridge has begun."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from bridge.calls.history import ABANDONED
from bridge.events.catalogue import (
    CATALOGUE,
    AsteriskDown,
    CallAnswered,
    CallBridged,
    CallDialing,
    CallDisposed,
    CallEnded,
    CallEvent,
    CallPlanned,
    CallRefused,
    Event,
    LeadAdded,
)
from bridge.events.envelope import EventRecord

PREFIX: Final = "agent_bridge"
REMEMBERED: Final = 20_000
"""Beginnings whose ends are waited for, of each kind; older ones are forgotten, and not timed."""
FAST: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds in seconds of what should be over at once."""
SLOW: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""Bounds in seconds of what may wait for an agent."""
DIAL_STATUSES: Final = frozenset(
    {
        *("ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL"),
        *("DONTCALL", "TORTURE", "INVALIDARGS"),
    }
)
"""Those that Asterisk's Dial gives; any other text is `other`."""

# A series more for each would say no more than the process's own beginning.
disable_created_metrics()  # type: ignore[no-untyped-call]


class _Beginnings:
    """When something began, until its end is seen."""

    def __init__(self) -> None:
        self._times: OrderedDict[str | int, datetime] = OrderedDict()

    def began(self, key: str | int, at: datetime) -> None:
        self._times[key] = at
        if len(self._times) > REMEMBERED:
            self._times.popitem(last=False)

    def ended(self, key: str | int | None, at: datetime) -> float | None:
        """Seconds from its beginning, once; `None` if that was not seen."""
        began = None if key is None else self._times.pop(key, None)
        return None if began is None else max(0.0, (at - began).total_seconds())


class Counted:
    """Counters and histograms of one bridge.

    No label holds a call, a lead, a number or an agent: there are no more series than kinds of things.

    Args:
        registry: where they are kept.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"{PREFIX}_{name}", words, labels, registry=registry)

        def histogram(name: str, words: str, bounds: tuple[float, ...]) -> Histogram:
            return Histogram(f"{PREFIX}_{name}_seconds", words, buckets=bounds, registry=registry)

        self._events = counter("events", "Events written to the log.", "type")
        self._asked = counter("calls_asked", "Calls that were permitted and planned, by kind.", "kind")
        self._refused = counter("calls_refused", "Calls that a rule has forbidden.", "rule")
        self._ended = counter("calls_ended", "Calls that are over, by the end of the dial.", "dial_status")
        self._dropped = counter("calls_dropped", "Answered calls for which no agent was there.")
        self._lost = counter("asterisk_lost", "Connections to an Asterisk that were lost.", "asterisk")
        self._to_dial = histogram("request_to_dial", "From the request to Asterisk's channel.", FAST)
        self._lead_to_dial = histogram("lead_to_dial", "From a lead's coming in to its first call.", SLOW)
        self._to_answer = histogram("dial_to_answer", "From the channel to the far end's answer.", SLOW)
        self._dead_air = histogram("answer_to_agent", "From the far end's answer to hearing an agent.", FAST)
        self._planned, self._leads, self._dialing, self._answered = (_Beginnings() for _ in range(4))
        self._hear: Mapping[type[Event], Callable[[Any, datetime], None]] = {
            LeadAdded: self._lead_added,
            CallPlanned: self._call_planned,
            CallRefused: self._call_refused,
            CallDialing: self._call_dialing,
            CallAnswered: self._call_answered,
            CallBridged: self._call_bridged,
            CallEnded: self._call_ended,
            CallDisposed: self._call_disposed,
            AsteriskDown: self._asterisk_down,
        }
        for kind in CATALOGUE:
            self._events.labels(kind)  # a series that begins with its first event hides that one from rate()

    def take(self, record: EventRecord) -> None:
        """Count an event; of a type that is not known, that it was."""
        kind = CATALOGUE.get(record.type)
        if kind is None:
            self._events.labels("unknown").inc()
            return
        self._events.labels(record.type).inc()
        hear = self._hear.get(kind)
        if hear is not None:
            hear(record.event, record.time)

    def _lead_added(self, event: LeadAdded, at: datetime) -> None:
        self._leads.began(event.lead_id, at)

    def _call_planned(self, event: CallPlanned, at: datetime) -> None:
        self._asked.labels(event.kind).inc()
        self._planned.began(event.call_id, at)
        _observe(self._lead_to_dial, self._leads.ended(event.lead_id, at))

    def _call_refused(self, event: CallRefused, _: datetime) -> None:
        self._refused.labels(event.rule).inc()

    def _call_dialing(self, event: CallDialing, at: datetime) -> None:
        _observe(self._to_dial, self._planned.ended(event.call_id, at))
        self._dialing.began(event.call_id, at)

    def _call_answered(self, event: CallAnswered, at: datetime) -> None:
        _observe(self._to_answer, self._dialing.ended(event.call_id, at))
        self._answered.began(event.call_id, at)

    def _call_bridged(self, event: CallBridged, at: datetime) -> None:
        _observe(self._dead_air, self._answered.ended(event.call_id, at))

    def _call_ended(self, event: CallEnded, at: datetime) -> None:
        self._forget(event, at)
        status = event.dial_status
        self._ended.labels(status if status in DIAL_STATUSES else "none" if not status else "other").inc()

    def _call_disposed(self, event: CallDisposed, at: datetime) -> None:
        self._forget(event, at)
        if event.status in ABANDONED:
            self._dropped.inc()

    def _forget(self, event: CallEvent, at: datetime) -> None:
        for began in (self._planned, self._dialing, self._answered):
            began.ended(event.call_id, at)

    def _asterisk_down(self, event: AsteriskDown, _: datetime) -> None:
        self._lost.labels(event.asterisk).inc()


def _observe(histogram: Histogram, seconds: float | None) -> None:
    if seconds is not None:
        histogram.observe(seconds)
