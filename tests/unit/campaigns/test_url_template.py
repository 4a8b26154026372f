"""Addresses of a CRM: which are taken, which counts, and what no value can do to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Campaign, InGroup
from bridge.campaigns.url_template import URL_FIELDS, UnfitValue, fill, first, masked, why_not
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList

GOOD = "https://crm.example:8443/result?lead=--A--lead_id--B--&name=--A--first_name--B--"


@pytest.mark.parametrize(
    "template", ["", "DISABLED", "---DISABLED---", GOOD, "http://10.0.0.7", "http://a?x"]
)
def test_what_is_taken(template: str) -> None:
    assert why_not(template) == ""
    assert Campaign(id="A", dispo_call_url=template).dispo_call_url == template


@pytest.mark.parametrize(
    "template",
    [
        "crm.example/x",
        "ftp://crm.example/x",
        "https://user:secret@crm.example/x",
        "https://--A--city--B--.example/x",
        "https://crm.example:70000/",
        "https://crm.example:0/",
        "https://crm.example/a b",
        "https://crm.example/#part",
        "https://crm.example/\n",
        "https://crm.example\\@127.0.0.1/",
        "disabled",
        "https://crm.example/" + "a" * 1000,
    ],
)
@pytest.mark.parametrize("field", URL_FIELDS)
def test_what_is_refused_names_its_field_and_is_not_repeated(template: str, field: str) -> None:
    url: dict[str, Any] = {field: template}
    makers: tuple[Callable[[], SiteItem], ...] = (
        lambda: Campaign(id="A", **url),
        lambda: InGroup(name="A", **url),
        lambda: LeadList(id=101, **url),
    )
    for make in makers:
        with pytest.raises((InvalidField, InvalidLead)) as raised:
            make()
        assert field in str(raised.value)
        assert "secret" not in str(raised.value)
        assert "crm.example\\" not in str(raised.value)


@pytest.mark.parametrize(
    ("levels", "counts"),
    [
        (("l", "g", "c", "s"), "l"),
        (("", "g", "c", "s"), "g"),
        (("", "", "c", "s"), "c"),
        (("", "", "", "s"), "s"),
        (("", "", "", ""), ""),
        (("DISABLED", "g", "c", "s"), ""),
        (("---DISABLED---", "g", "c", "s"), ""),
        (("", "DISABLED", "c", "s"), ""),
        (("", "", "DISABLED", "s"), ""),
        (("l", "DISABLED", "c", "s"), "l"),
        (("", "", "", "DISABLED"), ""),
    ],
)
def test_the_first_level_that_says_anything_counts(levels: tuple[str, ...], counts: str) -> None:
    assert first(*levels) == counts


@given(st.text(max_size=100))
@example("Müller & Söhne")
@example("x&status=SALE#?/../")
@example("--A--comments--B--")
@example("%2e%2e/\r\nHost: evil.example")
def test_a_value_stays_a_value(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return  # no database holds it
    url = fill("https://crm.example/in?a=--A--first_name--B--&b=1", {"first_name": value, "comments": "no"})
    parts = urlsplit(url)
    assert (parts.netloc, parts.path, parts.fragment) == ("crm.example", "/in", "")
    assert parse_qs(parts.query, keep_blank_values=True) == {"a": [value], "b": ["1"]}
    assert url.isascii()


@pytest.mark.parametrize(("one", "two"), [("..", ""), (".", "."), (".", ""), ("", "..")])
def test_no_value_leads_to_another_path(one: str, two: str) -> None:
    with pytest.raises(UnfitValue):
        fill("https://crm.example/a/--A--x--B----A--y--B--/b", {"x": one, "y": two})


def test_a_value_in_a_path_is_one_part_of_it() -> None:
    url = fill("https://crm.example/lead/--A--vendor_id--B--/done", {"vendor_id": "a/../b?c"})
    assert url == "https://crm.example/lead/a%2F..%2Fb%3Fc/done"


def test_a_name_that_nothing_is_known_by_is_left_out_and_a_long_value_is_cut() -> None:
    assert fill("https://a.example/?x=--A--nothing--B--&y=2", {}) == "https://a.example/?x=&y=2"
    assert fill("https://a.example/?x=--A--c--B--", {"c": "a" * 9000}) == "https://a.example/?x=" + "a" * 255


def test_what_is_shown_holds_no_key() -> None:
    template = "https://hooks.example/services/T0123456789abcdefgh/in?key=s3cr3t&lead=--A--lead_id--B--&x=a--A--b--B--&s3"
    assert masked(template) == (
        "https://hooks.example/services/***/in?key=***&lead=--A--lead_id--B--&x=--A--b--B--***&***"
    )
