"""Says whether a reply, and what came of the request, are what was recorded."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from replaying.asked import Wanted, telephony, text_of, wanted
from replaying.cases import Case, Recorded
from replaying.client import Reply
from replaying.data import wanted_data
from replaying.differences import Rule
from replaying.observed import Observed

SECONDS: Final = 3.0
"""How long what follows a request may take to be seen."""


class Outcome(msgspec.Struct, kw_only=True):
    """What became of one case."""

    case: Case
    problems: list[str] = []
    """Empty: it matches."""
    difference: Rule | None = None
    """The rule by which another answer is intended."""
    got: str = ""
    skipped: str = ""
    """Why it was not tried."""

    @property
    def good(self) -> bool:
        """Whether it matches, or differs on purpose."""
        return not self.problems


async def compare(case: Case, reply: Reply, seen: Observed, rules: Sequence[Rule]) -> Outcome:
    """Compare with each recorded answer; else look for a rule that allows this one."""
    outcome = Outcome(case=case, got=reply.text)
    for answer in case.answers():
        found = _reply_problems(answer, reply)
        if not found:
            outcome.problems = await _effect_problems(answer, reply, seen, "compared")
            if not outcome.problems:
                return outcome
        elif not outcome.problems:
            outcome.problems = found
        for rule in rules:
            if rule.meets(case, answer) and rule.allows(reply, case, answer):
                problems = await _effect_problems(answer, reply, seen, rule.effects)
                return msgspec.structs.replace(outcome, problems=problems, difference=rule)
    return outcome


def _reply_problems(answer: Recorded, reply: Reply) -> list[str]:
    found = []
    if reply.status != answer.status:
        found.append(f"status {reply.status} instead of {answer.status}")
    if _type(reply.content_type) != _type(answer.content_type):
        found.append(f"content type {reply.content_type!r} instead of {answer.content_type!r}")
    if not re.fullmatch(answer.pattern, reply.text, re.DOTALL):
        found.append("the body is another one")
    return found


def _type(content_type: str) -> str:
    return re.sub(r"\s+", "", content_type).lower()


async def _effect_problems(answer: Recorded, reply: Reply, seen: Observed, effects: str) -> list[str]:
    """What is missing of the effects; an action of Asterisk may need a moment to be seen."""
    if effects == "open":
        return []
    recorded = answer.effects if effects == "compared" else []
    wishes = [*wanted(seen.scene, recorded), *wanted_data(recorded)]
    if not recorded:
        wishes += nothing_done(reply)
    return await _missing(wishes, seen)


def nothing_done(reply: Reply) -> list[Wanted]:
    """What must be so after a request that is refused."""
    if "SUCCESS" in reply.text:
        return []
    return [
        Wanted("nobody's telephone is touched", lambda seen: not telephony(seen)),
        Wanted("no agent's session is changed", lambda seen: not seen.changes("agent_sessions")),
        Wanted("no call is made or changed", lambda seen: not (seen.new("calls") or seen.changes("calls"))),
    ]


async def _missing(wishes: Sequence[Wanted], seen: Observed) -> list[str]:
    loop = asyncio.get_running_loop()
    until = loop.time() + SECONDS
    while True:
        seen.look()
        missing = [wish for wish in wishes if not wish.holds(seen)]
        if not missing:
            return []
        if loop.time() > until:
            return [f"not so: {wish.says}" for wish in missing] + _what_was_done(seen)
        await asyncio.sleep(0.02)


def _what_was_done(seen: Observed) -> list[str]:
    sent = [text_of(action).replace("\n", " / ") for action in seen.actions]
    return [f"asked of Asterisk: {action}" for action in sent] or ["asked of Asterisk: nothing"]
