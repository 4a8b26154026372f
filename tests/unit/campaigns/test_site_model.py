from __future__ import annotations

from typing import Any

import pytest

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign, Did, InGroup, PauseCode, Status, UserGroup
from bridge.campaigns.redial import Recycle
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "x" * 21),
        ("id", "A/B"),
        ("name", "line\nbreak"),
        ("queues", ("SALES LINE",)),
        ("trunk", "a&b"),
        ("caller_id", "Evil <900>"),
        ("caller_id", "+17275550000"),
        ("dial_timeout", 14),
        ("dial_timeout", 601),
        ("wrapup_seconds", -1),
        ("drop_seconds", 61.0),
        ("dial_level", -0.5),
        ("default_status", ""),
        ("default_status", "TOOLONG"),
        ("abandon_message", "../../etc/passwd"),
        ("abandon_message", "a&b"),
        ("presets", {"Front Desk": "727&900"}),
        ("pause_codes", (PauseCode(code="BRK"), PauseCode(code="BRK", name="Break"))),
        ("statuses", (Status(status="XCB"), Status(status="XCB"))),
        ("recycle", (Recycle(status="NA"), Recycle(status="NA", delay=600))),
        ("auto_alt_dial_statuses", ("no answer",)),
        ("call_count_limit", -1),
        ("amd_seconds", 2.5),
        ("machine_message", "../../etc/passwd"),
        ("opt_out_key", "#"),
        ("opt_out_key", "12"),
        ("message_callback_number", "call us"),
        ("message_seller", "line\nbreak"),
    ],
)
def test_a_field_of_a_campaign_that_cannot_be_is_named(field: str, value: Any) -> None:
    fields: dict[str, Any] = {"id": "TESTCAMP", field: value}
    with pytest.raises(InvalidField) as caught:
        Campaign(**fields)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"status": "no answer"}, "status"),
        ({"status": "NA", "delay": 59}, "delay 59"),
        ({"status": "NA", "delay": 604_801}, "delay"),
        ({"status": "NA", "attempts": 0}, "attempts 0"),
        ({"status": "NA", "attempts": 11}, "attempts 11"),
    ],
)
def test_what_is_recycled_has_limits(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidField, match=wrong) as caught:
        Recycle(**fields)
    assert caught.value.field == "recycle"


@pytest.mark.parametrize("code", ["", "SEVENCH", "A B", "A;B"])
def test_codes_have_one_to_six_characters(code: str) -> None:
    with pytest.raises(InvalidField):
        PauseCode(code=code)
    with pytest.raises(InvalidField):
        Status(status=code)


def test_the_order_in_which_codes_are_written_makes_no_difference() -> None:
    lunch, rest = PauseCode(code="LUNCH"), PauseCode(code="BRK")
    assert Campaign(id="A", pause_codes=(lunch, rest)) == Campaign(id="A", pause_codes=(rest, lunch))


def test_a_campaigns_own_status_wins_over_the_systems() -> None:
    campaign = Campaign(id="A", statuses=(Status(status="XCB", callback=True), Status(status="CALLBK")))
    assert campaign.is_callback("XCB")
    assert not campaign.is_callback("CALLBK")
    assert Campaign(id="B").is_callback("CALLBK")
    assert not Campaign(id="B").is_callback("SALE")


@pytest.mark.parametrize("number", ["", "1", "7275551234x", "s", "7" * 21])
def test_a_did_is_a_number(number: str) -> None:
    with pytest.raises(InvalidField):
        Did(number=number, queue="SALESLINE")


@pytest.mark.parametrize(
    ("field", "value"),
    [("queue", "SALES LINE"), ("campaign", "A;B"), ("line_settings", {"extension": "1\n2"})],
)
def test_a_did_goes_to_what_has_a_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidField, match=field):
        Did(**{"number": "7275551234", field: value})


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"opt_out_key": "9"}, "opt_out_sound"),
        ({"opt_out_sound": "beep"}, "opt_out_key"),
        ({"opt_out": True, "opt_out_key": "9", "opt_out_sound": "beep"}, "opt_out_key"),
        ({"opt_out_key": "12", "opt_out_sound": "beep"}, "opt_out_key"),
        ({"opt_out_key": "9", "opt_out_sound": "../x"}, "opt_out_sound"),
    ],
)
def test_how_callers_of_a_did_opt_out(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidField) as caught:
        Did(number="7275551234", queue="SALESLINE", **fields)
    assert caught.value.field == named


def test_each_thing_has_its_key() -> None:
    keys = [
        Campaign(id="A").key,
        Did(number="7275551234", queue="Q").key,
        InGroup(name="Q").key,
        UserGroup(name="G").key,
        LeadList(id=101).key,
    ]
    assert keys == ["A", "7275551234", "Q", "G", "101"]


@pytest.mark.parametrize("list_id", [0, -1, 10**14])
def test_a_list_has_one_to_fourteen_digits(list_id: int) -> None:
    with pytest.raises(InvalidLead):
        LeadList(id=list_id)
