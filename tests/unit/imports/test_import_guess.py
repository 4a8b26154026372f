from __future__ import annotations

import pytest

from bridge.imports import guess
from bridge.imports.errors import Unusable


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Phone", "phone_number"),
        ("PHONE_NUMBER", "phone_number"),
        ("Your Mobile", "phone_number"),
        ("Telefonnummer", "phone_number"),
        ("Vorname", "first_name"),
        ("First-Name", "first_name"),
        ("Straße", "address1"),
        ("PLZ", "postal_code"),
        ("ZIP Code", "postal_code"),
        ("E-Mail", "email"),
        ("vendor_lead_code", "vendor_lead_code"),
        ("Favourite colour", ""),
        ("", ""),
    ],
)
def test_titles_in_several_spellings(title: str, field: str) -> None:
    assert guess.by_title(title) == field


def test_columns_without_titles_are_known_by_what_is_in_them() -> None:
    sample = [
        ("Ann", "727-555-0100", "ann@example.com", "33701"),
        ("Bob", "(727) 555-0101", "bob@example.com", "33702-1234"),
    ]
    assert not guess.has_header(sample[0])
    assert guess.columns(("",) * 4, sample, "US") == ("", "phone_number", "email", "postal_code")


def test_a_title_goes_before_the_content_and_no_field_comes_twice() -> None:
    titles = ("Contact no", "Phone", "Mobile", "size")
    sample = [("7275550100", "7275550101", "7275550102", "XL")]
    assert guess.has_header(titles)
    assert guess.columns(titles, sample, "US", ("size",)) == ("", "phone_number", "", "custom.size")


def test_a_person_goes_before_the_guess() -> None:
    titles = ("Phone", "Mobile", "Note")
    guessed = ("phone_number", "", "comments")
    wanted = {"mobile": "phone_number", "3": "-", "Phone": "alt_phone"}
    assert guess.overridden(guessed, titles, wanted) == ("alt_phone", "phone_number", "")
    assert guess.overridden(guessed, titles, {"Mobile": "phone_number"}) == ("", "phone_number", "comments")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"Fax": "alt_phone"}, "there is no column 'Fax'; there are 1 to 2: Phone, Mobile"),
        ({"3": "alt_phone"}, "there is no column '3'"),
        ({"Phone": "shoe_size"}, "'shoe_size' is no field of a lead: phone_number"),
        ({"Phone": "email", "Mobile": "email"}, "two columns are mapped to email"),
        ({"Phone": "list_id"}, "is no field"),
    ],
)
def test_a_map_that_cannot_be(wanted: dict[str, str], said: str) -> None:
    with pytest.raises(Unusable, match=said):
        guess.overridden(("phone_number", ""), ("Phone", "Mobile"), wanted)
