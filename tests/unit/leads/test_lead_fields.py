"""The fields of a lead as the line format writes them."""

from __future__ import annotations

import pytest

from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        ({"city": "", "first_name": "Pat"}, {"city": "", "first_name": "Pat"}),
        ({"rank": "12"}, {"rank": 12}),
        ({"rank": ""}, {"rank": 0}),
        ({"gmt_offset_now": "-5.00"}, {"gmt_offset_minutes": -300}),
        ({"gmt_offset_now": "5.5"}, {"gmt_offset_minutes": 330}),
        ({"gmt_offset_now": ""}, {"gmt_offset_minutes": None}),
    ],
)
def test_texts_become_what_they_mean(texts: dict[str, str], values: dict[str, object]) -> None:
    assert parsed(texts) == values


@pytest.mark.parametrize(
    ("field", "text"),
    [("rank", "9" * 10), ("rank", "x"), ("gmt_offset_now", "15"), ("gmt_offset_now", "1e1")],
)
def test_a_text_that_means_nothing_is_refused(field: str, text: str) -> None:
    with pytest.raises(InvalidLead) as refused:
        parsed({field: text})
    assert refused.value.field == field
