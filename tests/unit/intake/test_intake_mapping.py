from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.intake.mapping import is_caught, lead_texts
from bridge.intake.model import TARGETS, IntakeKey
from bridge.intake.paths import path_of


def key(**more: Any) -> IntakeKey:
    usual: dict[str, Any] = {"name": "web", "list_id": 101}
    return IntakeKey(**usual | more)


def texts(sent: dict[str, str], **more: Any) -> dict[str, str]:
    return lead_texts([(path_of(name), value) for name, value in sent.items()], key(**more))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("phone", "phone_number"),
        ("Phone Number", "phone_number"),
        ("your-tel", "phone_number"),
        ("form_fields[mobile]", "phone_number"),
        ("fields[phone][value]", "phone_number"),
        ("data.cellPhone", "phone_number"),
        ("E-Mail", "email"),
        ("your-email", "email"),
        ("firstName", "first_name"),
        ("surname", "last_name"),
        ("ZIP", "postal_code"),
        ("your-message", "comments"),
        ("form[name]", ""),
        ("fields[phone][title]", ""),
        ("agent.phone", ""),
        ("0.phone", "phone_number"),
        ("rank", ""),
        ("owner", ""),
        ("vendor_lead_code", ""),
        ("list_id", ""),
        ("status", ""),
    ],
)
def test_the_names_that_forms_have(name: str, ours: str) -> None:
    assert texts({name: "x"}) == ({ours: "x"} if ours else {})


def test_the_map_of_the_key_goes_before_the_usual_names() -> None:
    fields = {"phone": "1", "data[tel2]": "2", "crm": "A-7", "rank": "99"}
    assert texts(fields, fields={"data.tel2": "phone_number", "crm": "vendor_lead_code"}) == {
        "phone_number": "2",
        "vendor_lead_code": "A-7",
    }


def test_a_constant_goes_before_all() -> None:
    assert texts({"city": "Tampa"}, constants={"city": "Miami", "status": "WEB"}) == {
        "city": "Miami",
        "status": "WEB",
    }


def test_what_stands_higher_in_json_comes_first() -> None:
    assert texts({"data.phone": "1", "phone": "2"})["phone_number"] == "2"


def test_of_two_values_the_first_that_is_not_empty() -> None:
    assert texts({"phone": "  ", "tel": "7"})["phone_number"] == "7"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Ann Smith", "Ann", "Smith"), ("Mary Ann Smith", "Mary Ann", "Smith"), ("Cher", "Cher", "")],
)
def test_a_whole_name_is_divided(name: str, first: str, last: str) -> None:
    found = texts({"your-name": name})
    assert (found.get("first_name", ""), found.get("last_name", "")) == (first, last)


def test_a_whole_name_does_not_change_one_that_is_divided() -> None:
    assert texts({"name": "A B", "first name": "Ann"}) == {"first_name": "Ann"}


def test_values_are_cut_and_cleaned() -> None:
    found = texts({"city": "a\r\nb\0" + "x" * 300, "message": "one\ntwo\0", "state": "<b>F|L</b>"})
    assert found["city"] == "a  b " + "x" * 250
    assert found["comments"] == "one\ntwo"
    assert found["state"] == "b F L /b"


@pytest.mark.parametrize(
    ("name", "caught"),
    [("website", True), ("form_fields[Website]", True), ("company.website", False), ("web", False)],
)
def test_a_honeypot(name: str, caught: bool) -> None:  # noqa: FBT001  of the table
    assert is_caught([(path_of(name), "http://spam.example")], "website") is caught
    assert not is_caught([(path_of(name), " ")], "website")
    assert not is_caught([(path_of(name), "x")], "")


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=300))))
def test_nothing_but_fields_of_a_lead_comes_out_and_all_of_it_fits(fields: list[tuple[str, str]]) -> None:
    for ours, value in lead_texts([(path_of(name), value) for name, value in fields], key()).items():
        assert ours in TARGETS
        assert 0 < len(value) <= (65_535 if ours == "comments" else 255)
        assert "\0" not in value
        value.encode()
