from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bridge.access.authorize import authorize
from bridge.access.hashing import Hasher
from bridge.access.model import Authentication, Reason
from bridge.access.service import Access
from bridge.store.database import Database

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")


@pytest.fixture
def login(tmp_path: Path) -> Callable[[str, str], Authentication]:
    """Log in as the API would."""

    async def main(user: str, secret: str) -> Authentication:
        async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as db:
            access = Access(db, hasher=Hasher(time_cost=1, memory_cost=8, parallelism=1))
            answer = await access.authenticate(user, secret)
            access.close()
            return answer

    return lambda user, secret: asyncio.run(main(user, secret))


Login = Callable[[str, str], Authentication]


def test_a_new_api_users_secret_is_shown_once_and_opens(
    command: Command, login: Login, tmp_path: Path
) -> None:
    answer = command("apiuser", "add", "crm", "--functions", "external_dial logout")
    first, second = answer.out.splitlines()
    assert first == "added apiuser crm"
    secret = second.removeprefix("secret: ")
    assert len(secret) == 32
    opened = login("crm", secret)
    assert opened.reason is Reason.GOOD
    assert opened.principal is not None
    authorize(opened.principal, "agents.logout")
    assert secret not in command("apiuser", "show", "crm").out + command("apiuser", "list", "--json").out
    with closing(sqlite3.connect(tmp_path / "bridge.db")) as store:
        stored = "".join(str(row) for row in store.execute("SELECT * FROM users"))
    assert secret not in stored


def test_json_gives_the_secret_as_a_field(command: Command, login: Login) -> None:
    answer = command("apiuser", "add", "crm", "--functions", "ALL", "--level", "7", "--json")
    assert (answer.json["user"], answer.json["functions"], answer.json["level"]) == ("crm", "ALL", 7)
    assert login("crm", answer.json["secret"]).ok


@pytest.mark.parametrize("way", ["stdin", "file", "prompt"])
def test_a_given_secret_is_taken_and_not_shown(
    command: Command, login: Login, tmp_path: Path, way: str
) -> None:
    file = tmp_path / "secret"
    file.write_text("given-secret\n")
    words = {
        "stdin": (["--secret-stdin"], "given-secret\n"),
        "file": (["--secret-file", str(file)], None),
        "prompt": (["--ask-secret"], "given-secret\ngiven-secret\n"),
    }
    options, stdin = words[way]
    answer = command("apiuser", "add", "crm", "--functions", "ALL", *options, stdin=stdin)
    assert answer.status == 0
    assert "given-secret" not in answer.out + answer.err
    assert login("crm", "given-secret").ok


def test_a_file_that_is_no_text_holds_no_secret(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe" * 20)
    answer = command("apiuser", "add", "crm", "--functions", "ALL", "--secret-file", str(file))
    assert (answer.status, answer.err) == (1, f"error: --secret-file: {file} is not UTF-8\n")


def test_no_secret_is_taken_as_an_argument(command: Command) -> None:
    for words in (["--secret", "given-secret"], ["given-secret"], ["--password", "given-secret"]):
        assert command("apiuser", "add", "crm", "--functions", "ALL", *words).status == 2
    assert command("apiuser", "list", "--json").json == []


@pytest.mark.parametrize(
    ("words", "stdin", "error"),
    [
        (
            "add crm --functions external_dail",
            None,
            "--functions: there is no function 'external_dail'; did you mean",
        ),
        (
            "add crm --functions zzz",
            None,
            "--functions: there is no function 'zzz'; known are add_",
        ),
        ("add crm --functions ALL --right fly", None, "--right: there is no right 'fly'; known are "),
        (
            "add crm --functions ALL --right modify_lead",
            None,
            "--right: there is no right 'modify_lead'; did you",
        ),
        ("add crm --functions ALL --right modify_leads=x", None, "--right: 'modify_leads=x' needs a number"),
        ("add crm --functions ALL --right modify_leads=9", None, "rights: modify_leads is 9, not in 0 to 6"),
        ("add crm --functions ALL --level 10", None, "level: 10 is not in 0 to 9"),
        ("add c/m --functions ALL", None, "user: 'c/m': 2 to 20 letters"),
        ("add crm --functions ALL --secret-stdin", "short\n", "the secret has 5 characters: at least 8"),
        (
            "add crm --functions ALL --secret-stdin",
            "with blanks here\n",
            "secret: 2 to 100 of letters, digits and",
        ),
        (
            "add crm --functions ALL --secret-stdin --ask-secret",
            "x\n",
            "give one of --ask-secret, --secret-stdin",
        ),
        (
            "add crm --functions ALL --secret-file /none",
            None,
            "--secret-file: cannot read /none: No such file",
        ),
        ("show nobody", None, "there is no user 'nobody'"),
        ("remove nobody", None, "there is no user 'nobody'"),
        ("disable nobody", None, "there is no user 'nobody'"),
        ("secret nobody", None, "there is no user 'nobody'"),
    ],
)
def test_an_error_is_one_line_and_nothing_is_done(
    command: Command, words: str, stdin: str | None, error: str
) -> None:
    answer = command("apiuser", *words.split(), stdin=stdin)
    assert answer.status == 1
    assert answer.err.startswith(f"error: {error}")
    assert answer.err.count("\n") == 1
    assert command("apiuser", "list", "--json").json == []


def test_a_name_is_given_once(command: Command) -> None:
    command("agent", "add", "1000")
    answer = command("agent", "add", "1000")
    assert (answer.status, answer.err) == (1, "error: there is a user '1000' already\n")


def test_the_first_api_user_finds_its_group(command: Command) -> None:
    command("apiuser", "add", "crm", "--functions", "ALL")
    assert command("usergroup", "show", "ADMIN", "--json").json["campaigns"] == "ALL"


def test_a_group_that_is_not_defined_is_told_of(command: Command) -> None:
    answer = command("apiuser", "add", "crm", "--functions", "ALL", "--group", "SALES")
    assert "group 'SALES' is not defined yet" in answer.err


def test_an_api_user_is_switched_off_and_on(command: Command, login: Login) -> None:
    secret = command("apiuser", "add", "crm", "--functions", "ALL", "--json").json["secret"]
    assert command("apiuser", "disable", "crm").out == "disabled apiuser crm\n"
    assert login("crm", secret).reason is Reason.INACTIVE
    command("apiuser", "enable", "crm")
    assert login("crm", secret).ok


def test_a_new_secret_ends_the_old_one(command: Command, login: Login) -> None:
    old = command("apiuser", "add", "crm", "--functions", "ALL", "--json").json["secret"]
    new = command("apiuser", "secret", "crm", "--json").json["secret"]
    assert login("crm", old).reason is Reason.BAD
    assert login("crm", new).ok


def test_a_locked_user_is_unlocked(command: Command, login: Login) -> None:
    secret = command("apiuser", "add", "crm", "--functions", "ALL", "--json").json["secret"]
    for _ in range(10):
        login("crm", "wrong")
    assert login("crm", secret).reason is Reason.LOCK
    assert command("apiuser", "show", "crm", "--json").json["failed_logins"] == 10
    command("apiuser", "unlock", "crm")
    assert login("crm", secret).ok


def test_agents_have_what_the_administrator_gave_them(command: Command) -> None:
    words = ["--name", "Ann Smith", "--phone", "1000", "--crm-id", "CRM1000", "--no-manual-dial"]
    assert command("agent", "add", "1000", *words).out == "added agent 1000\n"
    shown = command("agent", "show", "1000", "--json").json
    wanted = {
        "name": "Ann Smith",
        "group": "AGENTS",
        "phone": "1000",
        "crm_id": "CRM1000",
        "manual_dial": False,
        "api_access": False,
        "has_secret": False,
        "kind": "agent",
    }
    assert {key: shown[key] for key in wanted} == wanted
    assert "Ann Smith" in command("agent", "list").out
    assert command("agent", "remove", "1000", "--json").json == {"user": "1000", "done": "removed"}
    assert command("agent", "list", "--json").json == []


def test_agents_and_api_users_are_kept_apart(command: Command) -> None:
    command("agent", "add", "1000")
    command("apiuser", "add", "crm", "--functions", "ALL")
    assert [user["user"] for user in command("agent", "list", "--json").json] == ["1000"]
    assert [user["user"] for user in command("apiuser", "list", "--json").json] == ["crm"]
    assert command("agent", "remove", "crm").status == 1
    assert command("apiuser", "show", "crm").status == 0


def test_an_api_user_gets_limits_and_loses_one(command: Command) -> None:
    words = ["--limit", "campaigns=SALES SUPPORT", "--limit", "addresses=192.0.2.0/24,2001:db8::/48"]
    answer = command("apiuser", "add", "crm", "--functions", "ALL", *words, "--limit", "rate=5", "--json")
    limits = {"addresses": ["192.0.2.0/24", "2001:db8::/48"], "campaigns": ["SALES", "SUPPORT"], "rate": 5.0}
    assert answer.json["limits"] == limits
    told = command("apiuser", "limit", "crm", "rate=", "expires_at=2027-01-31T18:00:00+01:00")
    assert told.out == "changed the limits of apiuser crm\n"
    del limits["rate"]
    shown = command("apiuser", "show", "crm", "--json").json["limits"]
    assert shown == limits | {"expires_at": "2027-01-31T18:00:00+01:00"}
    assert "campaigns=['SALES', 'SUPPORT']" in command("apiuser", "show", "crm").out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("rat=5", "limits: there is no limit 'rat'; did you mean 'rate'?"),
        ("rate", "limits.rate: write rate=…; nothing behind the = ends the limit"),
        ("rate=fast", "limits.rate: expected float, got text"),
        ("addresses=10.0.0.1/8", "limits.addresses: '10.0.0.1/8' is no address or network (bits behind"),
        ("expires_at=2027-01-31T18:00:00", "limits.expires_at: it needs its offset from UTC"),
        ("burst=3", "limits.burst: it needs a rate"),
    ],
)
def test_limits_that_cannot_be_change_nothing(command: Command, words: str, error: str) -> None:
    command("apiuser", "add", "crm", "--functions", "ALL", "--limit", "calls_per_day=9")
    answer = command("apiuser", "limit", "crm", words)
    assert (answer.status, answer.err.count("\n")) == (1, 1)
    assert answer.err.startswith(f"error: {error}")
    assert command("apiuser", "show", "crm", "--json").json["limits"] == {"calls_per_day": 9}
