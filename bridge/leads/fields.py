"""The fields of a lead as the line format names and writes them: all of them text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.leads.errors import InvalidLead
from bridge.leads.model import NewLead

_OFFSET = re.compile(r"[+-]?[0-9]{1,2}(\.[0-9]{1,2})?")
_RANK = re.compile(r"-?[0-9]{1,9}")


def parsed(texts: Mapping[str, str]) -> dict[str, Any]:
    """What the texts mean, by the names of `NewLead`.

    Raises:
        InvalidLead: one of them is no such value.
    """
    return dict(_READERS[name](text) if name in _READERS else (name, text) for name, text in texts.items())


def new_lead(list_id: int, number: str, phone_code: str, user: str, texts: Mapping[str, str]) -> NewLead:
    """A lead out of texts.

    Args:
        list_id: the list.
        number: digits.
        phone_code: the country's code.
        user: the API user who adds it; empty: none.
        texts: other fields, as the line format names and writes them.

    Raises:
        InvalidLead: one of them is no such value.
    """
    return NewLead(list_id=list_id, phone_code=phone_code, phone_number=number, user=user, **parsed(texts))


def _rank(text: str) -> tuple[str, int]:
    if text and not _RANK.fullmatch(text):
        raise InvalidLead("rank", f"{text[:40]!r}: a whole number of at most 9 digits")
    return "rank", int(text or 0)


def _gmt_offset(text: str) -> tuple[str, int | None]:
    """Hours, as in `-5.00`; empty: not known."""
    if not text:
        return "gmt_offset_minutes", None
    if not _OFFSET.fullmatch(text) or abs(float(text)) > 14:
        raise InvalidLead("gmt_offset_now", f"{text[:40]!r}: hours from -14 to 14, as in -5.00")
    return "gmt_offset_minutes", round(float(text) * 60)


_READERS: Mapping[str, Callable[[str], tuple[str, Any]]] = {"rank": _rank, "gmt_offset_now": _gmt_offset}
