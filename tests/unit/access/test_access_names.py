from __future__ import annotations

import pytest

from bridge.access.names import (
    ALL,
    Names,
    format_names,
    names_from_list,
    names_to_list,
    parse_names,
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", frozenset()),
        ("version", {"version"}),
        (" version  external_dial ", {"version", "external_dial"}),
        ("version,external_dial", {"version", "external_dial"}),
        (" TESTCAMP -", {"TESTCAMP"}),
        ("ALL", ALL),
        (" ALL_FUNCTIONS ", ALL),
        ("-ALL-CAMPAIGNS- - -", ALL),
        ("---ALL---", ALL),
        ("*", ALL),
        ("all", {"all"}),
    ],
)
def test_texts_are_read_as_the_original_writes_them(text: str, names: Names) -> None:
    assert parse_names(text) == names


def test_a_list_is_read_as_it_is() -> None:
    assert parse_names(["a", "b"]) == frozenset({"a", "b"})
    assert parse_names(["a", "ALL"]) is ALL


def test_all_holds_every_name_and_nothing_that_is_no_name() -> None:
    assert "anything" in ALL
    assert 7 not in ALL


@pytest.mark.parametrize("names", [ALL, frozenset(), frozenset({"b", "a"})])
def test_names_come_back_from_text_and_store(names: Names) -> None:
    assert parse_names(format_names(names)) == names
    assert names_from_list(names_to_list(names)) == names


def test_an_empty_list_in_the_store_is_not_everything() -> None:
    assert names_from_list([]) == frozenset()
    assert names_from_list(None) is ALL
