"""Every state meets every signal."""

from __future__ import annotations

import itertools
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from session_makers import LATER, WITH_CALL, a_session

from bridge.agents import signals
from bridge.agents.effects import (
    DropWaitingDials,
    Emit,
    GiveLeadBack,
    HangupPhone,
    SetDeviceState,
    TellCall,
)
from bridge.agents.errors import Refused
from bridge.agents.model import AgentSession, AgentState, Preview
from bridge.agents.signals import Command, Fact, Notice, Signal
from bridge.agents.state import TABLE, step
from bridge.events.catalogue import AgentEvent, AgentPhone, AgentPreviewDropped, AgentPreviewing

COLUMNS = "CPRODIWL"
STATES = dict(zip(COLUMNS, AgentState, strict=True))

# One letter a state; `.` changes no state, `!` is refused. After its call, the session goes where it was.
EXPECTED = """
                C P R O D I W L
PhoneUp         P . . . . . . .
PhoneFailed     L . . . . . . .
PhoneLost       L L L L L L L .
SnapshotPresent P . . . . . . .
SnapshotAbsent  . L L L L L L .
Pause           . . P . . . . !
Resume          ! R ! ! ! ! . !
ReadyAfterCall  ! ! ! . . . . !
SetPauseReason  ! . ! ! ! ! . !
Logout          L L L . . . . !
ChangeQueues    ! . . . . . . !
RingAgain       ! . . . . . . !
PlaySound       ! . . . . . . !
PlaybackPaused  ! . . . . . . !
PlaybackStopped ! . . . . . . !
Dial            ! D ! ! ! ! ! !
ShowPreview     ! . ! ! ! ! ! !
DropPreview     ! . . . . . . !
Offer           ! ! O ! ! ! ! !
SwitchLead      ! ! ! . ! . ! !
OfferFailed     . . . R . . . .
Bridged         . I I I I . . .
CallOver        . . . W W W . .
Disposed        . . . R P R R .
"""

SIGNALS: dict[str, Signal] = {
    "PhoneUp": signals.PhoneUp(at=LATER),
    "PhoneFailed": signals.PhoneFailed(at=LATER),
    "PhoneLost": signals.PhoneLost(at=LATER),
    "SnapshotPresent": signals.SnapshotPresent(at=LATER),
    "SnapshotAbsent": signals.SnapshotAbsent(at=LATER),
    "Pause": signals.Pause(at=LATER, reason="LUNCH"),
    "Resume": signals.Resume(at=LATER),
    "ReadyAfterCall": signals.ReadyAfterCall(at=LATER),
    "SetPauseReason": signals.SetPauseReason(at=LATER, reason="BREAK"),
    "Logout": signals.Logout(at=LATER),
    "ChangeQueues": signals.ChangeQueues(at=LATER, queues=("support",), blended=False),
    "RingAgain": signals.RingAgain(at=LATER, channel="phone-2"),
    "PlaySound": signals.PlaySound(at=LATER, channel="sound-1", sound="hello"),
    "PlaybackPaused": signals.PlaybackPaused(at=LATER, paused=True),
    "PlaybackStopped": signals.PlaybackStopped(at=LATER, channel="sound-1"),
    "Dial": signals.Dial(at=LATER, call_id="call-2", lead_id=7),
    "ShowPreview": signals.ShowPreview(at=LATER, preview=Preview(number="7275550100", lead_id=7)),
    "DropPreview": signals.DropPreview(at=LATER, reason="skipped"),
    "Offer": signals.Offer(at=LATER, call_id="call-2", lead_id=7),
    "SwitchLead": signals.SwitchLead(at=LATER, lead_id=43),
    "OfferFailed": signals.OfferFailed(at=LATER, call_id="call-1"),
    "Bridged": signals.Bridged(at=LATER, call_id="call-1"),
    "CallOver": signals.CallOver(at=LATER, call_id="call-1", wrapup=True),
    "Disposed": signals.Disposed(at=LATER, call_id="call-1"),
}


def matrix() -> list[tuple[str, AgentState, str]]:
    lines = EXPECTED.strip().splitlines()
    assert lines[0].split() == list(COLUMNS)
    rows = [line.split() for line in lines[1:]]
    return [(row[0], STATES[c], cell) for row in rows for c, cell in zip(COLUMNS, row[1:], strict=True)]


def test_the_matrix_holds_every_signal_there_is() -> None:
    facts = {*Fact.__subclasses__(), *signals.PhoneFact.__subclasses__()} - {signals.PhoneFact}
    there = {*Command.__subclasses__(), *facts, *Notice.__subclasses__()}
    assert {type(one) for one in SIGNALS.values()} == there
    assert {name for name, _, _ in matrix()} == set(SIGNALS)


@pytest.mark.parametrize(("name", "state", "cell"), matrix())
def test_every_state_meets_every_signal(name: str, state: AgentState, cell: str) -> None:
    session, signal = a_session(state), SIGNALS[name]
    if cell == "!":
        with pytest.raises(Refused) as caught:
            step(session, signal)
        assert (caught.value.command, caught.value.state) == (name, state)
        assert state.value in str(caught.value)
        return
    after = step(session, signal)
    assert after.session.state is (state if cell == "." else STATES[cell])


def variants(state: AgentState) -> list[AgentSession]:
    """The session with every plan for afterwards, the signal's call or another, queues or none."""
    calls = ({}, {"call_id": "call-2"}) if state in WITH_CALL else ({},)
    plans = AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OUT
    previews = (None, *PREVIEWS) if state is AgentState.PAUSED else (None,)
    phones = (*NO_HOOK, *ON_HOOK) if state is not AgentState.CONNECTING else NO_HOOK
    shapes = itertools.product(calls, plans, ((), ("sales", "support")), ("", "LUNCH"), previews, phones)
    return [
        a_session(
            state,
            after_call=plan,
            queues=queues,
            pause_reason=reason,
            logout_reason="asked",
            preview=preview,
            **call | phone,
        )
        for call, plan, queues, reason, preview, phone in shapes
    ]


NO_HOOK: tuple[dict[str, Any], ...] = ({},)
ON_HOOK: tuple[dict[str, Any], ...] = ({"on_hook": True}, {"on_hook": True, "channel": "another"})
"""Her phone is rung for each call: it is not up, or it is."""


TAKEN = Preview(number="7275550100", lead_id=7, lead_status="NEW")
PREVIEWS = (Preview(number="7275550101"), Preview(number="7275550100", lead_id=7), TAKEN)
"""A number, a lead that was named, and the next one, which was taken for her."""


MORE_SIGNALS = [
    *SIGNALS.values(),
    signals.CallOver(at=LATER, call_id="call-1", wrapup=False),
    signals.Logout(at=LATER, now=True),
    signals.Dial(at=LATER, call_id="call-2", from_ready=True),
    signals.SnapshotAbsent(at=LATER, asterisk_restarted=True),
    signals.Pause(at=LATER),
    *(kind(at=LATER, channel="another") for kind in signals.PhoneFact.__subclasses__()),
]


@pytest.mark.parametrize("state", AgentState)
@pytest.mark.parametrize("signal", MORE_SIGNALS, ids=lambda signal: type(signal).__name__)
def test_whatever_the_session_is_like(signal: Signal, state: AgentState) -> None:
    for session in variants(state):
        try:
            after = step(session, signal)
        except Refused:
            assert isinstance(signal, Command), "facts are never refused"
            continue
        rule = TABLE.get(type(signal), {}).get(state)
        assert after.session.state in (rule.to if rule else (state,)), "only where the table says"
        assert after == step(session, signal), "the same again gives the same"
        check_change(session, after.session, after.effects)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_move_of_the_table_happens(kind: type[Signal]) -> None:
    """The diagrams are drawn from the table: a move in it that cannot happen would be a lie."""
    for state, rule in TABLE[kind].items():
        met = {after for signal in MORE_SIGNALS if type(signal) is kind for after in ends(state, signal)}
        assert met == set(rule.to), f"{kind.__name__} in {state}"


def ends(state: AgentState, signal: Signal) -> set[AgentState]:
    met = set()
    for session in variants(state):
        with suppress(Refused):
            met.add(step(session, signal).session.state)
    return met


def check_change(before: AgentSession, after: AgentSession, effects: tuple[Any, ...]) -> None:
    news = [e.event for e in effects if isinstance(e, Emit) and isinstance(e.event, AgentEvent)]
    if after is before:
        assert not news, "no news without a change"
        return
    assert after.version > before.version
    assert msgspec.structs.replace(after, version=before.version) != before, (
        "a new version says something new"
    )
    besides = AgentPhone | AgentPreviewDropped | AgentPreviewing
    moves = [event for event in news if not isinstance(event, besides)]
    if after.state is not before.state:
        assert [event.state for event in moves] == [after.state], "one event for one move"
    check_preview(before, after, effects)
    assert (after.call_id is not None) == (after.state in WITH_CALL), "a call in hand, or none"
    assert (after.ready_since is not None) == (after.state in (AgentState.READY, AgentState.OFFERED))
    if after.state is AgentState.LOGGED_OUT:
        assert after.logged_out_at
        assert after.logout_reason
    if after.state in (AgentState.READY, AgentState.PAUSED, AgentState.LOGGED_OUT):
        assert HangupPhone(channel=after.id) not in effects or after.state is AgentState.LOGGED_OUT
    devices = [effect.state for effect in effects if isinstance(effect, SetDeviceState)]
    if devices:
        assert (devices[-1] == "NOT_INUSE") == (after.state is AgentState.READY), (
            "a call only while she waits"
        )

    if after.on_hook:
        assert not after.channel or after.call_id, "no phone is up without a call"
        assert HangupPhone(channel="") not in effects


def check_preview(before: AgentSession, after: AgentSession, effects: tuple[Any, ...]) -> None:
    assert after.preview is None or after.state is AgentState.PAUSED, "only who is paused looks at something"
    gone = [e.event for e in effects if isinstance(e, Emit) and isinstance(e.event, AgentPreviewDropped)]
    lost = before.preview is not None and after.preview != before.preview
    assert len(gone) == int(lost), "whoever looks at it no more is told"
    shown = [e.event for e in effects if isinstance(e, Emit) and isinstance(e.event, AgentPreviewing)]
    assert len(shown) == int(after.preview is not None and after.preview != before.preview)
    back = [effect for effect in effects if isinstance(effect, GiveLeadBack)]
    dialled = after.state is AgentState.DIALING and after.lead_id == TAKEN.lead_id
    assert len(back) == int(lost and before.preview == TAKEN and not dialled), "taken, dialled or given back"


def test_a_lead_that_she_passes_over_is_nobodys_until_the_reset() -> None:
    looking = a_session(AgentState.PAUSED, preview=TAKEN)
    for signal, passed_over in (
        (signals.DropPreview(at=LATER, reason="skipped"), True),
        (signals.DropPreview(at=LATER, reason="finished"), True),
        (signals.Resume(at=LATER), False),
        (signals.Logout(at=LATER), False),
        (signals.Dial(at=LATER, call_id="call-2", lead_id=8), False),
    ):
        wanted = GiveLeadBack(lead_id=7, status="NEW", passed_over=passed_over)
        assert wanted in step(looking, signal).effects


@pytest.mark.parametrize("state", sorted(set(AgentState) - {AgentState.CONNECTING, AgentState.LOGGED_OUT}))
def test_nothing_waits_for_who_has_left(state: AgentState) -> None:
    assert DropWaitingDials() in step(a_session(state), signals.PhoneLost(at=LATER)).effects


@pytest.mark.parametrize("state", WITH_CALL)
@pytest.mark.parametrize(
    "end", [signals.PhoneLost(at=LATER), signals.SnapshotAbsent(at=LATER), signals.Logout(at=LATER, now=True)]
)
def test_call_in_hand_is_told_that_she_is_gone(end: Signal, state: AgentState) -> None:
    effects = step(a_session(state), end).effects
    told = [(effect.call_id, effect.signal) for effect in effects if isinstance(effect, TellCall)]
    assert [call for call, _ in told] == ["call-1"]
    assert getattr(told[0][1], "session_id", None) == "session-1"


@pytest.mark.parametrize("state", sorted(set(AgentState) - {AgentState.READY}))
def test_nobody_is_given_two_callers(state: AgentState) -> None:
    with pytest.raises(Refused):
        step(a_session(state), signals.Offer(at=LATER, call_id="call-2"))
