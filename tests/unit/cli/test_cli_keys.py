"""`agent-bridge apiuser key`: made, listed, replaced and revoked, with or without a running service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bridge.access.tokens import KEY_PREFIX, is_token

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")


@pytest.fixture
def crm(command: Command) -> None:
    assert command("apiuser", "add", "crm", "--functions", "external_dial").status == 0


@pytest.mark.usefixtures("crm")
def test_a_token_is_shown_once(command: Command) -> None:
    answer = command("apiuser", "key", "add", "crm", "--name", "web form", "--days", "365")
    first, second = answer.out.splitlines()
    token = second.removeprefix("token: ")
    assert is_token(token, KEY_PREFIX)
    assert first == f"made key {token[:12]} (web form) of apiuser crm"
    assert answer.err == "It is not shown again.\n"
    listed = command("apiuser", "key", "list", "crm")
    assert token[:12] in listed.out
    assert token not in listed.out + command("apiuser", "show", "crm").out


@pytest.mark.usefixtures("crm")
def test_keys_are_named_by_id_or_by_name(command: Command) -> None:
    old = command("apiuser", "key", "add", "crm", "--name", "web form", "--json").json
    new = command("apiuser", "key", "replace", "crm", "web form", "--hours", "1", "--json").json
    assert new["name"] == "web form"
    several = command("apiuser", "key", "revoke", "crm", "web form")
    assert several.status == 1
    assert f"say which: {old['id']}, {new['id']}" in several.err
    assert command("apiuser", "key", "revoke", "crm", old["id"]).status == 0
    assert command("apiuser", "key", "revoke", "crm", "web form").out == (
        f"revoked key {new['id']} (web form) of apiuser crm\n"
    )
    keys = command("apiuser", "key", "list", "crm", "--json").json
    assert [key["revoked_at"] is None for key in keys] == [False, False]


@pytest.mark.usefixtures("crm")
@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "nobody", "--name", "x"], "there is no user 'nobody'"),
        (["add", "crm", "--name", "a|b"], "name: 1 to 40 letters"),
        (["list", "nobody"], "there is no user 'nobody'"),
        (["revoke", "crm", "abk_00000000"], "has no key 'abk_00000000' that is good"),
        (["replace", "crm", "web form"], "has no key 'web form' that is good"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(command: Command, words: list[str], why: str) -> None:
    answer = command("apiuser", "key", *words)
    assert (answer.status, why in answer.err) == (1, True), answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.usefixtures("crm")
def test_without_keys_it_says_how_to_make_one(command: Command) -> None:
    answer = command("apiuser", "key", "list", "crm")
    assert answer.err == "no keys yet: agent-bridge apiuser key add crm --name 'web form'\n"
