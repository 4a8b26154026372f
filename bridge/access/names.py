"""A set of names, or all of them: functions that a user may call, campaigns that a group may use."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final, Literal


class All(enum.Enum):
    """The one value that holds every name."""

    ALL = "ALL"

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


ALL: Final = All.ALL
Names = frozenset[str] | Literal[All.ALL]

_ALL_WORDS = frozenset({"ALL", "ALL_FUNCTIONS", "ALL-CAMPAIGNS", "ALL-GROUPS", "*"})


def parse_names(words: str | Iterable[str]) -> Names:
    """Read names from a list, or from a text that divides them by blanks or commas.

    The words that mean everything in the line format's own tables (`ALL_FUNCTIONS`, `-ALL-CAMPAIGNS-`)
    and `*` give `ALL`.
    """
    parts = words.replace(",", " ").split() if isinstance(words, str) else list(words)
    if any(part.strip("-") in _ALL_WORDS for part in parts):
        return ALL
    return frozenset(part for part in parts if part and part != "-")


def format_names(names: Names) -> str:
    """The inverse of `parse_names`: blank-separated and sorted, or `ALL`."""
    return ALL.value if isinstance(names, All) else " ".join(sorted(names))
