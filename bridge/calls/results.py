"""What the network's account of a call means as a disposition. Pure.

The table follows VICIdial's automatic statuses, which callers' reports are built on.
"""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.calls import clicks, signals
from bridge.calls.model import AnsweredBy, Call, CallKind

UNALLOCATED: Final = 1
"""Q.850: unallocated number."""
BUSY: Final = 17
"""Q.850: user busy."""
TEMPORARY: Final = frozenset({19, 21, 34, 38})
"""Q.850 causes of congestion after which the number may work later: no answer from the user, call rejected,
no circuit available, network out of order."""

OUR_SIDE: Final = frozenset({None, 0, 20})
"""No cause, or subscriber absent: our own trunk is down, which says nothing of the number."""


def network_result(
    dial_status: str, cause: int | None, *, answered: bool, machine: str = "", dropped: bool = False
) -> str:
    """The status of a call to which no agent has given one.

    Args:
        dial_status: DIALSTATUS of the dialplan or DialStatus of `DialEnd`; empty if there was none.
        cause: Q.850 cause of the hang-up, if known.
        answered: whether the far end answered; then nobody but an agent knows more than that.
        machine: what answered, if no person: `MACHINE`, `MESSAGE` (one is being left), `PLAYED` (it was) or
            `FAX`.
        dropped: no agent was there in time for a call that was answered.
    """
    if machine in _MACHINES:
        return _MACHINES[machine]
    if answered:
        return "DROP" if dropped else "PU"
    if dial_status == "BUSY" or (not dial_status and cause == BUSY):
        return "AB"
    if dial_status in {"CONGESTION", "CHANUNAVAIL"} or cause == UNALLOCATED:
        return _unreachable(dial_status, cause)
    return "NA"


def _abandoned(call: Call) -> bool:
    """Whether we have ended an automatic call that was answered and that no agent had."""
    ours = call.kind is CallKind.AUTO and call.hangup_asked_at is not None
    return ours and call.answered_at is not None and call.bridged_at is None


def machine_of(call: Call) -> str:
    """What has answered, if it was no person."""
    return "MACHINE" if call.answered_by is AnsweredBy.MACHINE else ""


_MACHINES = {"MACHINE": "AA", "MESSAGE": "AM", "PLAYED": "AL", "FAX": "AFAX"}


def _unreachable(dial_status: str, cause: int | None) -> str:
    """`ADC` takes a number out of all lists: only for what the network says of the number itself."""
    if cause == UNALLOCATED or (dial_status == "CHANUNAVAIL" and cause not in TEMPORARY | OUR_SIDE):
        return "ADC"
    return "ADCT"


def with_result(
    call: Call, signal: signals.Signal, machine: str = "", *, dropped: bool = False
) -> signals.Signal:
    """Put into the account of an end what it means as a status, where that is known now.

    A call that ran in the dialplan is reported from there, with more than the Hangup event knows; only
    a call that never got there is judged by its events.
    """
    if not isinstance(signal, signals.Ending | signals.OriginateFailed) or signal.network_status:
        return signal
    if clicks.awaits_extension(call) and not isinstance(signal, signals.Report):
        return msgspec.structs.replace(signal, network_status=clicks.NOBODY_CALLED)
    if isinstance(signal, signals.HangupSeen) and (call.kind is not CallKind.AUTO or call.answered_at):
        return signal
    dial_status = signal.dial_status or call.dial_status
    answered = call.answered_at is not None
    dropped = dropped or _abandoned(call)
    machine = machine or machine_of(call)
    status = network_result(dial_status, signal.cause, answered=answered, machine=machine, dropped=dropped)
    return msgspec.structs.replace(signal, network_status=status)
