"""How SQL asks for a number: in every form in which it may be stored, by its area code and its beginnings.

A prepared statement has the same parameters each time: a number with fewer forms asks for its last one again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, Table, and_, bindparam, or_

from bridge.leads.model import DncKind
from bridge.leads.numbers import LONGEST, MOST_FORMS, Sought

FORMS: Final[list[BindParameter[str]]] = [bindparam(f"form_{n}") for n in range(MOST_FORMS)]
"""Parameters that `filled` has the values of."""
_PREFIXES: Final[list[BindParameter[str]]] = [bindparam(f"prefix_{n}") for n in range(LONGEST)]
_NONE: Final = "-"
"""What no number is."""


def forbids(table: Table) -> ColumnElement[bool]:
    """Whether an entry of a do-not-call table, with `kind` and `number`, is for the number; see `asked`."""
    kind, number = table.c.kind, table.c.number
    return or_(
        and_(kind == DncKind.NUMBER, number.in_(FORMS)),
        and_(kind == DncKind.AREA_CODE, number == bindparam("area_code")),
        and_(kind == DncKind.PREFIX, number.in_(_PREFIXES)),
    )


def filled(forms: Sequence[str]) -> dict[str, str | int]:
    """A value for each of `FORMS`."""
    return _filled(FORMS, forms)


def asked(sought: Sought) -> dict[str, str | int]:
    """A value for each parameter of `forbids`."""
    return filled(sought.forms) | _filled(_PREFIXES, sought.prefixes) | {"area_code": sought.area_code}


def _filled(params: Sequence[BindParameter[str]], values: Sequence[str]) -> dict[str, str | int]:
    last = len(values) - 1
    return {param.key: values[min(n, last)] if values else _NONE for n, param in enumerate(params)}
