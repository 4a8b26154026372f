"""Telephone numbers in paths and bodies of lists of numbers: do-not-call, filter groups."""

from __future__ import annotations

from typing import Annotated

from litestar.openapi.spec import Example
from litestar.params import PathParameter

from bridge.dnc.entries import whole_entry
from bridge.errors import UnreadableNumber
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncEntry, DncKind
from bridge.services import Services

WRITTEN = r"^[^\x00-\x1f\x7f]{1,40}$(?!\n)"
"""A number as somebody writes it, with whatever signs between the digits."""

WholeNumberPath = Annotated[
    str,
    PathParameter(
        pattern=WRITTEN,
        description="A number as it is dialled at the site, or with `+`.",
        examples=[Example(value="+17275550100")],
    ),
]


def entry_for(services: Services, number: str) -> DncEntry:
    """A number, area code or prefix, as it was written (`UnreadableNumber`)."""
    try:
        return whole_entry(number, services.options.country)
    except InvalidLead as why:
        raise UnreadableNumber(why.why, field=why.field) from None


def whole_number(services: Services, number: str) -> str:
    """A whole number in the form that is stored (`UnreadableNumber`)."""
    entry = entry_for(services, number)
    if entry.kind is not DncKind.NUMBER:
        raise UnreadableNumber("a whole number is needed", field="number")
    return entry.number
