"""Where the bridge answers otherwise on purpose: rules, read from `differences.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from bridge.api.vicidial.parameters import LEAD_FIELDS
from bridge.api.vicidial.reply import MASK
from replaying.cases import Case, Recorded
from replaying.client import Reply
from replaying.world import HERE

FILE: Final = HERE / "differences.json"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which cases what is answered instead; every condition that is given must hold."""

    name: str
    reason: str
    function: str = ".*"
    """Regular expression of the function's name."""
    params: Mapping[str, str] = {}
    """Regular expression of each parameter; one that was not sent is empty."""
    preconditions: str = ""
    """Regular expression that is found in the preconditions, as JSON without blanks."""
    replied: str = ".*"
    """Regular expression of what the original answered; an HTML page counts as empty."""
    status: int | None = None
    """Status of the original's answer."""
    condition: str = ""
    """Name of one of `CONDITIONS`."""
    instead: str = ""
    """Regular expression of what the bridge answers; empty: what the condition says."""
    effects: Literal["compared", "none", "open"] = "compared"
    """Whether the recorded effects must be there, nothing may be done, or either."""

    def meets(self, case: Case, answer: Recorded) -> bool:
        """Whether the rule is about this case."""
        return (
            re.fullmatch(self.function, case.function) is not None
            and all(_whole(regex, case.params.get(name, "")) for name, regex in self.params.items())
            and re.search(self.preconditions, _plain(case.preconditions)) is not None
            and _whole(self.replied, answer.body or "")
            and self.status in (None, answer.status)
            and (not self.condition or CONDITIONS[self.condition](case, answer))
        )

    def allows(self, reply: Reply, case: Case, answer: Recorded) -> bool:
        """Whether the bridge answered as the rule says."""
        if self.condition == "masked":
            return _whole(masked(case, answer.pattern), reply.text)
        if self.condition == "has_an_order":
            return reply.status == 200 and _parts(reply.text) == _parts(answer.body or "")
        return reply.status == 200 and _whole(self.instead, reply.text)


def rules(file: Path = FILE) -> Sequence[Rule]:
    """All rules of a file."""
    return msgspec.convert(json.loads(file.read_text()), list[Rule])


_SECRETS: Final = ("pass", "agent_pass", "phone_pass", "registration_password")
"""Parameters that hold one."""


def masked(case: Case, pattern: str) -> str:
    """The pattern with the mask in the place of the password and of an SQL text."""
    mask = re.escape(MASK)
    found = pattern.replace(re.escape("<sql>"), mask).replace("<sql>", mask)
    for secret in filter(None, map(case.params.get, _SECRETS)):
        kept = re.sub(r"[^-.+/=_0-9A-Za-z]", "", secret)
        for form in (secret, kept):
            # Where it is a field of its own: between bars, or behind its parameter's name.
            field = rf"(\\\||=){re.escape(re.escape(form))}(?=\\\||\\?&|\\\n)"
            found = re.sub(field, lambda match: match[1] + mask, found)
    return found


def _masked(case: Case, answer: Recorded) -> bool:
    return masked(case, answer.pattern) != answer.pattern


def _field_in_value(case: Case, _: Recorded) -> bool:
    """Whether the name of a field that was not sent stands somewhere in the query."""
    text = " ".join(f"{name}={value}" for name, value in case.params.items())
    return any(name in text and name not in case.params for name in LEAD_FIELDS)


def _parts(text: str) -> list[str]:
    """What a reply lists, in whatever order."""
    return sorted(re.split(r"[-|\n]", text))


CONDITIONS: Final[Mapping[str, Callable[[Case, Recorded], bool]]] = {
    "masked": _masked,
    "field_named_in_a_value": _field_in_value,
    "has_an_order": lambda _, answer: answer.body is not None,
}


def _whole(regex: str, text: str) -> bool:
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _plain(preconditions: Mapping[str, Any]) -> str:
    return json.dumps(preconditions, separators=(",", ":"))
