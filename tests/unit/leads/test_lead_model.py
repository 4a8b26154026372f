from __future__ import annotations

from typing import Any

import pytest

from bridge.leads.errors import InvalidLead
from bridge.leads.model import NewLead


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone_number", ""),
        ("phone_number", "727-555-0100"),
        ("phone_number", "+17275550100"),
        ("phone_number", "7" * 19),
        ("phone_number", "٧٢٧"),
        ("status", ""),
        ("status", "TOOLONG"),
        ("first_name", "x" * 256),
        ("comments", "x" * 65_536),
        ("city", "a\0b"),
    ],
)
def test_a_field_that_cannot_be_is_named(field: str, value: Any) -> None:
    fields: dict[str, Any] = {"list_id": 101, "phone_number": "7275550100", field: value}
    with pytest.raises(InvalidLead) as caught:
        NewLead(**fields)
    assert caught.value.field == field


def test_comments_may_be_long_and_names_in_any_script() -> None:
    lead = NewLead(list_id=101, phone_number="7275550100", comments="x" * 65_535, first_name="Zoë 花子")
    assert lead.first_name == "Zoë 花子"
