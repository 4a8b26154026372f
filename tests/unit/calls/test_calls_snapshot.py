"""What a list of channels says about calls."""

from __future__ import annotations

import pytest
from call_makers import LATER, NOW, a_call
from core_bench import ami_event, channel
from hypothesis import given
from hypothesis import strategies as st

from bridge.ami.events import CoreShowChannel
from bridge.calls import state
from bridge.calls.model import CallKind, CallState
from bridge.calls.signals import SnapshotAbsent, SnapshotPresent
from bridge.calls.snapshot import Snapshot
from bridge.ids import uuid7

MANUAL, AUTO, INBOUND, DIALPLAN, *_ = CallKind
DOWN, RINGING, UP = 0, 5, 6


def present(seen: CallState, customer: str = "") -> SnapshotPresent:
    return SnapshotPresent(at=NOW, seen=seen, channel=customer)


@pytest.mark.parametrize("kind", CallKind)
@pytest.mark.parametrize("restarted", [True, False])
def test_call_without_a_channel_is_absent(kind: CallKind, restarted: bool) -> None:  # noqa: FBT001
    call = a_call(CallState.DIALING, kind=kind, channel="cust")
    snapshot = Snapshot([channel("stranger", bridge="room")], taken=LATER, restarted=restarted)
    assert snapshot.of_call(call, NOW) == SnapshotAbsent(at=NOW, asterisk_restarted=restarted)


@pytest.mark.parametrize("kind", [INBOUND, DIALPLAN])
def test_call_whose_channel_is_not_known_is_absent(kind: CallKind) -> None:
    """An unknown channel is not that of a row without a unique id."""
    snapshot = Snapshot([channel("")], taken=LATER, restarted=False)
    assert isinstance(snapshot.of_call(a_call(CallState.PLANNED, kind=kind), NOW), SnapshotAbsent)


@pytest.mark.parametrize(
    ("channel_state", "seen"),
    [
        (DOWN, CallState.DIALING),
        (4, CallState.DIALING),
        (RINGING, CallState.RINGING),
        (UP, CallState.ANSWERED),
    ],
)
def test_call_dialled_alone_is_as_far_as_its_channel(channel_state: int, seen: CallState) -> None:
    snapshot = Snapshot([channel("call-1", state=channel_state)], taken=LATER, restarted=False)
    assert snapshot.of_call(a_call(CallState.SENT, kind=AUTO), NOW) == present(seen, "call-1")


def test_call_dialled_alone_that_is_in_a_bridge_talks() -> None:
    snapshot = Snapshot([channel("call-1", bridge="room")], taken=LATER, restarted=False)
    assert snapshot.of_call(a_call(CallState.SENT, kind=AUTO), NOW) == present(CallState.BRIDGED, "call-1")


def test_manual_call_still_dials_while_its_half_is_alone() -> None:
    """Its own channel is up at once: that says nothing of the customer."""
    rows = [channel("call-1", state=UP), channel("cust", state=RINGING)]
    found = Snapshot(rows, taken=LATER, restarted=False).of_call(a_call(CallState.SENT), NOW)
    assert found == present(CallState.DIALING)


def test_manual_call_in_a_bridge_talks_with_who_is_there_too() -> None:
    rows = [channel("other", bridge="room-2"), channel("call-1", bridge="b"), channel("cust", bridge="b")]
    found = Snapshot(rows, taken=LATER, restarted=False).of_call(a_call(CallState.SENT), NOW)
    assert found == present(CallState.BRIDGED, "cust")


def test_manual_call_whose_own_half_is_gone_is_seen_by_its_customer() -> None:
    """Asterisk takes Local channels out of the way once both ends talk."""
    rows = [channel("cust", bridge="b"), channel("agent", bridge="b")]
    call = a_call(CallState.ANSWERED, channel="cust")
    found = Snapshot(rows, taken=LATER, restarted=False).of_call(call, NOW)
    assert isinstance(found, SnapshotPresent)
    assert found.seen is CallState.BRIDGED


def test_caller_waits_until_she_is_bridged() -> None:
    call = a_call(CallState.PLANNED, kind=INBOUND, channel="cust")
    waits = Snapshot([channel("cust")], taken=LATER, restarted=False).of_call(call, NOW)
    talks = Snapshot([channel("cust", bridge="b")], taken=LATER, restarted=False).of_call(call, NOW)
    assert (waits, talks) == (present(CallState.QUEUED, "cust"), present(CallState.BRIDGED, "cust"))


def test_call_dialled_on_a_phone_dials_and_talks() -> None:
    call = a_call(CallState.PLANNED, kind=DIALPLAN, channel="phone")
    dials = Snapshot([channel("phone")], taken=LATER, restarted=False).of_call(call, NOW)
    rows = [channel("phone", bridge="b"), channel("cust", bridge="b")]
    talks = Snapshot(rows, taken=LATER, restarted=False).of_call(call, NOW)
    assert (dials, talks) == (present(CallState.DIALING), present(CallState.BRIDGED, "cust"))


def test_it_knows_which_channels_are_up_and_which_are_ours() -> None:
    ours = uuid7()
    snapshot = Snapshot(
        [channel(ours), channel(f"{ours};2"), channel("1732420800.17")], taken=LATER, restarted=False
    )
    assert snapshot.has("1732420800.17")
    assert not snapshot.has("1732420800.18")
    assert snapshot.ours == {ours}, "the second half of a Local channel is none that we have named"


def test_what_began_after_it_cannot_be_in_it() -> None:
    snapshot = Snapshot([], taken=NOW, restarted=False)
    assert not snapshot.could_show(LATER)
    assert not snapshot.could_show(NOW)
    assert snapshot.could_show(NOW - (LATER - NOW))


def test_phone_is_seated_when_it_is_in_the_room_and_not_while_it_rings() -> None:
    in_room = ami_event(CoreShowChannel, Uniqueid="alone", Application="ConfBridge")
    rows = [channel("rings", state=RINGING), channel("bridged", bridge="room"), in_room]
    snapshot = Snapshot(rows, taken=LATER, restarted=False)
    assert [snapshot.seated(name) for name in ("rings", "bridged", "alone", "gone")] == [
        False,
        True,
        True,
        False,
    ]


def test_it_knows_whose_phones_are_in_which_room() -> None:
    def row(name: str, context: str, **more: object) -> CoreShowChannel:
        return ami_event(CoreShowChannel, Uniqueid=name, Context=context, Exten="8600051", **more)

    rows = [
        row("comes", "bridge-agent"),
        row("sits", "bridge-agent", Application="ConfBridge", BridgeId="room"),
        row("customer", "bridge-room", Application="ConfBridge", BridgeId="room"),
    ]
    snapshot = Snapshot(rows, taken=LATER, restarted=False)
    assert snapshot.phones_in("8600051") == {"comes", "sits"}
    assert snapshot.phones == {"sits"}
    assert snapshot.is_used("8600051")
    assert not snapshot.phones_in("8600052")
    assert not Snapshot(rows[:2], taken=LATER, restarted=False).is_used("8600051"), "nobody but her"


NAMES = st.sampled_from(["call-1", "cust", "phone", ""])
ROWS = st.builds(channel, NAMES, state=st.integers(-1, 9), bridge=st.sampled_from(["", "room", "b"]))


@given(
    st.sampled_from(CallState), st.sampled_from(CallKind), NAMES, st.lists(ROWS, max_size=4), st.booleans()
)
def test_every_call_bears_every_snapshot(
    where: CallState,
    kind: CallKind,
    customer: str,
    rows: list[object],
    restarted: bool,  # noqa: FBT001
) -> None:
    """Whatever is listed, the state machine takes it and never goes back."""
    call = a_call(where, kind=kind, channel=customer)
    snapshot = Snapshot(rows, taken=LATER, restarted=restarted)  # type: ignore[arg-type] # `builds` says object
    after = state.step(call, snapshot.of_call(call, NOW)).call
    assert after.version >= call.version
    assert after.state is call.state or after.state is not CallState.PLANNED
