"""What `/v1` tells of the rules that a call was judged by."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from bridge.calls.verdicts import Verdict


class RuleView(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, and what it has found."""

    rule: str
    outcome: Literal["passed", "refused"]
    why: str
    """One sentence for people."""
    source: str = ""
    """Of a rule that has refused: the law, standard or setting behind it."""


class CallRules(msgspec.Struct, frozen=True, kw_only=True):
    """How a call was judged at the moment of dialling."""

    call_id: str
    allowed: bool | None
    """`null`: nothing was judged: the call came in, or is from before it was written down."""
    at: datetime | None
    """When it was judged."""
    purpose: str
    """Of a call that was allowed: why it was dialled."""
    rules: list[RuleView]
    """Of a call that was allowed: all that were asked, in their order; else the one that has refused it."""

    @classmethod
    def of(cls, call_id: str, verdict: Verdict | None) -> CallRules:
        """The view of a verdict."""
        if verdict is None:
            return cls(call_id=call_id, allowed=None, at=None, purpose="", rules=[])
        return cls(
            call_id=call_id,
            allowed=verdict.allowed,
            at=verdict.at,
            purpose=verdict.purpose,
            rules=_passed(verdict) if verdict.allowed else [_refused(verdict)],
        )


def _passed(verdict: Verdict) -> list[RuleView]:
    return [RuleView(rule=one.rule, outcome="passed", why=one.found) for one in verdict.grounds]


def _refused(verdict: Verdict) -> RuleView:
    return RuleView(rule=verdict.rule, outcome="refused", why=verdict.why, source=verdict.source)
