from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")

DAYS = ["--from", "2026-11-01", "--to", "2026-11-26"]


def test_a_folder_is_written(command: Command, tmp_path: Path) -> None:
    assert command("dnc", "add", "7275550100").status == 0
    folder = tmp_path / "evidence"
    done = command("evidence", "--number", "(727) 555-0100", *DAYS, "--out", str(folder), "--json")
    assert (done.json["number"], done.json["attempts"]) == ("+17275550100", 0)
    assert "summary.html" in done.json["files"]
    assert "number 7275550100 on the site's own list" in (folder / "opt_outs.csv").read_text()
    again = command("evidence", "--number", "7275550100", *DAYS, "--out", str(folder))
    assert (again.status, "is not empty" in again.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--number", "12", *DAYS], "number: "),
        (["--number", "7275550100", "--from", "2026-11-02", "--to", "2026-11-01"], "is before --from"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(
    command: Command, tmp_path: Path, words: list[str], said: str
) -> None:
    found = command("evidence", *words, "--out", str(tmp_path / "none"))
    assert (found.status, said in found.err, (tmp_path / "none").exists()) == (1, True, False), found.err
