from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.agi.desk import (
    AnswerDecision,
    CallReport,
    CallStart,
    InboundDecision,
    OfferDecision,
    StartDecision,
)
from bridge.agi.wire import Record

RECORDS: list[Record] = [
    CallStart("PJSIP/1000-1", "1.1", "+15551234567", agent="1000"),
    StartDecision.allow("c", "PJSIP/1@c", "123", 30),
    StartDecision.refuse("dnc"),
    AnswerDecision.join("8600051"),
    AnswerDecision.wait_for(0.5),
    AnswerDecision.drop("sorry"),
    OfferDecision.take("8600051"),
    OfferDecision.busy(),
    CallReport("c", dialstatus="BUSY", hangupcause=17, dialed_seconds=3, reported_at=1.5),
    InboundDecision("sales", lead_id=7, screen={"NAME": "Jos\udce9"}),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda r: type(r).__name__)
def test_there_and_back(record: Record) -> None:
    assert type(record).from_wire(json.loads(json.dumps(record.to_wire()))) == record


def test_members_of_a_newer_version_are_ignored_and_missing_ones_have_their_default() -> None:
    assert CallReport.from_wire({"call_id": "c", "new": 1}) == CallReport("c")


@pytest.mark.parametrize(
    "wire",
    [
        None,
        [],
        {},
        {"call_id": 1},
        {"call_id": "c", "hangupcause": "17"},
        {"call_id": "c", "hangupcause": True},
        {"call_id": "c", "answered_seconds": 1.5},
        {"call_id": "c", "channel": "x" * 5000},
    ],
)
def test_what_is_no_such_record_is_refused(wire: Any) -> None:
    with pytest.raises(ValueError, match=r"CallReport|call_id"):
        CallReport.from_wire(wire)


def test_a_map_of_texts_holds_texts_only() -> None:
    with pytest.raises(ValueError, match="screen"):
        InboundDecision.from_wire({"queue": "q", "screen": {"A": 1}})


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(st.sampled_from(RECORDS), st.data())
def test_nothing_but_a_value_error_comes_of_bad_input(record: Record, data: st.DataObject) -> None:
    wire = {name: data.draw(json_values) for name in record.to_wire()}
    with contextlib.suppress(ValueError):
        type(record).from_wire(wire)
