"""Users who were read a moment ago: how long that counts."""

from __future__ import annotations

from typing import cast

import pytest

from bridge.access import known
from bridge.access.known import KNOWN_SECONDS, Known, KnownKeys
from bridge.access.model import Principal
from bridge.access.queries import Stored

CRM = cast("Stored", object())
WEB = cast("Stored", object())


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(clock: Clock) -> Known[Stored]:
    found: Known[Stored] = Known(clock)
    found.keep("crm", 7, CRM)
    return found


def test_counts_while_nothing_was_written(users: Known[Stored]) -> None:
    assert users.get("crm", 7) is CRM
    assert users.get("web", 7) is None


def test_counts_no_more_once_something_may_have_been_written(users: Known[Stored]) -> None:
    assert users.get("crm", 8) is None
    assert users.get("crm", None) is None


def test_counts_for_a_moment_only(users: Known[Stored], clock: Clock) -> None:
    """Somebody may write into the file past the bridge, whatever the documents say."""
    clock.now += KNOWN_SECONDS - 0.01
    assert users.get("crm", 7) is CRM
    clock.now += 0.01
    assert users.get("crm", 7) is None


def test_what_others_may_write_is_not_kept(users: Known[Stored]) -> None:
    users.keep("web", None, WEB)
    assert users.get("web", None) is None


def test_holds_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(known, "KNOWN_USERS", 2)
    users: Known[Stored] = Known(clock)
    for name in ("a", "b", "c"):
        users.keep(name, 1, CRM)
    assert [users.get(name, 1) for name in ("a", "b", "c")] == [None, CRM, CRM]


def test_a_user_who_comes_with_a_key_is_who_she_is_now() -> None:
    keys = KnownKeys()
    before = Principal(user="crm", level=7)
    first = keys.principal(before, "abk_1")
    assert (first.user, first.level, first.key) == ("crm", 7, "abk_1")
    assert keys.principal(before, "abk_1") is first
    assert keys.principal(before, "abk_2").key == "abk_2"
    after = Principal(user="crm", level=1)
    assert keys.principal(after, "abk_1").level == 1


def test_users_with_keys_are_not_remembered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "KNOWN_USERS", 2)
    keys, user = KnownKeys(), Principal(user="crm")
    first = keys.principal(user, "abk_1")
    for other in ("abk_2", "abk_3"):
        keys.principal(user, other)
    assert keys.principal(user, "abk_1") is not first
