from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.access.tokens import INTAKE_PREFIX, is_token
from bridge.intake.model import Entry, Outcome

Command = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("either_way")

SITE = '[[campaign]]\nid = "SALES"\n[[list]]\nid = 101\ncampaign = "SALES"\n'


@pytest.fixture
def site(command: Command) -> Command:
    assert command("load", "-", stdin=SITE).status == 0
    return command


def test_a_token_is_shown_once(site: Command, tmp_path: Path) -> None:
    added = site("intake", "add", "shop", "--list", "101")
    assert added.status == 0
    found = re.search(r"^token: (\S+)$", added.out, re.MULTILINE)
    assert found is not None
    assert is_token(found[1], INTAKE_PREFIX)
    for words in (["show", "shop"], ["list"], ["log"], ["show", "shop", "--json"], ["list", "--json"]):
        assert found[1] not in site("intake", *words).out
    assert found[1].encode() not in (tmp_path / "bridge.db").read_bytes()


def test_every_field_is_taken(site: Command) -> None:
    words = "shop --list 101 --map data.tel=phone_number --map a=b=comments --set status=WEB --honeypot fax"
    words += " --next https://shop.example/thanks --origin https://shop.example --no-check-dnc --inactive"
    words += " --expires 2026-12-31T00:00:00Z --per-address 1/2 --per-number 3 --altogether 5/6"
    words += " --consent-field agree --consent-purpose sales --consent-shown https://shop.example/privacy#3"
    added = site("intake", "add", *words.split(), "--json").json
    token = added.pop("token")
    assert is_token(token, INTAKE_PREFIX)
    shown = site("intake", "show", "shop", "--json").json
    (state,) = shown.pop("tokens")
    assert (state["good_until"], state["last_used_at"]) == (None, None)
    assert (
        shown
        == added
        == {
            "name": "shop",
            "list_id": 101,
            "active": False,
            "expires_at": "2026-12-31T00:00:00Z",
            "fields": {"data.tel": "phone_number", "a=b": "comments"},
            "constants": {"status": "WEB"},
            "honeypot": "fax",
            "next_url": "https://shop.example/thanks",
            "origins": ["https://shop.example"],
            "check_dnc": False,
            "consent_field": "agree",
            "consent_purpose": "sales",
            "consent_shown": "https://shop.example/privacy#3",
            "address_per_hour": 1,
            "address_per_day": 2,
            "number_per_hour": 3,
            "number_per_day": 3,
            "per_hour": 5,
            "per_day": 6,
        }
    )


def test_tokens_are_rotated(site: Command) -> None:
    first = site("intake", "add", "shop", "--list", "101", "--json").json["token"]
    second = site("intake", "rotate", "shop", "--overlap", "7d", "--json").json["token"]
    assert second != first
    tokens = site("intake", "show", "shop", "--json").json["tokens"]
    assert sorted(state["good_until"] is None for state in tokens) == [False, True]
    assert "good until" in site("intake", "show", "shop").out
    assert site("intake", "rotate", "shop").out.startswith("token: abi_")


def test_a_key_is_shut_and_opened_again(site: Command) -> None:
    site("intake", "add", "shop", "--list", "101")
    assert site("intake", "disable", "shop").out == "disabled intake shop\n"
    assert site("intake", "show", "shop", "--json").json["active"] is False
    assert site("intake", "enable", "shop", "--json").json == {"name": "shop", "done": "enabled"}
    assert site("intake", "show", "shop", "--json").json["active"] is True
    assert site("intake", "remove", "shop").out == "removed intake shop\n"
    assert site("intake", "show", "shop").status == 1


def test_a_log_in_which_nothing_is(site: Command) -> None:
    assert site("intake", "log", "shop", "--outcome", "refused", "--json").json == []
    assert "nothing came in" in site("intake", "log").err


def test_what_a_form_was_sent_does_not_steer_the_terminal(
    site: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry(
        id=1,
        key="shop",
        at=datetime(2026, 11, 26, tzinfo=UTC),
        outcome=Outcome.REFUSED,
        reason="posted from a page of \x9b31m",
        address="192.0.2.7",
        subscriber="192.0.2.7",
        user_agent="",
        content_type="",
        size=40,
        body=b"name=\x1b]0;evil\x07\r[bold]x[/bold]\x1b[2J\xe2\x80\xae",
    )
    monkeypatch.setattr("bridge.cli.intake.run", lambda _: [entry])
    shown = site("intake", "log", "--body").out
    assert r"name=\x1b]0;evil\x07\r[bold]x[/bold]\x1b[2J\u202e" in shown
    assert all(sign.isprintable() or sign == "\n" for sign in shown)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("add shop --list 999", "there is no list '999'"),
        ("add shop --list 101 --map tel", "--map: 'tel' needs a ="),
        ("add shop --list 101 --map tel=phone", "fields: 'phone' is none of"),
        ("add shop --list 101 --per-address many", "--per-address: 'many': two numbers"),
        ("add shop --list 101 --expires soon", "--expires: 'soon' is no time"),
        ("add shop --list 101 --expires 2026-12-31", "expires_at: a time with its zone"),
        ("rotate nope", "there is no intake 'nope'"),
        ("rotate shop --overlap 1y", "--overlap: '1y'"),
        ("disable nope", "there is no intake 'nope'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(site: Command, words: str, why: str) -> None:
    answer = site("intake", *words.split())
    assert answer.status == 1
    assert why in answer.err
    assert answer.err.count("\n") == 1
