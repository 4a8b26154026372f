"""Script and web form of a campaign: what they may be, and what is filled in."""

from __future__ import annotations

import pytest

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign
from bridge.campaigns.page_fields import LONGEST_SCRIPT, LONGEST_TEXT, fill_text, may_frame

ORIGINS = ("https://crm.example", "http://localhost:8080")


@pytest.mark.parametrize(
    "script",
    ["", "Hello --A--first_name--B--,\n\tthis is …", "x" * LONGEST_SCRIPT, "<b>--A--x--B--</b> \u202e"],
    ids=["none", "text", "long", "markup"],
)
def test_a_script_is_text(script: str) -> None:
    assert Campaign(id="SALES", script=script).script == script


@pytest.mark.parametrize(
    "script",
    ["x" * (LONGEST_SCRIPT + 1), "a\x00b", "a\rb", "\x1b[2J", "x" * 1_000_000],
    ids=["long", "null", "return", "escape", "megabyte"],
)
def test_a_script_that_can_be_none_is_named(script: str) -> None:
    with pytest.raises(InvalidField) as refused:
        Campaign(id="SALES", script=script)
    assert refused.value.field == "script"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://--A--email--B--/x",
        "https://user@crm.example/",
        "//crm.example/",
        "https://crm.example/ x",
        "https://crm.example/\r\nx",
        "DISABLED",
        "ALT",
        "https://crm.example/" + "x" * 1_000_000,
    ],
    ids=["script", "data", "host", "user", "relative", "blank", "line", "off", "alt", "megabyte"],
)
def test_a_web_form_that_can_be_none_is_named(url: str) -> None:
    with pytest.raises(InvalidField) as refused:
        Campaign(id="SALES", web_form_url=url)
    assert refused.value.field == "web_form_url"


def test_a_value_is_filled_in_once_and_as_it_is() -> None:
    values = {
        "first_name": "<b>--A--phone_number--B--</b>",
        "phone_number": "7275550100",
        "comments": "x" * 9_000,
    }
    assert fill_text("Hi --A--first_name--B--!", values) == "Hi <b>--A--phone_number--B--</b>!"
    assert fill_text("--A--nothing--B-- and --A--phone_number--B--", values) == " and 7275550100"
    assert len(fill_text("--A--comments--B--", values)) == LONGEST_TEXT
    assert fill_text("--A-- --B-- --A--a b--B--", values) == "--A-- --B-- --A--a b--B--"


@pytest.mark.parametrize(
    ("url", "framed"),
    [
        ("https://crm.example/form?x=1", True),
        ("https://CRM.example/form", True),
        ("http://localhost:8080/", True),
        ("http://crm.example/form", False),
        ("https://crm.example:444/form", False),
        ("https://crm.example.evil.example/", False),
        ("https://evil.example/https://crm.example", False),
        ("http://localhost/", False),
    ],
)
def test_a_frame_is_for_origins_that_are_named(url: str, *, framed: bool) -> None:
    assert may_frame(url, ORIGINS) is framed
