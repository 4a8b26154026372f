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
