from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.leads.numbers import area_code, area_code_of, canonical, forms, forms_of
from bridge.rules import Number, normalise

E164 = phonenumbers.PhoneNumberFormat.E164


@pytest.mark.parametrize(
    ("number", "country", "stored"),
    [
        ("7275550100", "US", "7275550100"),
        ("17275550100", "US", "7275550100"),
        ("+1 (727) 555-0100", "US", "7275550100"),
        ("+442071838750", "US", "442071838750"),
        ("011442071838750", "US", "442071838750"),
        ("02071838750", "GB", "2071838750"),
        ("+442071838750", "GB", "2071838750"),
        ("+17275550100", "GB", "17275550100"),
        ("1", "US", "1"),
        ("911", "US", "911"),
        ("", "US", ""),
        ("no number", "US", ""),
    ],
)
def test_one_number_has_one_stored_form(number: str, country: str, stored: str) -> None:
    assert canonical(number, country) == stored


@pytest.mark.parametrize("number", ["7275550100", "17275550100", "+17275550100", "+1-727-555-0100"])
def test_the_forms_of_a_number_meet(number: str) -> None:
    assert {"7275550100", "17275550100"} <= set(forms(number, "US"))
    assert forms(number, "US")[0] == "7275550100"


@pytest.mark.parametrize("home", ["US", "GB", "IT", "DE", "KZ"])
@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_a_number_that_has_been_read_has_the_forms_of_its_e164(region: str, home: str) -> None:
    """Of every country, those with zeros in front among them: nothing that is forbidden slips by."""
    example = phonenumbers.example_number(region)
    assert example is not None
    number = normalise(phonenumbers.format_number(example, E164), "", home)
    assert isinstance(number, Number)
    assert forms_of(number.country_code, number.national, home) == forms(number.e164, home)
    assert area_code_of(number.country_code, number.national) == area_code(number.e164, home)


@given(st.text())
def test_forms_are_digits_whatever_was_given(number: str) -> None:
    assert all(form.isdigit() and form.isascii() for form in forms(number, "US"))


@pytest.mark.parametrize(
    ("number", "country", "code"),
    [
        ("9005551234", "US", "900"),
        ("+19005551234", "GB", "900"),
        ("+449005551234", "US", ""),
        ("900", "US", ""),
        ("x", "US", ""),
    ],
)
def test_area_codes_are_those_of_north_america(number: str, country: str, code: str) -> None:
    assert area_code(number, country) == code
