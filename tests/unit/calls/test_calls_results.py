"""What an account of a call's end means as a status, and when it may be judged at all."""

from __future__ import annotations

from typing import Any

import pytest
from call_makers import NOW, a_call

from bridge.calls import signals
from bridge.calls.model import Call, CallKind, CallState
from bridge.calls.results import with_result


def status(call: Call, signal: signals.Signal, **more: Any) -> str:
    """The status that the account is given."""
    found = with_result(call, signal, **more)
    assert isinstance(found, signals.Ending)
    return found.network_status


def hangup(cause: int = 16, dial_status: str = "") -> signals.HangupSeen:
    return signals.HangupSeen(at=NOW, cause=cause, dial_status=dial_status)


def report(dial_status: str = "", cause: int = 16) -> signals.Report:
    return signals.Report(at=NOW, cause=cause, dial_status=dial_status)


@pytest.mark.parametrize(
    "signal", [signals.HangupAsked(at=NOW), signals.ChannelUp(at=NOW), signals.SnapshotAbsent(at=NOW)]
)
def test_what_is_no_account_of_an_end_is_left_as_it_is(signal: signals.Signal) -> None:
    assert with_result(a_call(CallState.RINGING), signal) is signal


def test_status_that_is_known_is_not_judged_again() -> None:
    known = signals.Report(at=NOW, network_status="DNCL", dial_status="BUSY")
    assert with_result(a_call(CallState.RINGING), known) is known


@pytest.mark.parametrize("kind", sorted(set(CallKind) - {CallKind.AUTO}))
def test_hangup_of_a_call_that_ran_in_the_dialplan_waits_for_its_report(kind: CallKind) -> None:
    call = a_call(CallState.RINGING, kind=kind, extension_answered_at=NOW)
    assert status(call, hangup(17)) == ""


def test_a_call_whose_extension_failed_says_nothing_of_the_number() -> None:
    call = a_call(CallState.DIALING, kind=CallKind.CLICK)
    failed = signals.OriginateFailed(at=NOW, reason="originate_0", dial_status="CHANUNAVAIL")
    assert [status(call, hangup(17)), status(call, hangup(0)), status(call, failed)] == ["LRERR"] * 3
    assert status(call, report("BUSY")) == "AB", "it got into the dialplan: her number was dialled"


def test_hangup_of_an_answered_call_waits_for_its_report() -> None:
    assert status(a_call(CallState.ANSWERED, kind=CallKind.AUTO), hangup()) == ""


def test_hangup_of_a_call_that_never_got_there_is_judged() -> None:
    call = a_call(CallState.RINGING, kind=CallKind.AUTO)
    assert [status(call, hangup(17)), status(call, hangup(0, "NOANSWER"))] == ["AB", "NA"]


@pytest.mark.parametrize("kind", CallKind)
def test_report_is_judged_whatever_the_kind(kind: CallKind) -> None:
    assert status(a_call(CallState.RINGING, kind=kind), report("BUSY")) == "AB"


def test_report_without_a_dial_status_is_judged_by_that_of_the_events() -> None:
    assert status(a_call(CallState.RINGING, dial_status="BUSY"), report()) == "AB"
    assert status(a_call(CallState.RINGING, dial_status="BUSY"), report("NOANSWER")) == "NA"


def test_report_of_an_answered_call_knows_machine_and_drop() -> None:
    call = a_call(CallState.ANSWERED, kind=CallKind.AUTO)
    assert status(call, report()) == "PU"
    assert status(call, report(), dropped=True) == "DROP"
    assert status(call, report(), machine="MACHINE", dropped=True) == "AA"


def test_originate_that_failed_is_judged_at_once() -> None:
    failed = signals.OriginateFailed(at=NOW, dial_status="CONGESTION", reason="not_connected")
    found = with_result(a_call(CallState.SENT), failed)
    assert isinstance(found, signals.OriginateFailed)
    assert (found.network_status, found.reason) == ("ADCT", "not_connected")
