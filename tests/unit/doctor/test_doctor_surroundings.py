from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from doctor_facts import facts, found, wrong

from bridge.agi.fallback import REASON
from bridge.doctor.facts import CallSeen, Clock, Relay
from bridge.doctor.surroundings import DANGEROUS


@pytest.mark.parametrize(
    ("address", "tls", "status"),
    [
        ("127.0.0.1", False, "ok"),
        ("::1", False, "ok"),
        ("10.1.2.3", False, "warn"),
        ("192.168.1.5", False, "warn"),
        ("192.168.1.5", True, "ok"),
        ("fd00::5", False, "warn"),
        ("8.8.8.8", False, "fail"),
        ("8.8.8.8", True, "warn"),
        ("2001:4860:4860::8888", False, "fail"),
    ],
)
def test_a_manager_interface_on_a_public_address(address: str, tls: bool, status: str) -> None:  # noqa: FBT001  a column of the table
    assert found(facts(addresses=(address,), tls=tls), "ami.address").status == status


def test_one_public_address_of_several_is_enough() -> None:
    assert wrong(facts(addresses=("10.0.0.1", "8.8.8.8"))) == {"ami.address"}


@pytest.mark.parametrize(
    ("offset", "margin", "status"),
    [
        (0.9, 0.0, "ok"),
        (-0.9, 0.0, "ok"),
        (1.1, 0.0, "warn"),
        (-1.1, 0.0, "warn"),
        (1.5, 0.8, "ok"),
        (31.0, 0.5, "fail"),
        (-3600.0, 0.1, "fail"),
    ],
)
def test_clocks_that_differ(offset: float, margin: float, status: str) -> None:
    assert found(facts(clock=Clock(offset, margin)), "clock").status == status


def test_asterisk_without_a_clock_is_unknown() -> None:
    assert found(facts(clock=None), "clock").status == "unknown"


@pytest.mark.parametrize(
    ("relay", "status"),
    [
        (Relay.ANSWERS, "ok"),
        (Relay.REFUSED, "fail"),
        (Relay.OPEN, "fail"),
        (Relay.ELSEWHERE, "unknown"),
        (None, "unknown"),
    ],
)
def test_the_port_of_the_relay(relay: Relay | None, status: str) -> None:
    assert found(facts(relay=relay), "relay").status == status


def test_functions_that_reach_files() -> None:
    good = facts()
    assert good.functions is not None
    assert wrong(facts(functions={**good.functions, DANGEROUS: "1"})) == {"live-dangerously"}
    assert found(facts(functions=None), "live-dangerously").status == "unknown"


def test_call_records_that_are_off() -> None:
    assert wrong(facts(cdr=False)) == {"cdr"}
    assert wrong(facts(cdr=None)) == set()


def test_an_event_that_does_not_come_back() -> None:
    assert wrong(facts(user_event=False)) == {"events.user"}
    assert found(facts(user_event=None), "events.user").status == "unknown"


CALL = CallSeen(
    ended=True,
    channel_events=True,
    agi_ran=True,
    agi_status="SUCCESS",
    acknowledged=True,
    reason="unknown",
    seconds=0.1,
)


def test_a_call_that_shows_everything_in_order() -> None:
    seen = facts(call=CALL)
    assert wrong(seen) == set()
    assert found(seen, "modules.res_agi").status == "ok"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"ended": False}, "events.call"),
        ({"channel_events": False}, "events.call"),
        ({"agi_status": "FAILURE", "acknowledged": False}, "relay.call"),
        ({"agi_status": "", "acknowledged": False}, "relay.call"),
        ({"acknowledged": False}, "relay.call"),
        ({"reason": REASON}, "relay.call"),
    ],
)
def test_a_call_that_shows_a_fault(change: dict[str, Any], check: str) -> None:
    assert wrong(facts(call=replace(CALL, **change))) == {check}


def test_a_call_that_never_got_to_its_question() -> None:
    call = replace(CALL, agi_ran=False, agi_status="", acknowledged=False)
    assert wrong(facts(call=call)) == {"relay.call", "modules.res_agi"}


def test_a_call_that_nobody_could_watch_says_nothing_of_the_relay() -> None:
    call = replace(CALL, agi_ran=None, agi_status="", acknowledged=False)
    seen = facts(call=call)
    assert wrong(seen) == set()
    assert found(seen, "relay.call").status == "unknown"
