"""What a customer's clock shows, and when it shows what was agreed with her."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.leads.customer_time import moment_there, time_there
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead

TOLL_FREE = {"phone_number": "8005550100"}


def lead(**fields: Any) -> Lead:
    return Lead(id=1, list_id=101, **{"phone_number": "7275550100", **fields})


@pytest.mark.parametrize(
    ("shown", "fields", "utc"),
    [
        ("2026-12-01T10:00", {}, "2026-12-01T15:00"),
        ("2027-07-01T10:00:30", {}, "2027-07-01T14:00:30"),
        ("2027-07-01T10:00", {"gmt_offset_minutes": -300}, "2027-07-01T14:00"),
        ("2026-12-01T10:00", {"postal_code": "90210"}, "2026-12-01T18:00"),
        ("2026-12-01T10:00", {"phone_code": "44", "phone_number": "2079460958"}, "2026-12-01T10:00"),
        ("2026-12-01T10:00", TOLL_FREE | {"gmt_offset_minutes": -480}, "2026-12-01T18:00"),
        ("2027-11-07T01:30", {}, "2027-11-07T05:30"),
    ],
)
def test_a_time_on_her_clock_is_one_moment(shown: str, fields: dict[str, Any], utc: str) -> None:
    at = moment_there(shown, lead(**fields), "US")
    assert at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    there = time_there(at, lead(**fields), "US")
    assert there is not None
    assert there.replace(tzinfo=None) == datetime.fromisoformat(shown)


@pytest.mark.parametrize(
    ("shown", "fields", "why"),
    [
        ("2026-12-01T10:00", TOLL_FREE, "may be that of America/"),
        ("2026-12-01T10:00", {"phone_number": "5"}, "cannot be told"),
        ("2026-02-30T10:00", {}, "there is no such time"),
        ("2026-12-01T24:61", {}, "there is no such time"),
        ("9999-12-31T23:59", {}, "there is no such time"),
        ("2027-03-14T02:30", {}, "pass over this time"),
    ],
)
def test_what_is_no_one_moment_is_refused(shown: str, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidLead, match=why) as refused:
        moment_there(shown, lead(**fields), "US")
    assert refused.value.field == "customer_time"


@pytest.mark.parametrize(
    ("at", "fields"),
    [
        (datetime(2026, 12, 1, tzinfo=UTC), TOLL_FREE),
        (datetime(2026, 12, 1, tzinfo=UTC), {"phone_number": "5"}),
        (datetime.min.replace(tzinfo=UTC), {}),
    ],
)
def test_nobody_guesses_her_clock(at: datetime, fields: dict[str, Any]) -> None:
    assert time_there(at, lead(**fields), "US") is None
