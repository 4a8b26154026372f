"""Numbers that cost more than a call: satellite networks, premium rate, shared cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phonenumbers import PhoneNumberType

from bridge.rules.model import Number, Refusal, Rule

SATELLITE: Final[Mapping[int, str]] = {
    870: "Inmarsat",
    878: "universal personal telecommunications",
    881: "a mobile satellite system",
    882: "an international network",
    883: "an international network",
    888: "disaster relief",
}
"""Country calling codes of no country (list of assigned codes annexed to ITU-T E.164)."""

INTERNATIONAL_PREMIUM: Final[Mapping[int, str]] = {
    808: "international shared cost",
    979: "international premium rate",
}
"""The same list's service codes that cost the caller extra."""

PREFIXES: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("900",),
    33: ("89",),
    44: ("9", "84", "87", "70"),
    49: ("900", "137", "138", "180"),
}
"""Beginnings of national numbers that are sold as premium or shared-cost ranges by the national plans,
whether or not the metadata know the very number as assigned."""

KINDS: Final[Mapping[int, str]] = {
    PhoneNumberType.PREMIUM_RATE: "premium rate",
    PhoneNumberType.SHARED_COST: "shared cost",
    PhoneNumberType.PERSONAL_NUMBER: "a personal number, charged as its owner likes",
}


def costly(number: Number) -> Refusal | None:
    """The refusal of a number that costs more than a call, or nothing."""
    if number.country_code in SATELLITE:
        why = f"{number.e164} belongs to {SATELLITE[number.country_code]}"
        return Refusal(rule=Rule.SATELLITE, why=why, source="ITU-T E.164, assigned country codes")
    kind = _kind(number)
    if kind:
        return Refusal(rule=Rule.PREMIUM, why=f"{number.e164} is {kind}", source="national numbering plan")
    return None


def _kind(number: Number) -> str:
    if number.country_code in INTERNATIONAL_PREMIUM:
        return INTERNATIONAL_PREMIUM[number.country_code]
    if number.national.startswith(PREFIXES.get(number.country_code, ())):
        return "in a premium or shared-cost range"
    if number.country_code == 1 and number.national[3:6] == "976":
        return "in a pay-per-call exchange"
    return KINDS.get(number.kind, "")
