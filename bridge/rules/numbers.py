"""Reading what somebody calls a telephone number."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from bridge.rules import emergency, nanp
from bridge.rules.model import Number, Refusal, Rule
from bridge.rules.written import LONGEST, bare

_DIALLABLE = re.compile(r"\+?[0-9]{1,20}")
_PHONE_CODE = re.compile(r"[1-9][0-9]{0,2}")
_LONGEST_CODE = 10
"""Characters of a country calling code that are looked at; what has more is none either way."""
_REMEMBERED = 10_000
"""Numbers that were read lately: to read one takes longer than to look for it in the store."""
_NO_REGION = "ZZ"
_E164 = "ITU-T E.164"


def normalise(number: str, phone_code: str, country: str) -> Number | Refusal:
    """Read a number as it comes from a request, a lead or a form.

    Args:
        number: In international form with `+`, or as one dials it within its country; blanks and the
            separators `-.()/` are left out, anything else but ASCII digits is refused.
        phone_code: Country calling code of the number, or empty: then it is `country`'s. A `+` in the
            number goes before it.
        country: ISO 3166 code of the place from which is dialled.

    Returns:
        The number, or why it is none. One that is possible (right length for its country) but not known as
        valid counts as a number: numbering plans grow faster than metadata, and the fictional ones
        (`727 555 0100`) must reach the test carrier.
    """
    text = bare(number)
    if not _DIALLABLE.fullmatch(text):
        return _refused(_unreadable(number))
    return _read(text, phone_code[:_LONGEST_CODE], country)


@lru_cache(maxsize=_REMEMBERED)
def _read(text: str, phone_code: str, country: str) -> Number | Refusal:
    """Read digits; a lead's are read as it comes in, as it is dialled, and as its call is known again."""
    digits = text.removeprefix("+")
    dialled_in = "" if text.startswith("+") else _region(phone_code) or country
    if dialled_in and emergency.is_emergency(digits, dialled_in):
        return emergency.refusal(digits)
    try:
        parsed = _parse(text, phone_code, country)
    except NumberParseException:
        return _refused(f"{digits} cannot be read as a number of any country")
    return _judge(parsed, digits, phone_code if dialled_in else "", dialled_in)


def national_of(number: str, phone_code: str, country: str) -> tuple[int, str] | Refusal:
    """Country calling code and national number of what `normalise` reads, where nothing else is asked for.

    The arguments are the same.
    """
    if (found := nanp.national(number, phone_code, country)) is not None:
        return nanp.COUNTRY_CODE, found
    read = normalise(number, phone_code, country)
    return read if isinstance(read, Refusal) else (read.country_code, read.national)


def _unreadable(number: str) -> str:
    if not number.strip():
        return "the number is empty"
    if len(number) > LONGEST:
        return f"the number has {len(number)} characters"
    return "the number holds something else than digits"


def _region(phone_code: str) -> str:
    """The main country of a calling code, or empty where there is none."""
    if not _PHONE_CODE.fullmatch(phone_code):
        return ""
    region: str = phonenumbers.region_code_for_country_code(int(phone_code))
    return "" if region == _NO_REGION else region


def _parse(text: str, phone_code: str, country: str) -> PhoneNumber:
    if text.startswith("+") or not phone_code:
        return phonenumbers.parse(text, country)
    region = _region(phone_code)
    if region == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        return phonenumbers.parse(f"+{phone_code}{text}")
    return phonenumbers.parse(text, region or _NO_REGION)


def _judge(parsed: PhoneNumber, digits: str, phone_code: str, dialled_in: str) -> Number | Refusal:
    national = phonenumbers.national_significant_number(parsed)
    calling_code = parsed.country_code or 0
    country = phonenumbers.region_code_for_number(parsed) or _region(str(calling_code))
    seen_already = (national, country) == (digits, dialled_in)
    if not seen_already and emergency.is_emergency(national, country):
        return emergency.refusal(national)
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible is not ValidationResult.IS_POSSIBLE:
        return _refused(f"{digits} has not the length of a number of +{calling_code}")
    if calling_code == nanp.COUNTRY_CODE and national[0] in "01":
        return _refused(f"{digits} begins with {national[0]}, as no area code does")
    if phone_code and str(calling_code) != phone_code:
        return _refused(f"{digits} is a number of +{calling_code}, not of +{phone_code}")
    return Number(
        digits=digits,
        e164=f"+{calling_code}{national}",
        country_code=calling_code,
        national=national,
        domestic=_domestic(parsed),
        country=country,
        kind=phonenumbers.number_type(parsed),
    )


def _domestic(parsed: PhoneNumber) -> str:
    shown: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return "".join(filter(str.isdigit, shown))


def _refused(why: str) -> Refusal:
    return Refusal(rule=Rule.NOT_A_NUMBER, why=why, source=_E164)
