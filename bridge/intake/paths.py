"""Names of fields, however a form writes them: `fields[phone][value]` is `fields.phone.value`."""

from __future__ import annotations

import re
from typing import Final

_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]")
_WRAPPERS: Final = frozenset(
    {"fields", "form_fields", "formdata", "form_data", "data", "answers", "contact", "lead"}
)
"""What senders put around the fields of a person."""


def path_of(name: str) -> str:
    """The one way in which a name is compared."""
    return _BRACKET.sub(r".\1", name).strip(" .")


def usual_name(path: str) -> str:
    """What a field is called, as a program would write it: `Your Phone` and `fields.phone.value` are `phone`.

    Empty for what lies deeper, or within something else: `form.name` is the name of no person.

    Args:
        path: see `path_of`.
    """
    *outer, last = path.split(".")
    if outer and last in ("value", "raw_value"):
        last = outer.pop()
    if not all(part.lower() in _WRAPPERS or part.isdecimal() for part in outer):
        return ""
    word = re.sub(r"[^a-z0-9]+", "_", last.lower()).strip("_")
    return word.removeprefix("your_") or word
