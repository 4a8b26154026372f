"""Ten digits of the North American Numbering Plan, told at a glance.

`phonenumbers` takes a third of a millisecond for a number, which is most of what a row of a file costs. Of
a number whose area code begins no emergency number anywhere in the plan it can only say one thing, and
that is said here; of every other one it is asked. A property test holds the two together.
"""

from __future__ import annotations

import functools
import re
from typing import Final

import phonenumbers
from phonenumbers import shortnumberinfo

from bridge.rules.written import bare

COUNTRY_CODE: Final = 1
"""Of the plan: there, 0 reaches an operator and 1 a long-distance trunk, never an area."""
_HERE: Final = frozenset({"US", "CA"})
"""Where a number without a country's code is read as `phonenumbers` reads it for the plan's main country."""
_WRITTEN: Final = re.compile(r"(\+?1)?([2-9][0-9]{9})")


def national(number: str, phone_code: str, country: str) -> str | None:
    """The ten digits of what is a number of the plan without a doubt; `None`: ask `bridge.rules.normalise`.

    Args:
        number: as it was written.
        phone_code: country calling code beside it; empty: there is none.
        country: ISO 3166, where it was written.
    """
    text = bare(number)
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    here = phone_code == "1" or (not phone_code and country in _HERE)
    if not here and not text.startswith("+"):
        return None
    digits = found[2]
    return digits if _is_harmless(digits[:3]) else None


@functools.lru_cache(maxsize=1000)
def _is_harmless(area: str) -> bool:
    """Whether nothing that begins so reaches an emergency service in a country of the plan."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[COUNTRY_CODE]
    return not any(_may_reach(digits, region) for digits in (area, f"1{area}") for region in regions)


def _may_reach(digits: str, region: str) -> bool:
    if shortnumberinfo.connects_to_emergency_number(digits, region):
        return True
    return digits[0] == "9" and bool(shortnumberinfo.connects_to_emergency_number(digits[1:], region))
