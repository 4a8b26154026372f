"""A number of the site's own: only these are shown to whom is called."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import Title, check_printable, matching
from bridge.rules import Number, normalise

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class OwnNumber(SiteItem, frozen=True, kw_only=True):
    """A number of the site's own, which may be shown to whom is called."""

    kind: ClassVar[str] = "ownnumber"
    key_field: ClassVar[str] = "number"

    number: Annotated[str, matching(_E164)]
    """E.164, with its `+`."""
    name: Title = ""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not _E164.fullmatch(self.number):
            raise InvalidField("number", f"{self.number[:60]!r}: + and country code, as in +17275550100")
        check_printable("name", self.name)


def readings(digits: str, country: str) -> tuple[str, ...]:
    """What a caller id can be in E.164: as dialled at home, and as E.164 whose `+` was left out.

    Args:
        digits: of the caller id, with or without `+`.
        country: the site's own, two letters.
    """
    texts = (digits,) if digits.startswith("+") else (digits, f"+{digits}")
    found = (normalise(text, "", country) for text in texts)
    return tuple(dict.fromkeys(number.e164 for number in found if isinstance(number, Number)))
