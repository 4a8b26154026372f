"""What an API user may have dialled: less than the site, and only so often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phonenumbers import PhoneNumberType

from bridge.rules.model import Asker, Number, Refusal, Rule

TYPES: Final[Mapping[int, str]] = {
    value: name.lower() for name, value in vars(PhoneNumberType).items() if isinstance(value, int)
}
"""Names of the types of numbers."""
EITHER: Final = frozenset({"fixed_line", "mobile"})
"""Where a country's numbers do not tell the two apart, who may call one of them may call both."""
_SPANS: Final[Mapping[Rule, str]] = {
    Rule.USER_CALLS_PER_HOUR: "within the last hour",
    Rule.USER_CALLS_PER_DAY: "within the last 24 hours",
    Rule.USER_CALLS_AT_ONCE: "at the same time",
}


def shut_out(asker: Asker) -> Refusal | None:
    """The refusal of an API user that was stopped, switched off or removed since it has asked."""
    if not asker.shut_out:
        return None
    return _refusal(Rule.USER_STOPPED, asker, f"API user {asker.user} {asker.shut_out}")


def not_for(number: Number, asker: Asker) -> Refusal | None:
    """The refusal of a number that this API user may not call, whoever else may."""
    if number.country not in asker.countries:
        why = f"API user {asker.user} may not call {number.country}, where {number.e164} is"
        return _refusal(Rule.USER_COUNTRY, asker, why)
    kind = TYPES.get(number.kind, "unknown")
    allowed = asker.number_types | ({"fixed_line_or_mobile"} if asker.number_types & EITHER else set())
    if kind in allowed:
        return None
    why = f"API user {asker.user} may not call numbers of the type {kind}, as {number.e164} is"
    return _refusal(Rule.USER_NUMBER_TYPE, asker, why)


def too_often(asker: Asker) -> Refusal | None:
    """The refusal of one call more than the API user may make."""
    for used in asker.used:
        if used.calls >= used.most:
            why = f"API user {asker.user} may make {used.most} calls {_SPANS[used.rule]}, and has"
            return _refusal(used.rule, asker, why)
    return None


def _refusal(rule: Rule, asker: Asker, why: str) -> Refusal:
    return Refusal(rule=rule, why=why, source=f"limits of API user {asker.user}")
