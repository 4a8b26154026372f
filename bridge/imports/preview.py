"""What would become of a file, by its first rows."""

from __future__ import annotations

from itertools import islice

import msgspec

from bridge.imports.model import Layout, Plan, Refusal
from bridge.imports.source import Source

_SHOWN = 3
"""Values that a preview shows of each column."""
_MOST_REFUSED = 20
"""Refused rows that it shows."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column, and what is taken from it."""

    number: int
    title: str
    field: str
    """Of a lead; empty: the column is passed over."""
    samples: list[str]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of a file, by its first rows."""

    layout: Layout
    columns: list[Column]
    rows: int
    """How many were looked at."""
    good: int
    """How many of them would become leads."""
    refused: list[Refusal]


def preview(source: Source, plan: Plan) -> Preview:
    """What would become of the first rows.

    Raises:
        Unusable: what the consents have in common can be none.
    """
    columns = [
        Column(number=place + 1, title=title, field=plan.columns[place], samples=_samples(source, place))
        for place, title in enumerate(source.titles)
    ]
    rows, good, refused = 0, 0, list[Refusal]()
    if "phone_number" in plan.columns:
        for batch in islice(source.batches(plan), 1):
            refused += batch.refused
            good, rows = len(batch.rows), len(batch.rows) + len(batch.refused)
    return Preview(
        layout=source.layout, columns=columns, rows=rows, good=good, refused=refused[:_MOST_REFUSED]
    )


def _samples(source: Source, place: int) -> list[str]:
    values = (cells[place][:40] for _, cells in source.sample if place < len(cells) and cells[place])
    return list(islice(dict.fromkeys(values), _SHOWN))
