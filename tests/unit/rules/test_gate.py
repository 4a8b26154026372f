"""Who may be dialled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.rules import DncHit, Facts, Hours, Number, Permit, Purpose, Refusal, Rule, may_dial, normalise
from bridge.rules.emergency import is_emergency
from bridge.rules.hours import ALWAYS
from bridge.rules.permit import VALIDITY

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OPEN = Hours(name="law-US", rule=Rule.LAW_HOURS, source="a test", week=(ALWAYS,) * 7)
EVERYWHERE = frozenset({"US", "CA", "DE", "GB", "FR", "IN", "JM", "001"})


def number(text: str, phone_code: str = "1") -> Number:
    known = normalise(text, phone_code, "US")
    assert isinstance(known, Number), known
    return known


def ask(
    text: str,
    phone_code: str = "1",
    *,
    purpose: Purpose = Purpose.MANUAL,
    allowed: frozenset[str] = EVERYWHERE,
    dnc: tuple[DncHit, ...] = (),
    dial_prefix: str = "",
    dialled: str = "",
) -> Permit | Refusal:
    facts = Facts(allowed_countries=allowed, dnc=dnc, dial_prefix=dial_prefix, dialled=dialled, hours=(OPEN,))
    return may_dial(number(text, phone_code), purpose, NOW, facts)


def rule(answer: Permit | Refusal) -> Rule | None:
    return answer.rule if isinstance(answer, Refusal) else None


@pytest.mark.parametrize("purpose", Purpose)
def test_an_ordinary_number(purpose: Purpose) -> None:
    permit = ask("7275550100", purpose=purpose)
    assert isinstance(permit, Permit)
    assert permit.e164 == "+17275550100"
    assert permit.number.national == "7275550100"
    assert permit.purpose is purpose
    assert permit.until == NOW + VALIDITY


@pytest.mark.parametrize(
    ("text", "phone_code"),
    [
        ("9005550100", "1"),
        ("9001234567", "1"),
        ("2029761234", "1"),
        ("09001234567", "49"),
        ("0900 5 123456", "49"),
        ("013771234567", "49"),
        ("0180512345", "49"),
        ("09098790000", "44"),
        ("08712345678", "44"),
        ("07012345678", "44"),
        ("0891123456", "33"),
        ("1900654321", "61"),
        ("9061234567", "31"),
        ("123456789", "979"),
        ("12345678", "808"),
    ],
)
def test_premium_and_shared_cost(text: str, phone_code: str) -> None:
    answer = ask(text, phone_code)
    assert rule(answer) is Rule.PREMIUM
    assert isinstance(answer, Refusal)
    assert answer.why
    assert answer.source


@pytest.mark.parametrize(
    "text", ["+870773123456", "+8816123456789", "+8821612345678", "+883510001234567", "+88812345678901"]
)
def test_satellites(text: str) -> None:
    assert rule(ask(text)) is Rule.SATELLITE


def test_satellites_also_by_their_phone_code() -> None:
    assert rule(ask("773123456", "870")) is Rule.SATELLITE


@pytest.mark.parametrize("text", ["8005551234", "8885550100"])
def test_free_numbers_cost_nothing(text: str) -> None:
    assert isinstance(ask(text), Permit)


def test_countries_that_are_not_allowed() -> None:
    answer = ask("02079460000", "44", allowed=frozenset({"US"}))
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.COUNTRY
    assert "GB" in answer.why


def test_the_caribbean_is_not_the_united_states() -> None:
    assert rule(ask("8765551234", allowed=frozenset({"US", "CA"}))) is Rule.COUNTRY


def test_where_nothing_is_allowed_nothing_is_dialled() -> None:
    assert rule(ask("7275550100", allowed=frozenset())) is Rule.COUNTRY


def test_do_not_call() -> None:
    answer = ask("7275550100", dnc=(DncHit(),))
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.DNC_SYSTEM
    assert "47 CFR 64.1200" in answer.source


def test_do_not_call_of_a_campaign_names_it() -> None:
    answer = ask("7275550100", dnc=(DncHit(campaign="SPRING"),))
    assert isinstance(answer, Refusal)
    assert answer.rule is Rule.DNC_CAMPAIGN
    assert "SPRING" in answer.why


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - {Purpose.CALL_AGENT}))
def test_do_not_call_holds_for_every_call_to_others(purpose: Purpose) -> None:
    assert rule(ask("7275550100", purpose=purpose, dnc=(DncHit(),))) is Rule.DNC_SYSTEM


def test_an_agents_own_telephone_is_rung_whatever_a_list_says() -> None:
    assert isinstance(ask("7275550100", purpose=Purpose.CALL_AGENT, dnc=(DncHit(),)), Permit)


def test_an_agents_own_telephone_is_no_satellite() -> None:
    assert rule(ask("+870773123456", purpose=Purpose.CALL_AGENT)) is Rule.SATELLITE


@pytest.mark.parametrize(
    ("text", "phone_code", "prefix"),
    [("1123456789", "91", "1"), ("7275550100", "1", "911"), ("7275550100", "1", "112")],
)
def test_a_prefix_makes_no_emergency_call(text: str, phone_code: str, prefix: str) -> None:
    assert isinstance(ask(text, phone_code), Permit)
    assert rule(ask(text, phone_code, dial_prefix=prefix)) is Rule.EMERGENCY


def test_a_prefix_is_judged_with_what_is_dialled_behind_it() -> None:
    """A number of Kuantan, which is dialled as 09 9…; 999 is the police there."""

    def behind_9(dialled: str) -> Permit | Refusal:
        malaysia = frozenset({"MY"})
        return ask("0991234567", "60", allowed=malaysia, dial_prefix="9", dialled=dialled)

    assert rule(behind_9("")) is Rule.EMERGENCY, "in some form or other"
    assert isinstance(behind_9("0991234567"), Permit)
    assert rule(behind_9("991234567")) is Rule.EMERGENCY


@pytest.mark.parametrize("prefix", ["9", "1", "0"])
def test_ordinary_prefixes(prefix: str) -> None:
    assert isinstance(ask("7275550100", dial_prefix=prefix), Permit)


def test_the_graver_rule_answers() -> None:
    answer = ask("09001234567", "49", allowed=frozenset(), dnc=(DncHit(),))
    assert rule(answer) is Rule.PREMIUM


def test_the_answer_depends_on_its_arguments_alone() -> None:
    known = number("7275550100")
    facts = Facts(allowed_countries=EVERYWHERE, hours=(OPEN,))
    first, second = (may_dial(known, Purpose.AUTO, NOW, facts) for _ in range(2))
    assert isinstance(first, Permit)
    assert isinstance(second, Permit)
    assert (first.number, first.until) == (second.number, second.until)
    later = may_dial(known, Purpose.AUTO, NOW + timedelta(hours=1), facts)
    assert isinstance(later, Permit)
    assert later.until == NOW + timedelta(hours=1) + VALIDITY


@given(
    st.text(alphabet="+0123456789", max_size=18),
    st.sampled_from(["", "1", "44", "49", "91", "33", "870", "881", "979"]),
    st.frozensets(st.sampled_from(["US", "DE", "GB", "IN", "001"])),
)
def test_a_permit_never_names_what_must_not_be_dialled(
    text: str, phone_code: str, allowed: frozenset[str]
) -> None:
    known = normalise(text, phone_code, "US")
    if isinstance(known, Refusal):
        return
    answer = may_dial(known, Purpose.AUTO, NOW, Facts(allowed_countries=allowed, hours=(OPEN,)))
    if isinstance(answer, Permit):
        assert answer.number.country in allowed
        assert not is_emergency(answer.number.national, answer.number.country)
        assert not answer.e164.startswith(("+870", "+881", "+882", "+883", "+979", "+1900", "+49900", "+449"))


def prefixed(
    text: str, prefix: str, country: str = "US", phone_code: str = "1", trunk: str = ""
) -> Permit | Refusal:
    """A number behind a prefix that the request asks for, and digits that the trunk has."""
    known = normalise(text, phone_code, country)
    assert isinstance(known, Number), known
    facts = Facts(
        allowed_countries=EVERYWHERE,
        dial_prefix=trunk + prefix,
        asked_prefix=prefix,
        country=country,
        dialled=known.domestic if known.country == country else known.e164,
    )
    return may_dial(known, Purpose.MANUAL, NOW, facts)


@pytest.mark.parametrize(
    ("text", "prefix", "country", "phone_code"),
    [
        ("7275551212", "9", "US", "1"),
        ("7275551212", "1", "US", "1"),
        ("7275551212", "91", "US", "1"),
        ("7275551212", "88", "US", "1"),
        ("2197651234", "9", "US", "1"),
        ("3012345678", "011", "US", "49"),
        ("02079460000", "9", "GB", "44"),
        ("030123456", "9", "DE", "49"),
    ],
)
def test_a_prefix_that_only_gets_a_line(text: str, prefix: str, country: str, phone_code: str) -> None:
    permit = prefixed(text, prefix, country, phone_code)
    assert isinstance(permit, Permit), permit
    digits = permit.number.domestic if permit.number.country == country else permit.e164[1:]
    permit.check(f"PJSIP/{prefix}{digits}@carrier", NOW)


@pytest.mark.parametrize(
    ("text", "prefix", "country", "phone_code", "forbids"),
    [
        ("7275551212", "911", "US", "1", Rule.EMERGENCY),
        ("7275551212", "9911", "US", "1", Rule.EMERGENCY),
        ("7275551212", "900", "US", "1", Rule.PREMIUM),
        ("7275551212", "1900", "US", "1", Rule.PREMIUM),
        ("7275551212", "91900", "US", "1", Rule.PREMIUM),
        ("7275551212", "011", "US", "1", Rule.COUNTRY),
        ("7275551212", "9011", "US", "1", Rule.COUNTRY),
        ("7275551212", "01188", "US", "1", Rule.COUNTRY),
        ("3012345678", "01188", "US", "49", Rule.COUNTRY),
        ("030123456", "0", "DE", "49", Rule.COUNTRY),
        ("030123456", "0900", "DE", "49", Rule.PREMIUM),
        ("02079460000", "09", "GB", "44", Rule.PREMIUM),
    ],
)
def test_a_prefix_makes_no_other_number(
    text: str, prefix: str, country: str, phone_code: str, forbids: Rule
) -> None:
    assert rule(prefixed(text, prefix, country, phone_code)) is forbids


def test_a_prefix_counts_with_the_digits_of_the_trunk() -> None:
    assert isinstance(prefixed("7275551212", "11", trunk=""), Permit)
    assert rule(prefixed("7275551212", "11", trunk="0")) is Rule.COUNTRY


@given(st.from_regex(r"[0-9]{1,8}", fullmatch=True))
def test_no_prefix_makes_an_emergency_number(prefix: str) -> None:
    if isinstance(prefixed("7275551212", prefix), Permit):
        assert not is_emergency(f"{prefix}7275551212", "US")
