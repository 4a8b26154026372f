"""Checks of parameters, each with the line that refuses it: the first that fails ends the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from bridge.api.vicidial.non_agent.call import YES, NonAgentCall
from bridge.api.vicidial.reply import MASK, Answer

BLANK: Final = "--BLANK--"
"""Empties a setting; a parameter that is empty changes nothing."""
SECRETS: Final = frozenset({"agent_pass", "phone_pass", "registration_password"})
"""Parameters that no reply repeats."""
OPTIONAL: Final = ", THIS IS AN OPTIONAL FIELD"
_HOURS: Final = (
    "12.75 12 11 10 9.5 9 8 7 6.5 6 5.75 5.5 5 4.5 4 3.5 3 2 1 0 -1 -2 -3 -3.5 -4 -5 -6 -7 -8 -9 -10 -11 -12"
)
_ZONES: Final = frozenset(_HOURS.split())


class Rule(NamedTuple):
    """What a value may be; one of the conditions that are given must hold."""

    name: str
    told: str
    """What the line says, up to its fields."""
    length: range = range(0)
    """How many characters it may have."""
    words: frozenset[str] = frozenset()
    """Or which words it may be."""
    number: range = range(0)
    """Or which whole number."""
    digits: range = range(0)
    """Or how many digits, and nothing else."""

    def allows(self, value: str) -> bool:
        """Whether a value is fine."""
        if len(value) in self.length or value in self.words:
            return True
        if value.isdecimal() and len(value) in self.digits:
            return True
        digits = value.removeprefix("-")
        plain = digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS
        return plain and int(value) in self.number


_MOST_DIGITS: Final = 9
YES_OR_NO: Final = frozenset({YES, "N"})


def shown(call: NonAgentCall, name: str) -> str:
    """A parameter as replies repeat it."""
    return MASK if name in SECRETS and call[name] else call[name]


def check(call: NonAgentCall, rules: Iterable[Rule]) -> None:
    """End with the line of the first rule that a parameter which was sent breaks."""
    for rule in rules:
        value = call[rule.name]
        if value and value != BLANK and not rule.allows(value):
            raise Answer(call.error(rule.told, call.user, shown(call, rule.name)))


def required(call: NonAgentCall, names: Iterable[str], *told: str) -> None:
    """End unless all of these were sent; `told`: fields behind them."""
    if not all(call[name] for name in names):
        fields = [shown(call, name) for name in names]
        raise Answer(call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, *fields, *told))


def is_zone(text: str) -> bool:
    """Whether it is an offset from UTC that some place has, in hours: `-5`, `-5.00`, `5.75`."""
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return plain in _ZONES


def kept(call: NonAgentCall, names: Iterable[str], known: Mapping[str, str] = {}) -> dict[str, str]:
    """Settings that the bridge has no use for, with those that were sent."""
    sent = {name: "" if call[name] == BLANK else call[name] for name in names if call[name]}
    return {name: value for name, value in ({**known, **sent}).items() if value}


def text(call: NonAgentCall, name: str, known: str) -> str:
    """The new value of a text."""
    value = call[name]
    return "" if value == BLANK else value or known
