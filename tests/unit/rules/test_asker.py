"""What an API user may have dialled: its countries, types of numbers and calls, with real example numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from bridge.access.limits import COSTLY_TYPES, NUMBER_TYPES
from bridge.rules import (
    Asker,
    DncHit,
    Facts,
    Number,
    Permit,
    Purpose,
    Refusal,
    Rule,
    Used,
    may_dial,
    normalise,
)

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
USUAL = NUMBER_TYPES - COSTLY_TYPES
KINDS = {
    "fixed_line": PhoneNumberType.FIXED_LINE,
    "mobile": PhoneNumberType.MOBILE,
    "toll_free": PhoneNumberType.TOLL_FREE,
    "voip": PhoneNumberType.VOIP,
    "pager": PhoneNumberType.PAGER,
    "uan": PhoneNumberType.UAN,
    "voicemail": PhoneNumberType.VOICEMAIL,
}
COSTLY = {
    "premium_rate": PhoneNumberType.PREMIUM_RATE,
    "shared_cost": PhoneNumberType.SHARED_COST,
    "personal_number": PhoneNumberType.PERSONAL_NUMBER,
}
SHARED_CODES = {
    "+870773123456": "Inmarsat",
    "+878101234567890": "universal personal telecommunications",
    "+8816123456789": "a mobile satellite system",
    "+8821612345678": "an international network",
    "+883510001234567": "an international network",
    "+979123456789": "international premium rate",
    "+80812345678": "international shared cost",
}


def crm(
    countries: frozenset[str] = REGIONS,
    types: frozenset[str] = USUAL,
    *used: Used,
    shut_out: str = "",
) -> Asker:
    return Asker(user="crm", countries=countries, number_types=types, used=used, shut_out=shut_out)


def example(region: str, kind: int) -> Number:
    found = phonenumbers.example_number_for_type(region, kind)
    assert found is not None
    return read(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def read(text: str) -> Number:
    number = normalise(text, "", "US")
    assert isinstance(number, Number), number
    return number


def ask(number: Number, asker: Asker | None, *, purpose: Purpose = Purpose.MANUAL, **more: Any) -> object:
    facts = Facts(**{"allowed_countries": REGIONS | {"001"}, "asker": asker} | more)
    answer = may_dial(number, purpose, NOW, facts)
    return answer.rule if isinstance(answer, Refusal) else "dialled"


def regions_with(kind: int) -> list[str]:
    """Some countries that have such numbers, the big ones first."""
    named = ["DE", "GB", "FR", "NL", "IT", "AU", "JP", "BR", *sorted(REGIONS)]
    found = (region for region in dict.fromkeys(named) if phonenumbers.example_number_for_type(region, kind))
    return [region for region, _ in zip(found, range(6), strict=False)]


@pytest.mark.parametrize(
    ("kind", "region"), [(kind, region) for kind in KINDS for region in regions_with(KINDS[kind])]
)
def test_each_type_is_called_by_who_may_call_it_and_by_no_other(kind: str, region: str) -> None:
    number = example(region, KINDS[kind])
    assert ask(number, None) == "dialled", "the site itself forbids none of these"
    assert ask(number, crm()) == "dialled"
    assert ask(number, crm(types=frozenset({kind}))) == "dialled"
    others = NUMBER_TYPES - {kind, "fixed_line_or_mobile", "fixed_line", "mobile"}
    assert ask(number, crm(types=others)) == Rule.USER_NUMBER_TYPE
    assert ask(number, crm(types=frozenset())) == Rule.USER_NUMBER_TYPE


@pytest.mark.parametrize("kind", ["fixed_line", "mobile", "fixed_line_or_mobile"])
def test_where_fixed_and_mobile_look_the_same_one_of_them_is_enough(kind: str) -> None:
    number = read("+12015550123")
    assert number.kind == PhoneNumberType.FIXED_LINE_OR_MOBILE
    assert ask(number, crm(types=frozenset({kind}))) == "dialled"
    assert ask(number, crm(types=frozenset({"toll_free"}))) == Rule.USER_NUMBER_TYPE


def test_a_number_that_no_metadata_know_is_of_the_type_unknown() -> None:
    number = read("+12995550100")
    assert ask(number, crm()) == "dialled"
    assert ask(number, crm(types=USUAL - {"unknown"})) == Rule.USER_NUMBER_TYPE


@pytest.mark.parametrize(
    ("kind", "region"), [(kind, region) for kind in COSTLY for region in regions_with(COSTLY[kind])]
)
def test_costly_types_are_dialled_for_nobody_whatever_a_limit_names(kind: str, region: str) -> None:
    number = example(region, COSTLY[kind])
    for asker in (None, crm(), crm(types=NUMBER_TYPES)):
        assert ask(number, asker) == Rule.PREMIUM


@pytest.mark.parametrize("text", SHARED_CODES)
def test_shared_international_codes_are_dialled_for_nobody(text: str) -> None:
    for asker in (None, crm(countries=REGIONS | {"001"}, types=NUMBER_TYPES)):
        assert ask(read(text), asker) in (Rule.SATELLITE, Rule.PREMIUM)


@pytest.mark.parametrize("region", ["US", "CA", "JM", "GB", "JE", "RU", "KZ", "DE", "CU"])
def test_countries_that_share_a_calling_code_are_told_apart(region: str) -> None:
    number = example(region, PhoneNumberType.FIXED_LINE)
    assert ask(number, crm(countries=frozenset({region}))) == "dialled"
    assert ask(number, crm(countries=REGIONS - {region})) == Rule.USER_COUNTRY


def test_an_api_user_may_never_more_than_the_site() -> None:
    german = read("+493023125000")
    assert ask(german, crm(), allowed_countries=frozenset({"US"})) == Rule.COUNTRY
    assert ask(german, crm(), allowed_countries=frozenset({"US", "DE"})) == "dialled"


@pytest.mark.parametrize("purpose", Purpose)
def test_limits_hold_whatever_it_is_dialled_for(purpose: Purpose) -> None:
    german = read("+493023125000")
    assert ask(german, crm(countries=frozenset({"US"})), purpose=purpose) == Rule.USER_COUNTRY


def test_a_prefix_makes_no_number_that_the_api_user_may_not_call() -> None:
    jamaica = read("+12015550123")
    facts: dict[str, Any] = {
        "dial_prefix": "1876",
        "asked_prefix": "1876",
        "country": "US",
        "dialled": "5550123",
    }
    assert ask(jamaica, crm(), **facts) == "dialled"
    assert ask(jamaica, crm(countries=frozenset({"US"})), **facts) == Rule.COUNTRY


@pytest.mark.parametrize("rule", [Rule.USER_CALLS_PER_HOUR, Rule.USER_CALLS_PER_DAY, Rule.USER_CALLS_AT_ONCE])
def test_calls_are_counted(rule: Rule) -> None:
    number = read("+12015550123")
    assert ask(number, crm(REGIONS, USUAL, Used(rule=rule, calls=4, most=5))) == "dialled"
    assert ask(number, crm(REGIONS, USUAL, Used(rule=rule, calls=5, most=5))) == rule
    assert ask(number, crm(REGIONS, USUAL, Used(rule=rule, calls=0, most=0))) == rule


def test_what_is_not_dialled_anyway_is_no_call_too_many() -> None:
    full = crm(REGIONS, USUAL, Used(rule=Rule.USER_CALLS_PER_HOUR, calls=5, most=5))
    assert ask(read("+19005550100"), full) == Rule.PREMIUM
    assert ask(read("+12015550123"), full, dnc=(DncHit(),)) == Rule.DNC_SYSTEM


def test_nothing_is_dialled_for_who_was_shut_out() -> None:
    answer = may_dial(
        read("+12015550123"),
        Purpose.MANUAL,
        NOW,
        Facts(allowed_countries=REGIONS, asker=crm(shut_out="is switched off")),
    )
    assert isinstance(answer, Refusal)
    assert (answer.rule, answer.why) == (Rule.USER_STOPPED, "API user crm is switched off")


def test_people_have_no_limits_of_their_own() -> None:
    facts = Facts(allowed_countries=REGIONS)
    assert isinstance(may_dial(read("+493023125000"), Purpose.MANUAL, NOW, facts), Permit)
