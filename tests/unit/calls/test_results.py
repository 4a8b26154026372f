from __future__ import annotations

import itertools

import pytest

from bridge.calls.results import network_result


@pytest.mark.parametrize(
    ("dial_status", "cause", "status"),
    [
        ("BUSY", 17, "AB"),
        ("BUSY", None, "AB"),
        ("", 17, "AB"),
        ("CHANUNAVAIL", 1, "ADC"),
        ("CHANUNAVAIL", 3, "ADC"),
        ("CHANUNAVAIL", 21, "ADCT"),
        ("CHANUNAVAIL", None, "ADCT"),
        ("CHANUNAVAIL", 0, "ADCT"),
        ("CHANUNAVAIL", 20, "ADCT"),
        ("CONGESTION", 1, "ADC"),
        ("", 1, "ADC"),
        ("CONGESTION", 19, "ADCT"),
        ("CONGESTION", 21, "ADCT"),
        ("CONGESTION", 34, "ADCT"),
        ("CONGESTION", 38, "ADCT"),
        ("NOANSWER", 16, "NA"),
        ("NOANSWER", None, "NA"),
        ("", None, "NA"),
        ("CANCEL", 16, "NA"),
    ],
)
def test_a_call_that_nobody_answered(dial_status: str, cause: int | None, status: str) -> None:
    assert network_result(dial_status, cause, answered=False) == status


@pytest.mark.parametrize(
    ("machine", "status"),
    [("", "PU"), ("HUMAN", "PU"), ("NOTSURE", "PU"), ("MACHINE", "AA"), ("FAX", "AFAX")],
)
def test_a_call_that_was_answered(machine: str, status: str) -> None:
    assert network_result("ANSWER", 16, answered=True, machine=machine) == status


def test_every_account_of_the_network_has_one_status() -> None:
    statuses = (
        "",
        "ANSWER",
        "BUSY",
        "NOANSWER",
        "CANCEL",
        "CONGESTION",
        "CHANUNAVAIL",
        "DONTCALL",
        "TORTURE",
        "odd",
    )
    for dial_status, cause, answered in itertools.product(statuses, [None, *range(128)], [True, False]):
        status = network_result(dial_status, cause, answered=answered)
        assert status in {"AB", "ADC", "ADCT", "NA", "PU"}
