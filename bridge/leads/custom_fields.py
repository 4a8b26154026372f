"""What a list's custom fields may be called, and the types that the line format knows."""

from __future__ import annotations

import re
from typing import Final

from bridge.leads.model import NewLead

_LABEL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}")
_TYPES: Final = (
    "TEXT AREA SELECT MULTI RADIO CHECKBOX DATE TIME DISPLAY SCRIPT HIDDEN READONLY HIDEBLOB SWITCH "
    "SOURCESELECT BUTTON"
)


def is_label(text: str) -> bool:
    """Whether a field may be called so: no other field of a lead is."""
    return _LABEL.fullmatch(text) is not None and text not in NewLead.__struct_fields__


def is_type(text: str) -> bool:
    """Whether it is a type, in letters of either case."""
    return text.upper() in _TYPES.split()
