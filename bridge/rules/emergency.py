"""Emergency numbers: never dialled by us, neither as such nor as the beginning of something longer."""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, shortnumberinfo

from bridge.rules.model import Refusal, Rule

EVERYWHERE: Final = frozenset({"112", "911"})
"""Mobile networks and many exchanges take these in every country (3GPP TS 22.101 section 10)."""

ACCESS_CODES: Final = ("", "0", "00", "1", "9")
"""What is dialled before a number to get a line, or by mistake."""


def is_emergency(digits: str, country: str) -> bool:
    """Whether dialling these digits in this country can reach an emergency service.

    Many exchanges connect as soon as the first digits match: so does this, unless the digits are a number
    that exists in the country (+91 11 2… is Delhi, and begins with India's 112).
    """
    if any(_is_one(digits[len(code) :], country) for code in ACCESS_CODES if digits.startswith(code)):
        return True
    begins_with_one: bool = shortnumberinfo.connects_to_emergency_number(digits, country)
    return begins_with_one and not _exists(digits, country)


def refusal(digits: str) -> Refusal:
    """The answer to an attempt."""
    why = f"{digits} reaches an emergency service"
    return Refusal(rule=Rule.EMERGENCY, why=why, source="47 U.S.C. 227(b)(1)(A)(i); numbers: libphonenumber")


def _is_one(digits: str, country: str) -> bool:
    return digits in EVERYWHERE or bool(shortnumberinfo.is_emergency_number(digits, country))


def _exists(digits: str, country: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(digits, country)))
    except NumberParseException:
        return False
