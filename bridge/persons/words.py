"""A person's number, name and addresses in texts that anybody may have written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote_plus

from bridge.persons.model import Person

_BETWEEN: Final = r"[^0-9A-Za-z]{0,3}"
"""What people put between the digits of a number."""
_FEWEST: Final = 7
"""Digits of a number that is looked for with signs between them: a shorter one would be found everywhere."""
_SHORTEST: Final = 5
"""Characters of a word that is looked for."""


class Words:
    """Finds, and takes out, what names a person.

    Args:
        person: who.
    """

    def __init__(self, person: Person) -> None:
        numbers = [_number(form) for form in sorted(person.forms, key=len, reverse=True)]
        words = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in person.words if len(word) >= _SHORTEST]
        self._pattern = re.compile("|".join([*numbers, *words]), re.IGNORECASE)

    def within(self, text: str) -> bool:
        """Whether a text names her, as it is or as a part of a URL or a form."""
        return bool(
            self._pattern.search(text)
            or (("%" in text or "+" in text) and self._pattern.search(unquote_plus(text)))
        )

    def out_of(self, value: Any) -> Any:
        """A value of JSON in which she is not named: texts that do are empty."""
        match value:
            case str():
                return "" if self.within(value) else value
            case list():
                return [self.out_of(one) for one in value]
            case dict():
                return {self.out_of(name): self.out_of(one) for name, one in value.items()}
            case _:
                return value


def _number(form: str) -> str:
    digits = _BETWEEN.join(form) if len(form) >= _FEWEST else form
    return rf"(?<![0-9])\+?{digits}(?![0-9])"


def whole_names(rows: Iterable[Any]) -> set[str]:
    """The e-mail addresses and whole names of leads: a first name alone is anybody's."""
    found: set[str] = set()
    for row in rows:
        if "@" in row.email:
            found.add(row.email)
        if row.first_name and row.last_name:
            found |= {f"{row.first_name} {row.last_name}", f"{row.last_name}, {row.first_name}"}
    return found
