"""The replay itself: what differs is told, and nothing else passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from replaying.cases import Case, UnreadableFileError, read
from replaying.comparing import Outcome
from replaying.differences import Rule, masked, rules
from replaying.replay import play, play_all
from replaying.report import report, summary
from replaying.world import HERE

CASES = {case.name: case for case in read(HERE / "agent.jsonl")}
RULES = rules()
HANGUP = CASES["agent.external_hangup.ok"]
DIAL = CASES["agent.external_dial.alt_user_ok"]
TONES = CASES["agent.send_dtmf.ok"]
LEAD = CASES["agent.external_add_lead.ok"]
REFUSED = CASES["agent.external_hangup.not_valid.2"]


def other(case: Case, **fields: Any) -> Case:
    return msgspec.structs.replace(case, **fields)


def effects(case: Case, before: str, after: str) -> list[dict[str, Any]]:
    text = json.dumps(case.effects)
    assert before in text
    return list(json.loads(text.replace(before, after)))


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (other(HANGUP, pattern="SUCCESS: external_hangup"), "the body is another one"),
        (other(HANGUP, status=418), "status 200 instead of 418"),
        (other(HANGUP, content_type="text/plain"), "content type"),
        (other(DIAL, effects=effects(DIAL, "7275551212", "7275551213")), "not so: 7275551213 is dialled"),
        (other(TONES, effects=effects(TONES, "1234", "1243")), "not so: the customer hears the tones 1243"),
        (other(LEAD, effects=effects(LEAD, '"New"', '"Old"')), "not so: new lead"),
        (other(LEAD, effects=[]), "not so: no other lead is changed"),
        (
            other(REFUSED, params=HANGUP.params, pattern="SUCCESS.*|ERROR.*", effects=LEAD.effects),
            "not so: new lead",
        ),
        (
            other(
                HANGUP, effects=[{"changed": "agent", "id": "1000", "fields": {"external_tea": ["", "1"]}}]
            ),
            "the mailbox external_tea is not known here",
        ),
        (other(HANGUP, preconditions={"weather": "rain"}), "cannot be set up: weather"),
    ],
    ids=["body", "status", "type", "number", "tones", "lead", "new lead", "effects", "mailbox", "before"],
)
async def test_what_differs_is_told(case: Case, problem: str, world: Path, tmp_path: Path) -> None:
    outcome = await play(case, world, tmp_path, RULES)
    assert not outcome.good
    assert any(problem in one for one in outcome.problems), outcome.problems


async def test_a_case_that_cannot_be_played_does_not_hide_the_others(world: Path) -> None:
    odd = other(HANGUP, name="odd", preconditions={"agents": [{"user": "1000", "status": "ASLEEP"}]})
    outcomes: dict[str, Outcome] = {}

    def done(outcome: Outcome) -> None:
        outcomes[outcome.case.name] = outcome

    await play_all([odd, HANGUP], world, RULES, at_once=2, done=done)
    assert "could not be played" in outcomes["odd"].problems[0]
    assert outcomes[HANGUP.name].good


async def test_the_newer_answer_counts_too(world: Path, tmp_path: Path) -> None:
    newer = CASES["agent.transfer_conference.agentdirect_letters"].variant_2025
    assert newer is not None
    right = msgspec.structs.replace(newer, pattern=HANGUP.pattern, effects=HANGUP.effects)
    outcome = await play(other(HANGUP, pattern="another", variant_2025=right), world, tmp_path, RULES)
    assert outcome.good


async def test_a_rule_says_what_is_answered_instead(world: Path, tmp_path: Path) -> None:
    case = other(HANGUP, body="TEA", pattern="TEA")
    rule = Rule(name="no tea", reason="there is none", replied="TEA", instead="SUCCESS: external_hangup .*")
    outcome = await play(case, world, tmp_path, [rule])
    assert (outcome.good, outcome.difference) == (True, rule)
    stricter = msgspec.structs.replace(rule, instead="ERROR: .*")
    assert not (await play(case, world, tmp_path, [stricter])).good
    elsewhere = msgspec.structs.replace(rule, function="external_dial")
    assert not (await play(case, world, tmp_path, [elsewhere])).good
    without_effects = msgspec.structs.replace(rule, effects="none", instead="SUCCESS: .*")
    assert (await play(other(case, effects=[]), world, tmp_path, [without_effects])).good


async def test_the_other_api_is_counted_as_skipped(world: Path, tmp_path: Path) -> None:
    outcome = await play(other(HANGUP, api="admin"), world, tmp_path, RULES)
    assert outcome.skipped
    lines = list(report([outcome, Outcome(case=HANGUP)]))
    assert any(line.startswith("skipped: 1 lines: ") for line in lines)
    assert lines[-1] == "replay: 1 of 1 match, 0 intended differences"


def test_the_mask_stands_for_the_password_where_it_is_a_field() -> None:
    case = other(HANGUP, params={"pass": "1234"})
    assert masked(case, r"\|6666\|1234\|0\|") == r"\|6666\|\*\*\*\*\|0\|"
    assert masked(case, r"number\ 1234\|") == r"number\ 1234\|"


def test_the_last_line() -> None:
    outcomes = [
        Outcome(case=HANGUP),
        Outcome(case=DIAL, problems=["the body is another one"]),
        Outcome(case=TONES, difference=RULES[0]),
    ]
    assert summary(outcomes) == "replay: 1 of 3 match, 1 intended differences"
    assert any("expected: " in line for line in report(outcomes))


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(msgspec.to_builtins(HANGUP)) + "\n\nnonsense\n")
    with pytest.raises(UnreadableFileError, match=r"cases\.jsonl:3: "):
        read(file)


def test_no_rule_names_a_case() -> None:
    text = json.dumps(msgspec.to_builtins(RULES))
    assert not [name for name in CASES if name in text or name.removeprefix("agent.") in text]
