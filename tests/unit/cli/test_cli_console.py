"""Passwords of agents' consoles by the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.access.hashing import Hasher
from bridge.access.model import Reason
from bridge.access.service import Access
from bridge.store.database import Database

Command = Callable[..., Any]
PASSWORD = "correct horse battery"


@pytest.fixture
def agent(command: Command) -> str:
    assert command("usergroup", "add", "AGENTS", "--campaigns", "ALL").status == 0
    assert command("agent", "add", "1000").status == 0
    return "1000"


def logs_in(store: Path, user: str, password: str) -> Reason:
    async def main() -> Reason:
        async with Database(f"sqlite:///{store}") as db:
            access = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
            try:
                return (await access.console.log_in(user, password, "192.0.2.7")).reason
            finally:
                access.close()

    return asyncio.run(main())


@pytest.mark.parametrize("way", ["stdin", "file", "prompt"])
def test_a_password_is_taken_and_not_shown(
    command: Command, agent: str, store: Path, tmp_path: Path, way: str
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    options, stdin = {
        "stdin": (["--password-stdin"], f"{PASSWORD}\n"),
        "file": (["--password-file", str(file)], None),
        "prompt": ([], f"{PASSWORD}\n{PASSWORD}\n"),
    }[way]
    answer = command("agent", "password", agent, *options, stdin=stdin)
    assert answer.status == 0, answer.err
    assert PASSWORD not in answer.out + answer.err
    assert "changed the console password of agent 1000" in answer.out
    assert logs_in(store, agent, PASSWORD) is Reason.GOOD
    assert PASSWORD.encode() not in store.read_bytes()


@pytest.mark.parametrize(
    ("options", "stdin", "told"),
    [
        (["--password-stdin"], "too short\n", "at least 10"),
        (["--password-stdin"], f"{'x' * 300}\n", "10 to 200 characters"),
        (["--password-stdin", "--password-file", "x"], None, "not both"),
        (["--password-file", "/nowhere/at/all"], None, "--password-file: cannot read"),
    ],
)
def test_what_can_be_none_is_refused(
    command: Command, agent: str, store: Path, options: list[str], stdin: str | None, told: str
) -> None:
    answer = command("agent", "password", agent, *options, stdin=stdin)
    assert answer.status != 0
    assert told in answer.err
    assert logs_in(store, agent, "too short") is Reason.BAD


def test_api_users_and_nobody_have_none(command: Command) -> None:
    assert command("apiuser", "add", "crm", "--functions", "version").status == 0
    for user in ("crm", "nobody"):
        answer = command("agent", "password", user, "--password-stdin", stdin=f"{PASSWORD}\n")
        assert (answer.status, f"there is no user '{user}'" in answer.err) == (1, True)


def test_a_link_is_printed(command: Command, agent: str, store: Path) -> None:
    answer = command("agent", "link", agent, AGENT_BRIDGE_HTTP__PUBLIC_URL="https://bridge.example")
    assert answer.status == 0, answer.err
    (url,) = answer.out.splitlines()
    assert url.startswith("https://bridge.example/console#link=abl_")
    assert "Good once, until " in answer.err
    plain = command("agent", "link", agent, "--minutes", "60", "--json").json
    assert plain["url"].startswith("http://127.0.0.1:8080/console#link=abl_")
    assert plain["url"].partition("=")[2].encode() not in store.read_bytes()


def test_a_link_for_who_has_none(command: Command, agent: str) -> None:
    assert command("agent", "link", "nobody").status == 1
    assert command("agent", "link", agent, "--minutes", "1441").status == 2
    assert command("agent", "disable", agent).status == 0
    assert "switched off" in command("agent", "link", agent).err
