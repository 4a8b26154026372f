"""What counts as a telephone number, and as which."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.rules import Number, Refusal, Rule, normalise


def read(number: str, phone_code: str = "", country: str = "US") -> Number:
    known = normalise(number, phone_code, country)
    assert isinstance(known, Number), known
    return known


def refused(number: str, phone_code: str = "", country: str = "US") -> Refusal:
    refusal = normalise(number, phone_code, country)
    assert isinstance(refusal, Refusal), refusal
    return refusal


@pytest.mark.parametrize(
    ("number", "phone_code", "country"),
    [
        ("7275550100", "1", "US"),
        ("7275550100", "1", "DE"),
        ("7275550100", "", "US"),
        ("17275550100", "1", "US"),
        ("17275550100", "", "US"),
        ("+17275550100", "", "DE"),
        ("+17275550100", "1", "US"),
        ("(727) 555-0100", "1", "US"),
        ("727.555.0100", "1", "US"),
        (" 727 555 0100 ", "1", "US"),
        ("001 727 555 0100", "", "DE"),
        ("011 1 727 555 0100", "", "US"),
    ],
)
def test_one_number_in_all_its_forms(number: str, phone_code: str, country: str) -> None:
    known = read(number, phone_code, country)
    assert (known.e164, known.national, known.country_code, known.country) == (
        "+17275550100",
        "7275550100",
        1,
        "US",
    )


@pytest.mark.parametrize("last", ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "99"])
def test_fictional_numbers_reach_the_test_carrier(last: str) -> None:
    assert read(f"72755501{last}", "1").e164 == f"+172755501{last}"


@pytest.mark.parametrize(
    ("number", "phone_code", "e164", "country", "domestic"),
    [
        ("02079460000", "44", "+442079460000", "GB", "02079460000"),
        ("2079460000", "44", "+442079460000", "GB", "02079460000"),
        ("015112345678", "49", "+4915112345678", "DE", "015112345678"),
        ("15112345678", "49", "+4915112345678", "DE", "015112345678"),
        ("0223456789", "39", "+390223456789", "IT", "0223456789"),
        ("8765551234", "1", "+18765551234", "JM", "8765551234"),
        ("9051234567", "7", "+79051234567", "RU", "89051234567"),
        ("12345678", "800", "+80012345678", "001", "12345678"),
    ],
)
def test_numbers_of_other_countries(
    number: str, phone_code: str, e164: str, country: str, domestic: str
) -> None:
    known = read(number, phone_code)
    assert (known.e164, known.country, known.domestic) == (e164, country, domestic)


def test_a_plus_goes_before_the_phone_code() -> None:
    assert read("+442079460000", "1").country == "GB"


def test_a_number_abroad_is_none_of_the_phone_codes_country() -> None:
    assert "not of +1" in refused("011442079460000", "1").why


def test_delhi_is_not_the_emergency_number_it_begins_with() -> None:
    assert read("1123456789", "91").e164 == "+911123456789"
    assert read("+91 11 2345 6789").e164 == "+911123456789"


def test_digits_are_kept_as_they_were_given() -> None:
    assert read("1-727-555-0100", "1").digits == "17275550100"


def test_forms_hold_what_lists_and_trunks_use() -> None:
    assert read("020 7946 0000", "44").forms == ("02079460000", "2079460000", "442079460000")


@pytest.mark.parametrize(
    "number",
    [
        "",
        " ",
        "+",
        "abc",
        "727555abcd",
        "1-800-FLOWERS",
        "7275550100;DROP TABLE leads",
        "7275550100\r\nAction: Originate",
        "7275550100\x00",
        "7275550100&PJSIP/900@carrier",
        "7275550100,30",
        "7275550100@evil",
        "*67",
        "#31#7275550100",
        "7275550100w1234",
        "٧٢٧٥٥٥٠١٠٠",
        "".join(chr(0xFF10 + int(digit)) for digit in "7275550100"),
        "+1+7275550100",
        "72755501",
        "72755501000000",
        "411",
        "0000000000",
        "1234567890",
        "9" * 20,
        "7" * 21,
    ],
)
def test_what_is_no_number(number: str) -> None:
    assert refused(number, "1").rule is Rule.NOT_A_NUMBER


def test_a_megabyte_is_refused_without_being_repeated() -> None:
    assert len(refused("7" * 1_000_000, "1").why) < 100


@pytest.mark.parametrize("phone_code", ["999", "0", "00", "abcd", "1; x", "٤٩", "4444"])
def test_phone_codes_that_do_not_exist(phone_code: str) -> None:
    assert refused("7275550100", phone_code).rule is Rule.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("number", "phone_code", "country"),
    [
        ("911", "1", "US"),
        ("911", "", "US"),
        ("911", "49", "DE"),
        ("112", "1", "US"),
        ("112", "49", "DE"),
        ("112", "", "DE"),
        ("110", "", "DE"),
        ("999", "44", "GB"),
        ("000", "61", "AU"),
        ("9911", "1", "US"),
        ("1911", "1", "US"),
        ("0112", "49", "DE"),
        ("9-1-1", "1", "US"),
        ("+1911", "", "US"),
        ("+49112", "", "US"),
        ("9112", "1", "US"),
        ("9110000000", "1", "US"),
        ("911911911", "1", "US"),
    ],
)
def test_emergency_numbers(number: str, phone_code: str, country: str) -> None:
    refusal = refused(number, phone_code, country)
    assert refusal.rule is Rule.EMERGENCY
    assert refusal.source


def test_the_phone_codes_country_decides_what_an_emergency_is() -> None:
    assert refused("110", "49", "US").rule is Rule.EMERGENCY


@given(st.text(max_size=60), st.text(max_size=5), st.sampled_from(["US", "DE", "GB", "", "XX", "001"]))
@example("+", "", "US")
@example("0", "1", "US")
@example("00", "", "DE")
@example("1", "1", "US")
def test_any_text_is_a_number_or_is_refused(number: str, phone_code: str, country: str) -> None:
    known = normalise(number, phone_code, country)
    if isinstance(known, Number):
        assert known.e164[1:].isascii()
        assert known.e164[1:].isdigit()
        assert all(form.isascii() and form.isdigit() for form in known.forms)


@given(
    st.text(alphabet="+0123456789", max_size=18),
    st.sampled_from(["", "1", "44", "49", "91", "39", "7", "881", "999"]),
)
def test_what_is_read_is_read_the_same_again(number: str, phone_code: str) -> None:
    known = normalise(number, phone_code, "US")
    if isinstance(known, Number):
        again = normalise(known.e164, "", "US")
        assert isinstance(again, Number)
        assert (again.e164, again.country, again.national) == (known.e164, known.country, known.national)
