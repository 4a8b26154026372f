"""One telephone number in the forms in which it may have been written down."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import ValidationResult

MOST_FORMS = 4
"""More than so many `forms` no number has."""
LONGEST = 15
"""Digits of the longest number there is (E.164)."""
_NANP = 1
_NOT_DIGITS = re.compile(r"[^0-9]")


class Sought(NamedTuple):
    """A number as do-not-call lists are asked for it."""

    forms: tuple[str, ...] = ()
    """Every form in which the number itself may be stored."""
    area_code: str = ""
    """Within the North American plan."""
    prefixes: tuple[str, ...] = ()
    """Beginnings of the number in E.164, digits only, the shortest first."""


def canonical(number: str, country: str) -> str:
    """The form that is stored: national digits for the site's own country, else with country code.

    Args:
        number: as it was given, with whatever signs between the digits.
        country: the site's country, two letters (ISO 3166).
    """
    parsed = _parse(number, country)
    if parsed is None:
        return _NOT_DIGITS.sub("", number)
    national = phonenumbers.national_significant_number(parsed)
    own = phonenumbers.country_code_for_region(country)
    return national if parsed.country_code == own else f"{parsed.country_code}{national}"


def international(number: str, country: str) -> str:
    """A number in E.164; one that cannot be read stays as it is."""
    parsed = _parse(number, country)
    if parsed is None:
        return number
    return f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


def is_number(number: str, country: str) -> bool:
    """Whether it can be read as a whole telephone number, of this country or with its own country's code."""
    parsed = _parse(number, country)
    if parsed is None:
        return False
    return bool(phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE)


def forms(number: str, country: str) -> tuple[str, ...]:
    """Every form in which the same number may be stored, the canonical one first."""
    found = [canonical(number, country), _NOT_DIGITS.sub("", number)]
    parsed = _parse(number, country)
    if parsed is not None:
        national = phonenumbers.national_significant_number(parsed)
        found += [national, f"{parsed.country_code}{national}"]
    return tuple(dict.fromkeys(form for form in found if form))


def forms_of(country_code: int, national: str, country: str) -> tuple[str, ...]:
    """The same for a number that has been read already: its `forms` in E.164."""
    whole = f"{country_code}{national}"
    own = phonenumbers.country_code_for_region(country)
    return tuple(dict.fromkeys((national if country_code == own else whole, whole, national)))


def area_code(number: str, country: str) -> str:
    """The first three national digits within the North American plan; elsewhere nothing."""
    parsed = _parse(number, country)
    if parsed is None:
        return ""
    return area_code_of(parsed.country_code, phonenumbers.national_significant_number(parsed))


def area_code_of(country_code: int | None, national: str) -> str:
    """The same for a number that has been read already."""
    return national[:3] if country_code == _NANP else ""


def sought(number: str, country: str) -> Sought:
    """What lists are asked for a number as it was given."""
    parsed = _parse(number, country)
    if parsed is None:
        return Sought(forms(number, country))
    national = phonenumbers.national_significant_number(parsed)
    found = sought_of(parsed.country_code or 0, national, country)
    return found._replace(forms=forms(number, country))


def sought_of(country_code: int, national: str, country: str) -> Sought:
    """The same for a number that has been read already."""
    whole = f"{country_code}{national}"
    prefixes = tuple(whole[: end + 1] for end in range(min(len(whole), LONGEST)))
    return Sought(forms_of(country_code, national, country), area_code_of(country_code, national), prefixes)


def prefix_digits(text: str, country: str) -> str:
    """The digits of a beginning of numbers, in E.164 without the `+`; empty: it is none.

    Args:
        text: as in `+49 30` or, within the site's own country, `030`.
        country: the site's country, two letters (ISO 3166).
    """
    digits = _NOT_DIGITS.sub("", text)
    if not re.fullmatch(r"\s*\+?[0-9 ()./-]+", text) or not digits:
        return ""
    if not text.lstrip().startswith("+"):
        known = phonenumbers.PhoneMetadata.metadata_for_region(country)
        trunk = (known.national_prefix if known else "") or ""
        digits = f"{phonenumbers.country_code_for_region(country)}{digits.removeprefix(trunk)}"
    return digits if digits[0] != "0" and len(digits) <= LONGEST else ""


@lru_cache(maxsize=1024)  # one dial asks about its number five times
def _parse(number: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None
