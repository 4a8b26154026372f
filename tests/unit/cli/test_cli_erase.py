"""`agent-bridge erase`: what a person who was asked to forget somebody sees."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
NUMBER = "+1 727 555 0199"

pytestmark = pytest.mark.usefixtures("either_way")


@pytest.fixture
def lead(command: Command, tmp_path: Path) -> None:
    """One lead with the number, one without."""
    loaded = command("load", "-", stdin='[[campaign]]\nid = "S"\n[[list]]\nid = 101\ncampaign = "S"\n')
    assert loaded.status == 0
    file = tmp_path / "two.csv"
    file.write_text("Phone,First Name\n7275550199,Zerlinde\n7275550111,Ned\n", encoding="utf-8")
    assert command("lead", "import", str(file), "--list", "101").status == 0
    assert command("dnc", "add", NUMBER).status == 0


def names(store: Path) -> list[str]:
    with closing(sqlite3.connect(store)) as conn:
        return [row[0] for row in conn.execute("SELECT first_name FROM leads ORDER BY id")]


@pytest.mark.usefixtures("lead")
def test_looked_at_asked_for_and_erased(command: Command, store: Path) -> None:
    looked = command("erase", "--number", NUMBER, "--dry-run")
    assert (looked.status, "to be erased  leads 1" in looked.out, "kept          dnc 1" in looked.out) == (
        0,
        True,
        True,
    ), looked.out
    refused = command("erase", "--number", NUMBER, stdin="n\n")
    assert (refused.status, names(store)) == (1, ["Zerlinde", "Ned"])
    done = command("erase", "--number", NUMBER, stdin="y\n")
    assert (done.status, "erased  leads 1" in done.out, names(store)) == (0, True, ["Ned"]), done.out
    again = command("erase", "--number", NUMBER, "--yes", "--json")
    assert (again.json["rows"], again.json["kept"], again.json["clean"]) == ({}, {"dnc": 1}, True)


@pytest.mark.usefixtures("lead")
def test_a_program_has_to_say_that_it_means_it(command: Command, store: Path) -> None:
    answer = command("erase", "--number", NUMBER, "--json")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == "error: nothing was erased; --yes says that it is meant\n"
    assert len(names(store)) == 2
    done = command("erase", "--number", NUMBER, "--lead", "2", "--yes", "--json")
    assert (done.json["leads"], names(store)) == ([1, 2], [])


@pytest.mark.usefixtures("lead")
def test_the_audit_trail_knows_who_asked_and_four_digits(command: Command) -> None:
    command("erase", "--number", NUMBER, "--yes")
    rows = command("audit", "--json").out
    assert "admin.ErasePerson" in rows
    assert "number=…0199" in rows
    assert "5550199" not in rows


@pytest.mark.usefixtures("lead")
def test_a_call_that_is_not_over_is_said(command: Command, store: Path) -> None:
    with closing(sqlite3.connect(store)) as conn, conn:
        conn.execute(
            "INSERT INTO calls (id, legacy_id, legacy_uniqueid, kind, state, number, asked_at)"
            " VALUES ('c', 'c', 'c', 'M', 'ringing', '7275550199', '2026-11-27T10:00:00.000000+00:00')"
        )
    assert "she is in a call" in command("erase", "--number", NUMBER, "--dry-run").out
    answer = command("erase", "--number", NUMBER, "--yes")
    assert (answer.status, "error: The person is being called or spoken with" in answer.err) == (1, True)
    assert len(names(store)) == 2


@pytest.mark.parametrize("number", ["", "nobody", "1' OR 1=1"])
def test_what_is_no_number_is_refused(command: Command, number: str) -> None:
    answer = command("erase", "--number", number, "--yes")
    assert (answer.status, answer.err.startswith("error: number: ")) == (1, True), answer.err
