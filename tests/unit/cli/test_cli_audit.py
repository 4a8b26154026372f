"""`agent-bridge audit`, and what `apiuser` tells of the use of rights."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.audit.entry import Entry
from bridge.audit.trail import AuditTrail
from bridge.store.database import Database

Command = Callable[..., Any]
Record = Callable[..., None]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Put a request into the trail, as a service would."""

    async def main(function: str, user: str, right: str, refused: str) -> None:
        async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as db:
            trail, entry = AuditTrail(db), Entry(function, "192.0.2.7", user)
            entry.right = right
            if refused:
                entry.refuse(refused)
            await trail.record(entry)
            await trail.stop()

    def run(function: str, user: str = "crm", *, right: str = "", refused: str = "") -> None:
        asyncio.run(main(function, user, right, refused))

    return run


@pytest.mark.usefixtures("either_way")
def test_what_an_administrator_changes_is_in_the_trail(command: Command) -> None:
    assert command("phone", "add", "1001").status == 0
    assert command("phone", "show", "1001").status == 0
    assert command("apiuser", "add", "crm", "--functions", "logout").status == 0
    assert command("apiuser", "secret", "crm").status == 0
    assert command("dnc", "add", "727 555 0100").status == 0
    assert command("phone", "remove", "1002").status == 1
    assert command("apiuser", "remove", "crm").status == 0
    rows = command("audit", "--json").json
    assert [(row["function"], row["target"], row["result"], row["reason"]) for row in reversed(rows)] == [
        ("admin.AddItem", "phone=1001", "ok", ""),
        ("admin.AddUser", "user=crm", "ok", ""),
        ("admin.NewSecret", "user=crm", "ok", ""),
        ("admin.AddDnc", "number=…0100", "ok", ""),
        ("admin.RemoveItem", "", "failed", "NoSuchItem"),
        ("admin.RemoveUser", "user=crm", "ok", ""),
    ]
    assert all(row["user"].startswith("uid:") and row["address"] == "local" for row in rows)


def test_only_what_is_asked_for(command: Command, record: Record) -> None:
    record("external_dial")
    record("logout", refused="function")
    record("logout", "web")
    functions = [row["function"] for row in command("audit", "--json").json]
    assert functions == ["logout", "logout", "external_dial"]
    assert [row["user"] for row in command("audit", "--json", "--function", "logout").json] == ["web", "crm"]
    assert len(command("audit", "--json", "--user", "crm").json) == 2
    assert [row["reason"] for row in command("audit", "--json", "--refused").json] == ["function"]
    assert len(command("audit", "--json", "--limit", "1").json) == 1
    assert command("audit", "--json", "--until", "2026-01-01").json == []
    today = datetime.now(UTC).date().isoformat()
    assert len(command("audit", "--json", "--from", today, "--limit", "0").json) == 3
    assert len(command("audit", "--json", "--from", "1969-12-31", "--until", "9999-12-31").json) == 3


def test_a_table_for_people(command: Command, record: Record) -> None:
    record("external_dial")
    assert "external_dial" in command("audit").out
    assert command("audit", "--refused").out == ""


def test_all_pages_of_an_export(command: Command, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.cli.audit.PAGE", 2)
    for number in range(5):
        record(f"f{number}")
    assert [row["function"] for row in command("audit", "--json", "--limit", "0").json] == [
        f"f{number}" for number in (4, 3, 2, 1, 0)
    ]
    assert len(command("audit", "--json", "--limit", "3").json) == 3


def test_csv_starts_no_formula(command: Command, record: Record) -> None:
    record("=cmd|' /C calc'!A0")
    head, row = csv.reader(io.StringIO(command("audit", "--csv").out))
    assert dict(zip(head, row, strict=True))["function"] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "yesterday"), "--from: 'yesterday' is not a day as"),
        (("--until", "9999-12-31T23:59:59-23:00"), "--until: '9999-12-31T23:59:59-23:00' is not a day as"),
        (("--csv", "--json"), "not both"),
    ],
)
def test_what_cannot_be_asked(command: Command, words: tuple[str, ...], why: str) -> None:
    answer = command("audit", *words)
    assert (answer.status, answer.out) == (1, "")
    assert why in answer.err


@pytest.mark.usefixtures("either_way")
def test_how_many_of_its_rights_an_api_user_uses(command: Command) -> None:
    command("apiuser", "add", "crm", "--functions", "external_dial logout external_pause")
    assert "has 3, used 0 in 90 days" in command("apiuser", "show", "crm").out


def test_a_right_that_was_used(command: Command, record: Record) -> None:
    command("apiuser", "add", "crm", "--functions", "external_dial logout external_pause")
    record("agents.dial", right="external_dial")
    shown = command("apiuser", "show", "crm").out
    assert "has 3, used 1 in 90 days" in shown
    assert "external_pause logout" in shown
    assert "192.0.2.7" in shown
    usage = command("apiuser", "show", "crm", "--json").json["usage"]
    assert (usage["rights"], usage["used"], usage["unused"]) == (3, 1, ["external_pause", "logout"])
    (listed,) = command("apiuser", "list", "--json").json
    assert listed["usage"] == usage
    assert "has 3, used 1 in 90 days" in command("apiuser", "list").out
    command("apiuser", "remove", "crm")
    command("apiuser", "add", "crm", "--functions", "external_dial")
    assert "has 1, used 0 in 90 days" in command("apiuser", "show", "crm").out
