from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.admin.dnc_commands import TakeDncRows
from bridge.cli.run import run

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")

FILE = "Number,Note\n7275550100,a\n12,=cmd()\n727 555*,b\n900,c\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "us.csv"
    made.write_text(FILE, encoding="utf-8")
    return made


def words(file: Path, dated: str = "2026-11-02", *more: str) -> list[str]:
    said = f"--list US --source FTC --version {dated} --date {dated}".split()
    return ["dnc", "import", str(file), *said, *more]


def test_a_version_is_taken_in_once_and_forbids(command: Command, file: Path) -> None:
    done = command(*words(file, "2026-11-02", "--column", "Number"))
    assert done.status == 0, done.err
    assert done.out.splitlines()[0].startswith("list US, version 2026-11-02: 3 entries, in force since 20")
    report = file.with_name("us.csv.refused.csv")
    assert report.stat().st_mode & 0o777 == 0o600
    assert "12,'=cmd()" in report.read_text(encoding="utf-8-sig")
    (shown,) = command("dnc", "show", "+1 727 555 0199", "--json").json
    assert (shown["list"], shown["version"], shown["kind"]) == ("US", "2026-11-02", "prefix")
    again = command(*words(file, "2026-11-02", "--column", "1"), "--json").json
    assert (again["already"], again["numbers"], again["refused"]) == (True, 3, 1)
    older = command(*words(file, "2026-10-02", "--column", "1"))
    assert (older.status, "list US is of 2026-11-02 already" in older.err) == (1, True)
    assert command("dnc", "withdraw", "US").status == 0
    assert command("dnc", "show", "+1 727 555 0199", "--json").json == []


def test_interrupted_it_goes_on_and_the_version_before_holds_meanwhile(
    command: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"727556{n:04}" for n in range(5000)]
    file.write_text("\n".join(rows), encoding="utf-8")
    old = file.with_name("old.csv")
    old.write_text("3125550100\n", encoding="utf-8")
    assert command(*words(old, "2026-10-02")).status == 0
    seen = list[str]()

    def breaks(asked: Any) -> Any:
        if isinstance(asked, TakeDncRows):
            seen.append(asked.key)
            if len(seen) == 2:
                raise KeyboardInterrupt
        return run(asked)

    monkeypatch.setattr("bridge.cli.dnc_file.run", breaks)
    assert command(*words(file)).status == 130
    assert [one["list"] for one in command("dnc", "show", "3125550100", "--json").json] == ["US"]
    assert command("dnc", "show", rows[0], "--json").json == []
    resumed = command(*words(file), "--json")
    assert "goes on behind row 2000 of 5000" in resumed.err
    assert (resumed.json["numbers"], len(seen)) == (5000, 4)
    assert command("dnc", "show", "3125550100", "--json").json == []
    assert len(command("dnc", "show", rows[-1], "--json").json) == 1


def test_lists_say_which_are_stale(command: Command, file: Path) -> None:
    assert command("dnc", "lists").out == ""
    today = datetime.now(UTC).date()
    for name, age in (("fresh", 0), ("stale", 32)):
        dated = str(today - timedelta(days=age))
        words = f"--list {name} --source FTC --version 1 --date {dated} --column 1".split()
        assert command("dnc", "import", str(file), *words).status == 0
    fresh, stale = command("dnc", "lists").out.splitlines()[1:]
    assert f"good until {today + timedelta(days=31)}" in fresh
    assert f"STALE since {today - timedelta(days=1)}" in stale
    shown = command("dnc", "lists", AGENT_BRIDGE_LAW__DNC_DAYS="40").out
    assert "STALE" not in shown


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--list", "U S"], "name: 1 to 40 letters"),
        (["--version", ""], "version: 1 to 200"),
        (["--date", "2999-01-01"], "is still to come"),
        (["--column", "Fax"], "there is no column 'Fax'; it has 2 columns"),
        (["--column", "Note"], "no row of it is a number"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    command: Command, file: Path, more: list[str], said: str
) -> None:
    found = command(*words(file), *more)
    assert (found.status, said in found.err) == (1, True), found.err
    assert "Traceback" not in found.err
    assert command("dnc", "show", "7275550100", "--json").json == []


def test_numbers_in_two_columns(command: Command, file: Path) -> None:
    file.write_text("727,5550100\n813,5550101\n", encoding="utf-8")
    assert command(*words(file, "2026-11-02", "--column", "1", "--column", "2")).status == 0
    assert len(command("dnc", "show", "8135550101", "--json").json) == 1
