from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bridge.access.errors import InvalidUser
from bridge.access.model import (
    ALL_RIGHTS,
    Authentication,
    Principal,
    Reason,
    UserSpec,
    changed_fields,
    spec_of,
)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user", "a"),
        ("user", "a" * 21),
        ("user", "a b"),
        ("user", "a\r\nb"),
        ("user", "a/b"),
        ("user", "é1000"),
        ("user", ""),
        ("level", 10),
        ("level", -1),
        ("group", ""),
        ("group", "A B"),
        ("crm_id", "a-b"),
        ("crm_id", "x" * 101),
        ("name", "line\nbreak"),
        ("name", "x" * 51),
        ("phone", "1000&2000"),
        ("functions", frozenset({"External_Dial"})),
        ("functions", frozenset({"a;b"})),
        ("rights", {"fly": 1}),
        ("rights", {"modify_leads": 7}),
        ("rights", {"view_reports": -1}),
    ],
)
def test_a_field_that_holds_what_it_must_not_is_named(field: str, value: Any) -> None:
    fields: dict[str, Any] = {"user": "crm", field: value}
    with pytest.raises(InvalidUser) as caught:
        UserSpec(**fields)
    assert caught.value.field == field
    assert field in str(caught.value)


def test_rights_that_were_never_given_are_zero() -> None:
    spec = UserSpec(user="crm", rights={"modify_leads": 5})
    assert spec.right("modify_leads") == 5
    assert spec.right("view_reports") == 0


def test_all_rights_do_not_restrict() -> None:
    assert "api_list_restrict" not in ALL_RIGHTS
    assert UserSpec(user="crm", rights=ALL_RIGHTS).right("modify_users") == 1


def test_a_new_user_may_do_nothing() -> None:
    spec = UserSpec(user="crm")
    assert (spec.api_access, spec.functions, dict(spec.rights)) == (False, frozenset(), {})


def test_the_decided_part_of_a_principal_leaves_out_what_has_happened() -> None:
    principal = Principal(user="crm", level=7, failed_logins=3)
    assert spec_of(principal) == UserSpec(user="crm", level=7)


def test_changed_fields_are_named() -> None:
    old = UserSpec(user="crm", level=7)
    assert changed_fields(old, old) == ()
    assert changed_fields(old, msgspec.structs.replace(old, level=8, name="CRM")) == ("name", "level")


@pytest.mark.parametrize(
    ("reason", "ok", "authenticated"),
    [
        (Reason.GOOD, True, True),
        (Reason.NOAPI, False, True),
        (Reason.BAD, False, False),
        (Reason.LOCK, False, False),
        (Reason.INACTIVE, False, False),
    ],
)
def test_an_answer_says_who_it_is_and_whether_it_may_go_on(
    reason: Reason, *, ok: bool, authenticated: bool
) -> None:
    answer = Authentication(reason=reason)
    assert (answer.ok, answer.authenticated) == (ok, authenticated)
