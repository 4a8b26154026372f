"""A permit is what it says, and nobody else makes one."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.rules import (
    Facts,
    Number,
    Permit,
    PermitExpired,
    PermitMisused,
    Purpose,
    digits_before,
    may_dial,
    normalise,
)
from bridge.rules.permit import VALIDITY

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def permit(
    text: str = "7275550100", phone_code: str = "1", now: datetime = NOW, dial_prefix: str = ""
) -> Permit:
    number = normalise(text, phone_code, "US")
    assert isinstance(number, Number)
    allowed = frozenset({"US", "DE", "GB"})
    facts = Facts(allowed_countries=allowed, dial_prefix=dial_prefix, dialled=number.domestic)
    answer = may_dial(number, Purpose.MANUAL, now, facts)
    assert isinstance(answer, Permit)
    return answer


@pytest.mark.parametrize(
    "dial",
    [
        "PJSIP/7275550100@carrier",
        "PJSIP/17275550100@carrier",
        "PJSIP/+17275550100@carrier",
        "Local/7275550100@from-internal/n",
        "SIP/carrier/7275550100",
        "PJSIP/carrier/sip:7275550100@192.0.2.1:5060",
        "DAHDI/g1/7275550100",
        "PJSIP/7275550100@7275550100",
        "PJSIP/123456#7275550100@carrier",
    ],
)
def test_dial_strings_of_the_permitted_number(dial: str) -> None:
    permit().check(dial, NOW)


@pytest.mark.parametrize(
    "dial",
    [
        "PJSIP/7275550101@carrier",
        "PJSIP/72755501001@carrier",
        "PJSIP/727555010@carrier",
        "PJSIP/911@carrier",
        "PJSIP/7275550100&PJSIP/9005550100@carrier",
        "PJSIP/7275550100@carrier&PJSIP/9005550100@carrier",
        "PJSIP/911@7275550100",
        "PJSIP/911/7275550100@x,30",
        "PJSIP/900555010017275550100@carrier",
        "PJSIP/917275550100@carrier",
        "PJSIP/0117275550100@carrier",
        "PJSIP/9-7275550100@carrier",
        "7275550100",
        "",
        "PJSIP/7275550100@carrier\r\nAction: Originate",
    ],
)
def test_dial_strings_of_something_else(dial: str) -> None:
    with pytest.raises(PermitMisused):
        permit().check(dial, NOW)


def test_a_number_dialled_with_its_trunk_prefix() -> None:
    permit("15112345678", "49").check("PJSIP/015112345678@carrier", NOW)


@pytest.mark.parametrize(
    ("dial", "prefix"),
    [
        ("PJSIP/97275550100@carrier", "9"),
        ("PJSIP/9+17275550100@carrier", "9"),
        ("Local/9-1-7275550100@from-internal/n", "91"),
        ("DAHDI/g1/1234567275550100", "123456"),
    ],
)
def test_a_number_dialled_behind_the_prefix_that_was_judged(dial: str, prefix: str) -> None:
    permit(dial_prefix=prefix).check(dial, NOW)
    for other in ("", "8", prefix + "2"):
        with pytest.raises(PermitMisused):
            permit(dial_prefix=other).check(dial, NOW)


@pytest.mark.parametrize(
    ("before", "digits"),
    [
        ("PJSIP/", ""),
        ("PJSIP/9", "9"),
        ("DAHDI/g1/", ""),
        ("DAHDI/g1/9", "9"),
        ("SIP/10.0.0.1/+", ""),
        ("Local/9-1-", "91"),
        ("PJSIP/9+", "9"),
        ("PJSIP/*679", "679"),
        ("PJSIP/123456#1", "1"),
        ("PJSIP/carrier/sip:011", "011"),
        ("PJSIP/carrier1_", ""),
    ],
)
def test_the_digits_that_are_dialled_before_a_number(before: str, digits: str) -> None:
    assert digits_before(before) == digits


def test_it_runs_out() -> None:
    granted = permit()
    granted.check("PJSIP/7275550100@carrier", NOW + VALIDITY - timedelta(milliseconds=1))
    with pytest.raises(PermitExpired, match="ran out"):
        granted.check("PJSIP/7275550100@carrier", NOW + VALIDITY)


def test_without_a_time_the_clock_decides() -> None:
    permit(now=datetime.now(UTC)).check("PJSIP/7275550100@carrier")
    with pytest.raises(PermitMisused):
        permit(now=datetime.now(UTC) - VALIDITY).check("PJSIP/7275550100@carrier")


@pytest.mark.parametrize("key", [None, object(), "key", 0])
def test_nobody_else_makes_one(key: object) -> None:
    with pytest.raises(PermitMisused):
        Permit(key, permit().number, Purpose.MANUAL, NOW)


def test_a_made_up_one_dials_nothing() -> None:
    empty: Permit = object.__new__(Permit)
    with pytest.raises(AttributeError):
        empty.check("PJSIP/7275550100@carrier", NOW)


@pytest.mark.parametrize("name", ["_number", "_until", "number", "anything"])
def test_it_does_not_change(name: str) -> None:
    with pytest.raises(PermitMisused):
        setattr(permit(), name, None)


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_is_not_copied_or_sent(take: Any) -> None:
    with pytest.raises(PermitMisused):
        take(permit())


def test_it_tells_what_it_is() -> None:
    assert repr(permit()) == "Permit(+17275550100, manual, until 2026-11-24T12:00:30+00:00)"
