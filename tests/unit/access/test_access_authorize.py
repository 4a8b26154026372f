from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.access.authorize import authorize, check_limits, may_call
from bridge.access.errors import Forbidden, Rule
from bridge.access.limits import Limits
from bridge.access.model import ALL_RIGHTS, GroupScope, Principal, PrincipalKind
from bridge.access.names import ALL
from bridge.access.rights import ACTIONS, FUNCTIONS


def principal(**fields: Any) -> Principal:
    given: dict[str, Any] = {
        "user": "crm",
        "level": 9,
        "api_access": True,
        "functions": ALL,
        "rights": ALL_RIGHTS,
        "scope": GroupScope(),
    }
    return Principal(**given | fields)


def refused(who: Principal, function: str, **context: Any) -> Forbidden:
    with pytest.raises(Forbidden) as caught:
        authorize(who, function, **context)
    return caught.value


AGENT = Principal(user="1000", kind=PrincipalKind.AGENT, group="AGENTS")


@pytest.mark.parametrize("function", sorted(ACTIONS))
def test_who_has_everything_may_do_everything(function: str) -> None:
    authorize(principal(), function, agent=AGENT, campaign="TESTCAMP")


@pytest.mark.parametrize("function", sorted(ACTIONS))
def test_who_has_nothing_may_do_nothing(function: str) -> None:
    assert refused(Principal(user="crm"), function).rule is Rule.API
    bare = Principal(user="crm", api_access=True, level=1, scope=GroupScope())
    assert refused(bare, function).rule is Rule.FUNCTION


@pytest.mark.parametrize("function", ["", "no_such", "EXTERNAL_DIAL", "agents", "agents.fly", "version "])
def test_what_is_not_in_the_table_is_denied_even_to_who_has_everything(function: str) -> None:
    assert refused(principal(), function).rule is Rule.UNKNOWN
    assert not may_call(principal(), function)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"active": False}, Rule.INACTIVE),
        ({"level": 0}, Rule.INACTIVE),
        ({"api_access": False}, Rule.API),
        ({"scope": None}, Rule.GROUP),
        ({"functions": frozenset({"version"})}, Rule.FUNCTION),
    ],
)
def test_the_first_thing_that_is_missing_is_named(fields: dict[str, Any], rule: Rule) -> None:
    error = refused(principal(**fields), "external_pause")
    assert error.rule is rule
    assert (error.user, error.function) == ("crm", "external_pause")
    assert "crm" in str(error)
    assert rule in str(error)


@pytest.mark.parametrize(
    ("function", "column", "enough", "too_little"),
    [
        ("update_fields", "modify_leads", 4, 5),
        ("update_fields", "modify_leads", 1, 0),
        ("change_ingroups", "change_agent_campaign", 1, 0),
        ("set_timer_action", "modify_campaigns", 1, 0),
        ("agents.list", "view_reports", 1, 0),
        ("leads.add", "modify_leads", 2, 6),
    ],
)
def test_rights_columns_need_their_value(function: str, column: str, enough: int, too_little: int) -> None:
    authorize(principal(rights={column: enough, "modify_lists": 1}), function)
    error = refused(principal(rights={column: too_little}), function)
    assert (error.rule, error.needs) == (Rule.RIGHT, column)


def test_reports_need_level_7_and_changes_level_8() -> None:
    authorize(principal(level=7), "agents.get")
    assert refused(principal(level=6), "agents.get").rule is Rule.LEVEL
    authorize(principal(level=8), "site.phone")
    assert refused(principal(level=7), "site.phone").needs == "8"


def test_an_action_asks_for_the_function_that_does_the_same() -> None:
    caller = principal(level=1, rights={}, functions=frozenset({"external_pause"}))
    authorize(caller, "external_pause", agent=AGENT)
    authorize(caller, "agents.pause", agent=AGENT)
    authorize(caller, "agents.resume", agent=AGENT)
    assert refused(caller, "agents.logout", agent=AGENT).rule is Rule.FUNCTION
    assert refused(caller, "calls.dial").needs == "call_dial"


NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limits", "context", "rule"),
    [
        (Limits(not_before=NOW), {"now": NOW - timedelta(seconds=1)}, Rule.NOT_YET),
        (Limits(not_before=NOW), {}, Rule.NOT_YET),
        (Limits(expires_at=NOW), {"now": NOW}, Rule.EXPIRED),
        (Limits(expires_at=NOW), {}, Rule.EXPIRED),
        (Limits(campaigns=frozenset({"OTHERCMP"})), {"campaign": "TESTCAMP"}, Rule.CAMPAIGN),
        (Limits(agents=frozenset({"1001"})), {"agent": AGENT}, Rule.AGENT),
    ],
)
@pytest.mark.parametrize("function", ["external_pause", "agents.pause"])
def test_its_own_limits_hold_for_the_line_format_too(
    function: str, limits: Limits, context: dict[str, Any], rule: Rule
) -> None:
    assert refused(principal(limits=limits), function, **context).rule is rule


def test_within_its_limits_a_user_goes_on() -> None:
    limits = Limits(
        not_before=NOW,
        expires_at=NOW + timedelta(days=1),
        campaigns=frozenset({"TESTCAMP"}),
        agents=frozenset({"1000"}),
        lists=frozenset({"101"}),
    )
    authorize(principal(limits=limits), "external_dial", agent=AGENT, campaign="TESTCAMP", now=NOW)
    check_limits(principal(limits=limits), "external_dial", agent="1000", campaign="TESTCAMP", lead_list=101)


@pytest.mark.parametrize("lead_list", [102, 0, ALL])
def test_lists_are_limited_to_those_that_are_named(lead_list: Any) -> None:
    limited = principal(limits=Limits(lists=frozenset({"101"})))
    with pytest.raises(Forbidden) as caught:
        check_limits(limited, "external_add_lead", lead_list=lead_list)
    assert caught.value.rule is Rule.LIST
    check_limits(principal(), "external_add_lead", lead_list=lead_list)


LIMITED = GroupScope(campaigns=frozenset({"OTHERCMP"}), groups=frozenset({"LIMITED"}))


def test_a_groups_limits_hold_for_our_own_actions() -> None:
    caller = principal(scope=LIMITED)
    assert refused(caller, "agents.pause", agent=AGENT).rule is Rule.AGENT
    assert refused(caller, "calls.dial", campaign="TESTCAMP").needs == "TESTCAMP"
    authorize(caller, "calls.dial", campaign="OTHERCMP")
    authorize(caller, "agents.pause", agent=Principal(user="1009", group="LIMITED"))


def test_the_line_format_never_knew_the_groups_limits() -> None:
    authorize(principal(scope=LIMITED), "external_pause", agent=AGENT, campaign="TESTCAMP")


@pytest.mark.parametrize("function", ["external_dial", "preview_dial_action", "agents.dial"])
def test_an_agent_who_may_not_dial_is_not_dialled_for(function: str) -> None:
    error = refused(principal(), function, agent=Principal(user="1001", manual_dial=False))
    assert (error.rule, error.needs) == (Rule.MANUAL_DIAL, "1001")


def test_the_function_list_can_be_asked_alone() -> None:
    only_version = principal(functions=frozenset({"version"}))
    assert may_call(only_version, "version")
    assert not may_call(only_version, "external_dial")
    assert may_call(principal(rights={}), "update_fields")


@given(
    level=st.integers(0, 9),
    switches=st.tuples(st.booleans(), st.booleans()),
    functions=st.frozensets(st.sampled_from(sorted(FUNCTIONS))),
    function=st.sampled_from(sorted(ACTIONS)),
)
def test_nobody_gets_past_without_each_thing_that_is_needed(
    level: int, switches: tuple[bool, bool], functions: frozenset[str], function: str
) -> None:
    active, api = switches
    who = principal(level=level, active=active, api_access=api, functions=functions)
    right = ACTIONS[function]
    allowed = active and api and level >= max(1, right.level) and right.function in functions
    try:
        authorize(who, function)
    except Forbidden:
        assert not allowed
    else:
        assert allowed
