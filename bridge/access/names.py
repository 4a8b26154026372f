"""A set of names, or all of them: functions that a user may call, campaigns that a group may use."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Final


class All(enum.Enum):
    """The one value that holds every name."""

    ALL = "ALL"

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)


ALL: Final = All.ALL
Names = frozenset[str] | All

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


def names_within(some: Names, others: Names) -> bool:
    """Whether all of `some` are among `others`."""
    if isinstance(others, All):
        return True
    return not isinstance(some, All) and some <= others


def names_both(some: Names, others: Names) -> Names:
    """Those that are in both."""
    if isinstance(some, All):
        return others
    return some if isinstance(others, All) else some & others


def names_to_list(names: Names) -> list[str] | None:
    """As the store keeps them: `None` means all."""
    return None if isinstance(names, All) else sorted(names)


def names_from_list(names: list[str] | None) -> Names:
    """The inverse of `names_to_list`."""
    return ALL if names is None else frozenset(names)
