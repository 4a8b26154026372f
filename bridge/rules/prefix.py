"""Digits that a request puts before a number: they must not make another number of it that is forbidden.

An exchange may take the first of them for itself (9 for a line) and dial the rest, so what is left after each
of them is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneMetadata

from bridge.rules.asker import not_for
from bridge.rules.costly import PREFIXES, costly
from bridge.rules.facts import Facts
from bridge.rules.model import Number, Refusal, Rule
from bridge.rules.numbers import normalise


def forbidden(number: Number, facts: Facts) -> Refusal | None:
    """The refusal of a number that a prefix of the request makes something else of, or nothing.

    Args:
        number: what was asked for.
        facts: with the digits before it, and the country in which they are dialled.
    """
    if not facts.asked_prefix:
        return None
    dialled = (facts.dialled or number.domestic).removeprefix("+")
    for begin in range(len(facts.dial_prefix)):
        before = facts.dial_prefix[begin:]
        found = _abroad(number, before + dialled, facts) or _other(number, before, dialled, facts)
        if found is not None:
            return found
    return None


def _abroad(number: Number, digits: str, facts: Facts) -> Refusal | None:
    """An international access code goes before the code of the number's own country only."""
    code = re.match(_metadata(facts.country).international_prefix or "(?!)", digits)
    if code is None or digits[code.end() :] == number.e164[1:]:
        return None
    return _refusal(Rule.COUNTRY, facts, number, "a number abroad")


def _other(number: Number, before: str, dialled: str, facts: Facts) -> Refusal | None:
    """A range that costs more begins within the prefix, or the whole is another number that is forbidden."""
    if any(before.startswith(beginning) for beginning in _costly_beginnings(facts.country)):
        return _refusal(Rule.PREMIUM, facts, number, "a premium or shared-cost number")
    made = normalise(before + dialled, "", facts.country)
    if isinstance(made, Refusal):
        return made if made.rule is Rule.EMERGENCY else None
    if made.e164 == number.e164:
        return None
    if made.country not in facts.countries:
        return _refusal(Rule.COUNTRY, facts, number, f"{made.e164} in {made.country}")
    return costly(made) or (not_for(made, facts.asker) if facts.asker else None)


def _costly_beginnings(country: str) -> Iterator[str]:
    """Of numbers as they are dialled within a country."""
    trunk = _metadata(country).national_prefix or ""
    code = phonenumbers.country_code_for_region(country)
    for beginning in PREFIXES.get(code, ()):
        yield trunk + beginning
        if trunk == str(code):  # North America, where the trunk prefix may be left out
            yield beginning


def _metadata(country: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(country)
    return found if found is not None else PhoneMetadata("ZZ", country_code=0, register=False)


def _refusal(rule: Rule, facts: Facts, number: Number, makes: str) -> Refusal:
    why = f"{facts.dial_prefix} before {number.digits} makes {makes}"
    return Refusal(rule=rule, why=why, source="dial_prefix of the request")
