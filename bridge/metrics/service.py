"""The page that Prometheus reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bridge.agents.model import AgentState
from bridge.calls.model import CallState
from bridge.delivery.model import DeliveryState
from bridge.events.envelope import EventRecord
from bridge.events.log import EventLog
from bridge.metrics import queries
from bridge.metrics.counted import PREFIX, Counted
from bridge.metrics.queries import Counts
from bridge.services import Check
from bridge.services.parts import Health
from bridge.store.database import Database
from bridge.store.errors import StoreError

FORGOTTEN: Final = timedelta(minutes=5)
"""After its end a call should be disposed by then: an agent's wrap-up is not, but one is hardly so long."""
_OPEN_STATES: Final = tuple(state for state in CallState if state is not CallState.DISPOSED)
_NOT_TAKEN: Final = (DeliveryState.PENDING, DeliveryState.FAILED)
PAUSE: Final = 1.0
"""Seconds until the log is read again after the store failed."""

_log = structlog.get_logger(__name__)


class Metrics:
    """Figures of this bridge.

    Args:
        db: the open store.
        log: its event log.
        health: what the bridge depends on.
        listeners: how many streams of events are open.
        clock: what time it is, aware.
        version: of the bridge.
    """

    def __init__(  # noqa: PLR0913  each is a source of figures
        self,
        db: Database,
        log: EventLog,
        health: Health,
        *,
        listeners: Callable[[], int],
        clock: Callable[[], datetime],
        version: str,
    ) -> None:
        self._db = db
        self._events = log
        self._health = health
        self._listeners = listeners
        self._clock = clock
        self._version = version
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self.counted = Counted(self._registry)

    async def run(self) -> None:
        """Count what happens from now on, until cancelled."""
        seq: int | None = None
        while True:
            try:
                seq = (await self._events.span()).newest if seq is None else seq
                async for page in self._events.follow(seq):
                    for record in page.records:
                        self._count(record)
                    seq = page.seq
            except StoreError as error:
                _log.warning("figures wait for the store", error=str(error))
            await asyncio.sleep(PAUSE)

    def _count(self, record: EventRecord) -> None:
        """Count an event; one that cannot be counted must not stop the bridge."""
        try:
            self.counted.take(record)
        except Exception as error:  # noqa: BLE001  its text may hold personal data
            _log.error("an event could not be counted", seq=record.seq, error=type(error).__name__)

    async def page(self) -> bytes:
        """All figures in the text format of Prometheus. Without the store, those that need none."""
        checks, duties = await self._health.checks(), self._health.duties
        listeners = _gauge("event_listeners", "Streams of events that are open.", {(): self._listeners()})
        families = [_info(self._version), *_health(checks), *_duties(duties), listeners]
        try:
            families += await self._stored({check.name for check in checks})
        except StoreError as error:
            _log.warning("figures without the store", error=str(error))
        return generate_latest(self._registry) + generate_latest(_once(families))

    async def _stored(self, dependencies: Collection[str]) -> list[Metric]:
        async with self._db.read(snapshot=True) as conn:
            agents, calls = await queries.agents(conn), await queries.open_calls(conn)
            forgotten = await queries.forgotten_calls(conn, self._clock() - FORGOTTEN)
            hopper, told = await queries.hopper_leads(conn), await queries.told(conn)
            sinks = await queries.behind(conn)
        behind = {labels: count for labels, count in sinks.items() if labels[0] in dependencies}
        return [
            _gauge("agents", "Agents who are logged in.", _every(AgentState, agents), "state"),
            _gauge("calls", "Calls that are not disposed.", _every(_OPEN_STATES, calls), "state"),
            _gauge("calls_not_disposed", "Calls over for five minutes and not disposed.", {(): forgotten}),
            _gauge("hopper_leads", "Leads in the hopper.", hopper, "campaign", "status"),
            _gauge("deliveries", "Deliveries that were not taken.", _every(_NOT_TAKEN, told), "state"),
            _gauge("sink_behind_events", "Events that a sink has still to give out.", behind, "sink"),
        ]


class _Once(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _once(families: Sequence[Metric]) -> CollectorRegistry:
    """A registry of what was read just now."""
    registry = CollectorRegistry()
    registry.register(_Once(families))
    return registry


def _gauge(name: str, words: str, counts: Counts, *labels: str) -> Metric:
    found = GaugeMetricFamily(f"{PREFIX}_{name}", words, labels=labels)
    for values, count in sorted(counts.items()):
        found.add_metric(values, count)
    return found


def _every(states: Iterable[str], counts: Counts) -> Counts:
    """States in which nobody is stand there with 0: an alert on them needs a series."""
    return {(str(state),): counts.get((str(state),), 0) for state in states}


def _info(version: str) -> Metric:
    return _gauge("info", "1; the version is the label.", {(version,): 1}, "version")


def _health(checks: Sequence[Check]) -> list[Metric]:
    counts: Counts = {(check.name, "yes" if check.needed else "no"): int(check.ok) for check in checks}
    words = "Whether what the bridge depends on is there; `needed`: calls cannot be made without it."
    return [_gauge("up", words, counts, "dependency", "needed")]


def _duties(duties: Sequence[str]) -> list[Metric]:
    counts: Counts = {(duty,): 1 for duty in duties}
    return [_gauge("duty", "1 for each duty that is this bridge's own.", counts, "duty")]
