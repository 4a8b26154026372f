"""What is told at a glance of a number of North America is what the whole look at it says."""

from __future__ import annotations

import time

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumbers.shortdata import _AVAILABLE_REGION_CODES

from bridge.rules import Number, national_of, normalise
from bridge.rules.nanp import national

_AREAS = [str(area) for area in range(200, 1000)]
_FORMS = ("{}", "1{}", "+1{}", "1-{}", "+1 ({}", " {}", "(+1) {}", "001{}", "0{}", "11{}", "911{}", "9{}")
_CODES = ("", "1", "44", "49", "0", "011", "7x")
_COUNTRIES = ("US", "CA", "PR", "JM", "AG", "GB", "DE", "ZZ", "")


def _same(written: str, phone_code: str, country: str) -> bool:
    """Whether it was told at a glance, having checked that it was told right."""
    quick = national(written, phone_code, country)
    if quick is not None:
        slow = normalise(written, phone_code, country)
        assert isinstance(slow, Number), (written, phone_code, country, slow)
        assert (slow.country_code, slow.national) == (1, quick), (written, phone_code, country)
    return quick is not None


@pytest.mark.parametrize("rest", ["5550100", "2000000", "9110000", "1120911", "0000000", "9999999"])
def test_each_area_code(rest: str) -> None:
    told = sum(_same(area + rest, "", "US") for area in _AREAS)
    assert told > 700, "it is of no use"


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("country", _COUNTRIES)
def test_however_it_is_written(form: str, country: str) -> None:
    for area in _AREAS[::29]:
        for code in _CODES:
            _same(form.format(area + "5550100"), code, country)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.from_regex(r"(\+?1)?[- .(]{0,2}[2-9][0-9]{2}[-) .]{0,2}[0-9]{7}", fullmatch=True),
        st.from_regex(r"\+?[0-9 ().\-/]{0,45}", fullmatch=True),
        st.text(max_size=45),
    ),
    st.sampled_from(_CODES),
    st.sampled_from(_COUNTRIES),
)
@example("911 555 0100", "", "US")
@example("9115550100", "1", "US")
@example("٧٢٧٥٥٥٠١٠٠", "", "US")
@example("7275550100\n", "", "US")
@example("+" * 40, "", "US")
@example("+1+7275550100", "", "US")
def test_whatever_is_written(written: str, phone_code: str, country: str) -> None:
    _same(written, phone_code, country)
    found, whole = national_of(written, phone_code, country), normalise(written, phone_code, country)
    assert found == ((whole.country_code, whole.national) if isinstance(whole, Number) else whole)


def test_emergency_numbers_of_the_plan_are_as_short_as_it_takes_them_for() -> None:
    """What `_is_harmless` rests on: an area code is as long as the longest of them."""
    for region in set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]) & set(_AVAILABLE_REGION_CODES):
        told = phonenumbers.PhoneMetadata.short_metadata_for_region(region)
        assert told is not None
        assert told.emergency is not None
        assert set(told.emergency.possible_length) <= {3}, region


def test_numbers_of_elsewhere_are_left_to_the_whole_look() -> None:
    for number, code, country in (
        ("7275550100", "", "GB"),
        ("7275550100", "44", "US"),
        ("020 7946 0958", "", "GB"),
    ):
        assert national(number, code, country) is None


def test_it_is_quicker_by_far() -> None:
    numbers = [f"727555{number:04}" for number in range(300)]
    began = time.process_time()
    for number in numbers:
        normalise(number, "", "US")
    slow, began = time.process_time() - began, time.process_time()
    for number in numbers:
        national_of(number, "", "US")
    assert time.process_time() - began < slow / 3
