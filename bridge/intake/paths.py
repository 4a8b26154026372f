"""Names of fields, however a form writes them: `fields[phone][value]` is `fields.phone.value`."""

from __future__ import annotations

import re
from typing import Final

_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]")


def path_of(name: str) -> str:
    """The one way in which a name is compared."""
    return _BRACKET.sub(r".\1", name).strip(" .")


def plain_name(path: str) -> str:
    """What a field is called, as a program would write it: `fields.Your Phone.value` is `phone`.

    Args:
        path: see `path_of`.
    """
    parts = path.split(".")
    if len(parts) > 1 and parts[-1] in ("value", "raw_value"):
        parts.pop()
    word = re.sub(r"[^a-z0-9]+", "_", parts[-1].lower()).strip("_")
    return word.removeprefix("your_") or word
