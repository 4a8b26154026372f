"""Users who were read a moment ago: how long that counts."""

from __future__ import annotations

from typing import cast

import pytest

from bridge.access import known
from bridge.access.known import KNOWN_SECONDS, KnownUsers
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
def users(clock: Clock) -> KnownUsers:
    found = KnownUsers(clock)
    found.keep("crm", 7, CRM)
    return found


def test_counts_while_nothing_was_written(users: KnownUsers) -> None:
    assert users.get("crm", 7) is CRM
    assert users.get("web", 7) is None


def test_counts_no_more_once_something_may_have_been_written(users: KnownUsers) -> None:
    assert users.get("crm", 8) is None
    assert users.get("crm", None) is None


def test_counts_for_a_moment_only(users: KnownUsers, clock: Clock) -> None:
    """Somebody may write into the file past the bridge, whatever the documents say."""
    clock.now += KNOWN_SECONDS - 0.01
    assert users.get("crm", 7) is CRM
    clock.now += 0.01
    assert users.get("crm", 7) is None


def test_what_others_may_write_is_not_kept(users: KnownUsers) -> None:
    users.keep("web", None, WEB)
    assert users.get("web", None) is None


def test_holds_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(known, "KNOWN_USERS", 2)
    users = KnownUsers(clock)
    for name in ("a", "b", "c"):
        users.keep(name, 1, CRM)
    assert [users.get(name, 1) for name in ("a", "b", "c")] == [None, CRM, CRM]
