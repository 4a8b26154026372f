"""Which events a listener gets."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from bridge.events.catalogue import Right
from bridge.events.envelope import EventRecord
from bridge.events.filters import EVERYTHING, Filter

ENDED = EventRecord(1, "i", "call.ended", "calls/abc", datetime(2026, 11, 24, tzinfo=UTC), msgspec.Raw(b"{}"))


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        (EVERYTHING, True),
        (Filter(types=("call",)), True),
        (Filter(types=("call.",)), True),
        (Filter(types=("call.ended",)), True),
        (Filter(types=("agent", "call.ended")), True),
        (Filter(types=("call.end",)), False),
        (Filter(types=("cal",)), False),
        (Filter(types=("agent",)), False),
        (Filter(types=("",)), False),
        (Filter(subjects=("calls",)), True),
        (Filter(subjects=("calls/abc",)), True),
        (Filter(subjects=("calls/ab",)), False),
        (Filter(types=("call",), subjects=("agents",)), False),
        (Filter(rights=frozenset({Right.CALLS})), True),
        (Filter(rights=frozenset({Right.AGENTS})), False),
        (Filter(rights=frozenset()), False),
    ],
)
def test_what_passes(wanted: Filter, passes: bool) -> None:  # noqa: FBT001  a column of the table
    assert wanted.passes(ENDED) is passes


def of(kind: str, subject: str, data: dict[str, object]) -> EventRecord:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return EventRecord(1, "i", kind, subject, at, msgspec.Raw(msgspec.json.encode(data)))


TALK = of("agent.incall", "agents/1000", {"user": "1000", "campaign": "SALES", "call_id": "c1"})
CALL = of("call.bridged", "calls/c1", {"user": "1000", "campaign": "SALES", "call_id": "c1"})
WAITS = of("call.queued", "calls/c2", {"user": "", "campaign": "", "call_id": "c2"})
FILLED = of("hopper.filled", "hopper/SALES", {"campaign": "SALES", "leads": 3})
DOWN = of("asterisk.down", "asterisk/main", {"asterisk": "main"})
LATER = of("agent.teleported", "agents/1000", {"user": "1000", "campaign": "SALES"})
ALL_OF_THEM = (TALK, CALL, WAITS, FILLED, DOWN, LATER)


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [
        (Filter(agent="1000"), (TALK, CALL, LATER)),
        (Filter(agent="100"), ()),
        (Filter(campaign="SALES"), (TALK, CALL, FILLED)),
        (Filter(campaign="SALE"), ()),
        (Filter(call="c1"), (TALK, CALL)),
        (Filter(call="c2"), (WAITS,)),
        (Filter(call="c1", types=("call",)), (CALL,)),
        (Filter(campaigns=frozenset({"SALES"})), (TALK, CALL, FILLED)),
        (Filter(campaigns=frozenset({"OTHER"})), ()),
        (Filter(campaigns=frozenset()), ()),
        (Filter(agents=frozenset({"1000"})), (TALK, CALL)),
        (Filter(agents=frozenset()), ()),
        (Filter(campaign="SALES", campaigns=frozenset({"OTHER"})), ()),
        (EVERYTHING, ALL_OF_THEM),
    ],
)
def test_whose_events_pass(wanted: Filter, passing: tuple[EventRecord, ...]) -> None:
    assert tuple(record for record in ALL_OF_THEM if wanted.passes(record)) == passing
