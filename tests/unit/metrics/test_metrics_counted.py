"""What is counted and timed out of the events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from bridge.calls.model import CallState, StatusSource
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
    encode,
)
from bridge.events.envelope import EventRecord
from bridge.metrics import counted
from bridge.metrics.counted import Counted

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Told:
    """A `Counted` that is told of events, each so many seconds after noon."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.counted = Counted(self.registry)

    def __call__(self, seconds: float, event: Event) -> None:
        data = msgspec.Raw(encode(event).encode())
        at = NOON + timedelta(seconds=seconds)
        self.counted.take(EventRecord(1, "i", event.type, event.subject, at, data))

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"agent_bridge_{name}", labels)


@pytest.fixture
def told() -> Told:
    return Told()


def of_call(kind: type[CallEvent], call: str = "c1", lead_id: int | None = None, **more: Any) -> CallEvent:
    common: dict[str, Any] = {"call_id": call, "legacy_id": "M1", "kind": "M", "state": CallState.DIALING}
    return kind(**common, number="+17275550199", campaign="SALES", lead_id=lead_id, **more)


def test_a_call_from_the_lead_to_the_agent(told: Told) -> None:
    told(0.0, LeadAdded(lead_id=7, list_id=101))
    told(2.0, of_call(CallPlanned, lead_id=7))
    told(2.02, of_call(CallDialing, lead_id=7))
    told(8.02, of_call(CallAnswered, lead_id=7))
    told(8.07, of_call(CallBridged, lead_id=7))
    told(60.0, of_call(CallEnded, dial_status="ANSWER"))
    told(70.0, of_call(CallDisposed, status="SALE", source=StatusSource.AGENT))
    times = {"lead_to_dial": 2.0, "request_to_dial": 0.02, "dial_to_answer": 6.0, "answer_to_agent": 0.05}
    for name, seconds in times.items():
        assert told.value(f"{name}_seconds_count") == 1
        assert told.value(f"{name}_seconds_sum") == pytest.approx(seconds)
    assert told.value("calls_asked_total", kind="M") == 1
    assert told.value("calls_ended_total", dial_status="ANSWER") == 1
    assert told.value("calls_dropped_total") == 0
    assert told.value("events_total", type="call.bridged") == 1


def test_the_next_call_of_a_lead_says_nothing_of_how_fast_it_was_called(told: Told) -> None:
    told(0, LeadAdded(lead_id=7, list_id=101))
    told(1, of_call(CallPlanned, "c1", 7))
    told(3600, of_call(CallPlanned, "c2", 7))
    assert told.value("lead_to_dial_seconds_count") == 1


def test_what_began_before_us_is_not_timed(told: Told) -> None:
    told(0, of_call(CallDialing))
    told(1, of_call(CallBridged))
    assert told.value("request_to_dial_seconds_count") == 0
    assert told.value("answer_to_agent_seconds_count") == 0


def test_a_clock_that_was_set_back_gives_no_negative_time(told: Told) -> None:
    told(10, of_call(CallPlanned))
    told(5, of_call(CallDialing))
    assert told.value("request_to_dial_seconds_sum") == 0


@pytest.mark.parametrize(("said", "label"), [("BUSY", "BUSY"), ("", "none"), ("x" * 100, "other")])
def test_a_dial_status_is_one_of_few(told: Told, said: str, label: str) -> None:
    told(0, of_call(CallEnded, dial_status=said))
    assert told.value("calls_ended_total", dial_status=label) == 1


@pytest.mark.parametrize(("status", "dropped"), [("DROP", 1), ("PDROP", 1), ("SALE", 0)])
def test_calls_for_which_nobody_was_there(told: Told, status: str, dropped: int) -> None:
    told(0, of_call(CallDisposed, status=status, source=StatusSource.AGENT))
    assert told.value("calls_dropped_total") == dropped


def test_refusals_by_rule_and_lost_connections_by_server(told: Told) -> None:
    told(0, CallRefused(call_id="c1", number="1", rule="dnc", why=""))
    told(0, AsteriskDown(asterisk="east"))
    assert told.value("calls_refused_total", rule="dnc") == 1
    assert told.value("asterisk_lost_total", asterisk="east") == 1


def test_what_never_ends_is_forgotten_in_the_end(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "REMEMBERED", 2)
    for call in ("c1", "c2", "c3"):
        told(0, of_call(CallPlanned, call))
    for call in ("c1", "c2", "c3"):
        told(1, of_call(CallDialing, call))
    assert told.value("request_to_dial_seconds_count") == 2


def test_every_type_has_its_series_from_the_beginning(told: Told) -> None:
    for kind in CATALOGUE:
        assert told.value("events_total", type=kind) == 0


def test_an_event_of_a_later_version_is_counted_and_no_more(told: Told) -> None:
    told.counted.take(EventRecord(1, "i", "call.teleported", "calls/1", NOON, msgspec.Raw(b"{}")))
    assert told.value("events_total", type="unknown") == 1


def test_no_label_names_a_call_lead_number_or_agent(told: Told) -> None:
    before = generate_latest(told.registry).count(b"\n")
    for number in range(1000):
        told(0, LeadAdded(lead_id=number, list_id=number))
        told(0, of_call(CallPlanned, f"c{number}", number, user=f"agent{number}"))
        told(1, of_call(CallEnded, f"c{number}", number, user=f"agent{number}"))
    page = generate_latest(told.registry)
    assert page.count(b"\n") <= before + 10
    assert b"agent999" not in page
    assert b"7275550199" not in page
