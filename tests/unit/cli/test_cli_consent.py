from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")

GIVEN = ["--purpose", "sales", "--source", "form", "--given", "2026-11-24T14:05:00Z"]


def test_added_listed_and_taken_back(command: Command, tmp_path: Path) -> None:
    assert (
        command("load", "-", stdin='[[campaign]]\nid = "S"\n[[list]]\nid = 101\ncampaign = "S"\n').status == 0
    )
    file = tmp_path / "one.csv"
    file.write_text("Phone\n7275550100\n", encoding="utf-8")
    assert command("lead", "import", str(file), "--list", "101").status == 0
    added = command("consent", "add", "1", *GIVEN, "--by", "Ann Miller", "--shown", "I agree")
    assert added.out.strip() == "added: +17275550100 may be called for sales", added.err
    (entry,) = command("consent", "list", "1", "--json").json
    assert (entry["given_by"], entry["shown"], entry["recorded_by"]) == ("Ann Miller", "I agree", "cli")
    assert command("consent", "revoke", "1", "--how", "by letter", "--json").json == {
        "lead_id": 1,
        "revoked": 1,
    }
    assert "by letter" in command("consent", "list", "1").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "7", *GIVEN], "there is no lead 7"),
        (["revoke", "7", "--how", "x"], "there is no lead 7"),
        (["add", "7", *GIVEN, "--purpose", "A B"], "purpose: 1 to 40 small letters"),
        (["add", "7", *GIVEN, "--given", "today"], "a moment with its offset from UTC"),
        (["add", "7", *GIVEN, "--given", "2026-11-24T14:05:00"], "given_at: it needs its offset"),
    ],
)
def test_what_cannot_be_is_said(command: Command, words: list[str], said: str) -> None:
    found = command("consent", *words)
    assert (found.status, said in found.err, "Traceback" in found.err) == (1, True, False), found.err
