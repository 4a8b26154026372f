"""Every state meets every signal."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from call_makers import LATER, NOW, a_call

from bridge.calls import signals
from bridge.calls.effects import Emit, SendOriginate
from bridge.calls.errors import Refused
from bridge.calls.model import AnsweredBy, Call, CallKind, CallState
from bridge.calls.signals import Command, Fact, Sight, Signal
from bridge.calls.state import TABLE, step
from bridge.events.catalogue import CallDisposed

COLUMNS = "PSUDRQABEX"
STATES = dict(zip(COLUMNS, CallState, strict=True))

# One letter a state; `.` changes no state, `!` is refused. A manual call of session s1, with wrap-up, for
# which the network has a word; the ended one is in wrap-up.
EXPECTED = """
                   P S U D R Q A B E X
Send               S ! ! ! ! ! ! ! ! !
Forbid             X ! ! ! ! ! ! ! ! !
Assign             . . . . . . . . ! !
AgentStatus        . . . . . . . . X !
HangupAsked        X . . . . . . . ! !
SwitchLead         . . . . . . . . ! !
KeepMessages       . . . . . . . . ! !
LinkLost           . U . . . . . . . .
GiveUp             . . X . . . . . . .
WrapupOver         . . . . . . . . X .
Unassign           . . . . . . . . . .
Screened           . . . . . . . . . .
Parked             . . . . . . . . . .
Unparked           . . . . . . . . . .
PassedOn           E E E E E E E E . .
LeadChanged        . . . . . . . . . .
AgentGone          X . . . . . . . X .
AgentHungUp        . . . . . . . . . .
OriginateAccepted  . . . . . . . . . .
OriginateFailed    . X X X X . . . . .
ChannelUp          D D D . . . . . . .
ExtensionAnswered  D D D . . . . . . .
Ringing            R R R R . . . . . .
Queued             Q Q Q Q Q . Q . . .
Answered           A A A A A . . . . .
AgentBridged       B B B B B B B . . .
Report             X X X X X X E E . .
HangupSeen         X X X X X X E E . .
SnapshotPresent    R R R R . . . . . .
SnapshotAbsent     . . . X X X E E . .
"""

SEEN = {"dialing", "ringing", "queued", "answered", "bridged"}

SIGNALS: dict[str, Signal] = {
    "Send": signals.Send(at=LATER),
    "Forbid": signals.Forbid(at=LATER, rule="dnc_system", why="on a list", network_status="DNCL"),
    "Assign": signals.Assign(at=LATER, session_id="s1", user="anna", room="8600051"),
    "AgentStatus": signals.AgentStatus(at=LATER, status="SALE"),
    "HangupAsked": signals.HangupAsked(at=LATER),
    "SwitchLead": signals.SwitchLead(at=LATER, lead_id=43),
    "KeepMessages": signals.KeepMessages(at=LATER, sounds=("hello", "goodbye")),
    "LinkLost": signals.LinkLost(at=LATER),
    "GiveUp": signals.GiveUp(at=LATER),
    "WrapupOver": signals.WrapupOver(at=LATER),
    "Unassign": signals.Unassign(at=LATER, session_id="s1"),
    "Screened": signals.Screened(at=LATER, answered_by=AnsweredBy.MACHINE),
    "Parked": signals.Parked(at=LATER),
    "Unparked": signals.Unparked(at=LATER),
    "PassedOn": signals.PassedOn(at=LATER, to="call-2"),
    "LeadChanged": signals.LeadChanged(at=LATER, lead_id=43),
    "AgentGone": signals.AgentGone(at=LATER, session_id="s1"),
    "AgentHungUp": signals.AgentHungUp(at=LATER, session_id="s1"),
    "OriginateAccepted": signals.OriginateAccepted(at=LATER),
    "OriginateFailed": signals.OriginateFailed(at=LATER, network_status="AB"),
    "ChannelUp": signals.ChannelUp(at=LATER, channel="cust"),
    "ExtensionAnswered": signals.ExtensionAnswered(at=LATER),
    "Ringing": signals.Ringing(at=LATER),
    "Queued": signals.Queued(at=LATER, queue="sales"),
    "Answered": signals.Answered(at=LATER),
    "AgentBridged": signals.AgentBridged(at=LATER),
    "Report": signals.Report(at=LATER, dial_status="NOANSWER", cause=19, network_status="NA"),
    "HangupSeen": signals.HangupSeen(at=LATER, cause=17, network_status="AB"),
    "SnapshotPresent": signals.SnapshotPresent(at=LATER, seen=CallState.RINGING),
    "SnapshotAbsent": signals.SnapshotAbsent(at=LATER, network_status="NA"),
}


def matrix() -> list[tuple[str, CallState, str]]:
    lines = EXPECTED.strip().splitlines()
    assert lines[0].split() == list(COLUMNS)
    rows = [line.split() for line in lines[1:]]
    return [(row[0], STATES[c], cell) for row in rows for c, cell in zip(COLUMNS, row[1:], strict=True)]


def all_kinds(base: type[Signal]) -> set[type[Signal]]:
    below: set[type[Signal]] = {deeper for kind in base.__subclasses__() for deeper in all_kinds(kind)}
    return below | ({base} if base not in (Command, Fact, Signal, Sight, signals.Ending) else set())


def test_the_matrix_holds_every_signal_there_is() -> None:
    assert {type(one) for one in SIGNALS.values()} == all_kinds(Signal)
    assert {name for name, _, _ in matrix()} == set(SIGNALS)


@pytest.mark.parametrize(("name", "state", "cell"), matrix())
def test_every_state_meets_every_signal(name: str, state: CallState, cell: str) -> None:
    call, signal = a_call(state), SIGNALS[name]
    if cell == "!":
        with pytest.raises(Refused) as caught:
            step(call, signal)
        assert (caught.value.command, caught.value.state) == (name, state)
        assert state.value in str(caught.value)
        return
    after = step(call, signal)
    assert after.call.state is (state if cell == "." else STATES[cell])


def variants(state: CallState) -> list[Call]:
    """The call of every kind, with and without an agent, a wish to hang up, a word, a wrap-up, a channel."""
    shapes = itertools.product(
        CallKind,
        (
            {"session_id": "s1"},
            {"session_id": "s2", "user": "bert"},
            {"session_id": "", "user": "", "room": ""},
        ),
        ({}, {"hangup_asked_at": NOW}),
        ({}, {"pending_status": "CALLBK"}),
        ({"wrapup_seconds": 0}, {"wrapup_seconds": 30}),
        ({}, {"channel": "cust"}),
        ({}, {"default_status": ""}),
    )
    return [
        a_call(state, kind=kind, **agent | wish | word | wrap | channel | status)
        for kind, agent, wish, word, wrap, channel, status in shapes
    ]


@pytest.mark.parametrize("state", CallState)
@pytest.mark.parametrize("name", SIGNALS)
def test_whatever_the_call_is_like(name: str, state: CallState) -> None:
    signal = SIGNALS[name]
    for call in variants(state):
        try:
            after = step(call, signal)
        except Refused:
            assert isinstance(signal, Command), "facts are never refused"
            continue
        rule = TABLE.get(type(signal), {}).get(state)
        assert after.call.state in (rule.to if rule else (state,)), "only where the table says"
        assert after == step(call, signal), "the same again gives the same"
        check_change(call, after.call, after.effects)


MORE_SIGNALS: list[Signal] = [
    *SIGNALS.values(),
    *(signals.SnapshotPresent(at=LATER, seen=seen) for seen in CallState if seen.value in SEEN),
    signals.SnapshotAbsent(at=LATER),
    signals.SnapshotAbsent(at=LATER, asterisk_restarted=True),
    signals.SnapshotAbsent(at=LATER, asterisk_restarted=True, network_status="NA"),
    signals.OriginateFailed(at=LATER),
    signals.Report(at=LATER),
    signals.HangupSeen(at=LATER),
]


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_move_of_the_table_happens(kind: type[Signal]) -> None:
    """The diagrams are drawn from the table: a move in it that cannot happen would be a lie."""
    for state, rule in TABLE[kind].items():
        met = {after for signal in MORE_SIGNALS if type(signal) is kind for after in ends(state, signal)}
        assert met == set(rule.to), f"{kind.__name__} in {state}"


def ends(state: CallState, signal: Signal) -> set[CallState]:
    met = set()
    for call in variants(state):
        with suppress(Refused):
            met.add(step(call, signal).call.state)
    return met


def check_change(before: Call, after: Call, effects: tuple[Any, ...]) -> None:
    if after is before:
        assert not any(isinstance(effect, Emit) for effect in effects), "no news without a change"
        return
    assert after.version > before.version
    assert msgspec.structs.replace(after, version=before.version) != before, (
        "a new version says something new"
    )
    disposals = [e for e in effects if isinstance(e, Emit) and isinstance(e.event, CallDisposed)]
    became_disposed = after.state is CallState.DISPOSED and before.state is not CallState.DISPOSED
    assert len(disposals) == became_disposed
    if after.state is CallState.DISPOSED:
        assert after.status
        assert after.status_source
        assert after.disposed_at
        assert after.ended_at
    sends = [e for e in effects if isinstance(e, SendOriginate)]
    assert len(sends) == (before.state is CallState.PLANNED and after.state is CallState.SENT)
    emitted = [e.event for e in effects if isinstance(e, Emit)]
    if after.state is not before.state and after.state is not CallState.SENT:
        assert emitted[-1].type == f"call.{after.state}", "the last event tells the state that it is in"


@pytest.mark.parametrize("state", sorted(set(CallState) - {CallState.PLANNED}))
def test_what_was_sent_is_never_sent_again(state: CallState) -> None:
    with pytest.raises(Refused):
        step(a_call(state), signals.Send(at=LATER))
