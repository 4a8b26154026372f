"""Each recorded case of both APIs against the ordinary service on a store and a stand-in for Asterisk."""

from __future__ import annotations

from pathlib import Path

import pytest
from replaying.cases import Case, read
from replaying.differences import rules
from replaying.replay import play
from replaying.world import HERE

CASES = [*read(HERE / "agent.jsonl"), *read(HERE / "non_agent.jsonl")]
RULES = rules()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_replies_and_acts_as_recorded(case: Case, world: Path, tmp_path: Path) -> None:
    outcome = await play(case, world, tmp_path, RULES)
    assert not outcome.skipped
    assert not outcome.problems, (case.params, outcome.got, outcome.problems)


def test_there_are_cases() -> None:
    assert len(CASES) > 300
