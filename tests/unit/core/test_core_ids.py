"""Ids: sortable and unmistakable ones of ours, and those of the line format."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.ids import NO_LEAD, is_uuid7, legacy_call_id, legacy_uniqueid, uuid7

MOMENTS = st.integers(10**9, 10**10 - 1).map(lambda epoch: datetime.fromtimestamp(epoch, UTC))


@given(st.integers(0, 2**48 - 1))
def test_uuid7_is_what_the_standard_says(milliseconds: int) -> None:
    """RFC 9562 section 5.7: 48 bits of time, version 7, variant 10."""
    made = uuid.UUID(uuid7(milliseconds))
    assert made.int >> 80 == milliseconds
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert is_uuid7(str(made))


@given(st.integers(0, 2**48 - 2), st.integers(1, 1000))
def test_uuid7_sorts_by_its_time(milliseconds: int, later: int) -> None:
    assert uuid7(milliseconds) < uuid7(min(milliseconds + later, 2**48 - 1))


def test_uuid7_is_of_now_and_its_own() -> None:
    now = datetime.now(UTC)
    made = [uuid7() for _ in range(1000)]
    assert len(set(made)) == 1000
    stamp = datetime.fromtimestamp((uuid.UUID(made[0]).int >> 80) / 1000, UTC)
    assert abs(stamp - now) < timedelta(seconds=1)


@pytest.mark.parametrize(
    "text",
    ["", "1732420800.17", "x" * 36, str(uuid.uuid4()), uuid7().upper(), uuid7() + ";2", f" {uuid7()}"],
    ids=["nothing", "Asterisk's", "no digits", "version 4", "upper case", "second leg", "blank"],
)
def test_only_our_own_ids_are_taken_for_ours(text: str) -> None:
    assert not is_uuid7(text)


def test_legacy_call_id_tells_kind_time_and_lead() -> None:
    assert legacy_call_id("M", datetime(2026, 11, 24, 9, 8, 7, tzinfo=UTC), 42) == "M1240908070000000042"


@given(st.sampled_from(["M", "V", "Y", "DC"]), MOMENTS, st.none() | st.integers(1, NO_LEAD - 1))
def test_legacy_call_id_has_its_form(kind: str, moment: datetime, lead_id: int | None) -> None:
    made = legacy_call_id(kind, moment, lead_id)
    found = re.fullmatch(rf"{kind}([0-9]{{9}})([0-9]{{10}})", made)
    assert found is not None
    assert moment.strftime("%m%d%H%M%S").endswith(found[1])
    assert int(found[2]) == lead_id if lead_id else int(found[2]) >= NO_LEAD


def test_calls_without_a_lead_get_ids_of_their_own_within_one_second() -> None:
    now = datetime(2026, 11, 24, 9, 8, 7, tzinfo=UTC)
    assert len({legacy_call_id("M", now, None) for _ in range(100)}) == 100


@given(MOMENTS)
def test_legacy_unique_id_has_its_form_and_time(moment: datetime) -> None:
    made = legacy_uniqueid(moment)
    assert re.fullmatch(r"[0-9]{10}\.[0-9]{9}", made)
    assert int(made[:10]) == int(moment.timestamp())


def test_legacy_unique_ids_differ_within_one_second() -> None:
    now = datetime(2026, 11, 24, 9, 8, 7, tzinfo=UTC)
    assert len({legacy_uniqueid(now) for _ in range(100)}) == 100
