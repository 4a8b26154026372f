"""How telephone numbers are written: what may stand between their digits, and how long they are at most."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 40
"""Characters that are looked at at all: 15 digits (ITU-T E.164), an access code, and separators."""

_SEPARATORS: Final = str.maketrans("", "", " -.()/")


def bare(number: str) -> str:
    """The number without blanks and the separators `-.()/`; empty if it is too long to be one."""
    return number.translate(_SEPARATORS) if len(number) <= LONGEST else ""
