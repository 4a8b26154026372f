"""Settings of the line format that the bridge keeps and gives back, and does not act on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Meta

LONGEST: Final = 2000
"""Characters of a value: an address of a web form may be as long."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

KEPT: Final = Meta(
    extra_json_schema={
        "propertyNames": {"pattern": f"^{_NAME.pattern}$(?!\\n)"},
        "additionalProperties": {"type": "string", "maxLength": LONGEST},
    }
)
"""The API's description of a table of them."""


def why_not(settings: Mapping[str, str]) -> str:
    """What is wrong with them; empty if nothing is."""
    for name, value in settings.items():
        if not _NAME.fullmatch(name):
            return f"{name[:60]!r}: small letters, digits and _"
        if len(value) > LONGEST or not value.isprintable():
            return f"{name}: at most {LONGEST} printable characters"
    return ""
