"""Each test that docs/security.md names is there: the document promises no more than what is shown."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)::(test_\w+)`")


DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)


def names_in(path: Path) -> set[str]:
    return set(DEFINED.findall(path.read_text(encoding="utf-8")))


def test_each_test_that_is_named_is_there() -> None:
    files = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
    named = NAMED.findall((ROOT / "docs/security.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    assert [name for name in named if name[0] not in files or name[1] not in names_in(files[name[0]])] == []


def test_no_row_of_a_table_is_without_a_test() -> None:
    section = ""
    for line in (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines():
        section = line if line.startswith("#") else section
        row = line.startswith("| ") and "shown by" not in line
        if row and section.startswith(("### ", "## The known holes")):
            assert NAMED.search(line), f"{section}: {line[:60]}"
