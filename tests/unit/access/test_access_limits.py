"""What the limits of a user may be, and which of two are wider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from bridge.access.errors import InvalidUser
from bridge.access.limits import (
    NO_LIMITS,
    Limits,
    changed_limits,
    limits_from,
    limits_from_store,
    limits_to_store,
    may_come_from,
)
from bridge.access.names import ALL

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SOME: dict[str, Any] = {
    "campaigns": frozenset({"SALES"}),
    "lists": frozenset({"101", "102"}),
    "agents": frozenset({"1000"}),
    "addresses": ("192.0.2.0/24", "2001:db8::/48"),
    "not_before": NOW,
    "expires_at": NOW + timedelta(days=30),
    "rate": 2.5,
    "burst": 20,
    "countries": ("US", "CA"),
    "number_types": ("fixed_line", "mobile"),
    "calls_per_hour": 60,
    "calls_per_day": 200,
    "calls_at_once": 2,
}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("campaigns", frozenset({"S P"}), "1 to 40 letters"),
        ("lists", frozenset({"0x1"}), "the number of a list"),
        ("agents", frozenset({"a/b"}), "2 to 20 letters"),
        ("addresses", ("192.0.2.300",), "is no address or network"),
        ("addresses", ("192.0.2.7/24",), "bits behind the mask are set"),
        ("addresses", ("crm.example",), "192.0.2.0/24, 2001:db8::/32"),
        ("addresses", ("::ffff:192.0.2.7",), "write the IPv4 address"),
        ("addresses", ("fe80::1%eth0",), "without a zone"),
        ("addresses", tuple(f"192.0.2.{n}" for n in range(101)), "at most 100"),
        ("not_before", datetime(2027, 1, 1), "offset from UTC"),  # noqa: DTZ001  that is what is refused
        ("expires_at", datetime(2027, 1, 1), "offset from UTC"),  # noqa: DTZ001
        ("rate", 0.0, "more than 0"),
        ("rate", float("nan"), "more than 0"),
        ("rate", float("inf"), "more than 0"),
        ("burst", 0, "1 to 10000"),
        ("burst", 5, "it needs a rate"),
        ("countries", ("us",), "two capital letters"),
        ("countries", ("USA",), "two capital letters"),
        ("number_types", ("satellite",), "is none of fixed_line, "),
        ("calls_per_hour", -1, "0 to 1000000"),
        ("calls_per_day", -1, "0 to 1000000"),
        ("calls_at_once", -1, "0 to 1000000"),
    ],
)
def test_a_field_that_cannot_be_is_named(field: str, value: Any, why: str) -> None:
    with pytest.raises(InvalidUser, match=why) as refused:
        Limits(**{field: value})
    assert refused.value.field == f"limits.{field}"


def test_it_ends_after_it_begins() -> None:
    with pytest.raises(InvalidUser, match=r"limits\.expires_at: it is not after not_before"):
        Limits(not_before=NOW, expires_at=NOW)


def test_what_is_stored_is_what_was_given() -> None:
    assert limits_to_store(NO_LIMITS) == {}
    assert limits_from_store({}) == NO_LIMITS
    assert set(SOME) == set(Limits.__struct_fields__)
    kept = msgspec.json.decode(msgspec.json.encode(limits_to_store(Limits(**SOME))))
    assert limits_from_store(kept) == Limits(**SOME)


def test_a_field_that_is_not_known_is_no_limit_that_is_overlooked() -> None:
    with pytest.raises(msgspec.ValidationError):
        limits_from_store({"weekdays": "MO"})


def test_people_write_names_and_lists_as_they_like() -> None:
    written = {"campaigns": "SALES, SUPPORT", "lists": [101, 102], "agents": "ALL", "countries": "US CA"}
    assert limits_from(written) == {
        "campaigns": ["SALES", "SUPPORT"],
        "lists": ["101", "102"],
        "agents": "ALL",
        "countries": ["US", "CA"],
    }


def test_a_change_leaves_the_other_limits() -> None:
    old = Limits(rate=5, burst=10, campaigns=frozenset({"SALES"}))
    changed = changed_limits(
        old, {"rate": "", "burst": "", "lists": "101", "expires_at": "2027-01-31T18:00:00Z"}
    )
    assert changed == Limits(
        campaigns=frozenset({"SALES"}),
        lists=frozenset({"101"}),
        expires_at=datetime(2027, 1, 31, 18, tzinfo=UTC),
    )
    assert changed_limits(changed, {"campaigns": "ALL"}).campaigns is ALL
    for change, error in (
        ({"rate": "fast"}, "limits.rate: expected float, got text"),
        ({"rate": "-1"}, "limits.rate: "),
        ({"burst": "3", "rate": ""}, "limits.burst: it needs a rate"),
        ({"speed": "3"}, "limits.speed: unknown key"),
    ):
        with pytest.raises(InvalidUser) as refused:
            changed_limits(old, change)
        assert str(refused.value).startswith(error)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.200", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8:0:7::1", True),
        ("2001:db8:1::1", False),
        ("", False),
        ("a unix socket", False),
    ],
)
def test_an_address_is_in_one_of_the_networks_or_not(address: str, *, inside: bool) -> None:
    assert may_come_from(("192.0.2.0/24", "2001:db8::/48"), address) is inside


@pytest.mark.parametrize(
    ("field", "wider"),
    [
        ("campaigns", ALL),
        ("campaigns", frozenset({"SALES", "OTHER"})),
        ("lists", ALL),
        ("agents", frozenset({"1001"})),
        ("addresses", ()),
        ("addresses", ("192.0.0.0/16",)),
        ("addresses", ("192.0.2.7", "::/0")),
        ("expires_at", None),
        ("expires_at", NOW + timedelta(days=31)),
        ("rate", None),
        ("rate", 3.0),
        ("burst", 21),
        ("countries", ("US", "FR")),
        ("number_types", None),
        ("number_types", ("premium_rate",)),
        ("calls_per_hour", None),
        ("calls_per_day", 201),
        ("calls_at_once", 3),
    ],
)
def test_the_field_that_is_wider_is_named(field: str, wider: Any) -> None:
    values = SOME | {field: wider}
    if field == "rate" and wider is None:
        values["burst"] = None
    assert Limits(**values).wider_than(Limits(**SOME), "US") == field


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"campaigns": frozenset[str]()},
        {"addresses": ("192.0.2.7", "2001:db8:0:1::/64")},
        {"not_before": None},
        {"expires_at": (NOW + timedelta(days=30)).astimezone(timezone(timedelta(hours=9)))},
        {"rate": 1, "burst": None},
        {"countries": None},  # the site's own, US
        {"countries": ()},
        {"calls_per_hour": 0},
    ],
)
def test_what_is_narrower_or_equal_is_not_wider(change: dict[str, Any]) -> None:
    assert Limits(**SOME | change).wider_than(Limits(**SOME), "US") == ""


def test_without_limits_one_gives_all_but_what_must_be_allowed_by_name() -> None:
    assert Limits(**SOME | {"countries": ("US",)}).wider_than(NO_LIMITS, "US") == ""
    assert Limits(countries=("FR",)).wider_than(NO_LIMITS, "US") == "countries"
    assert Limits(number_types=("premium_rate",)).wider_than(NO_LIMITS, "US") == "number_types"
