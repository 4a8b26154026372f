"""Typed events."""

from __future__ import annotations

import inspect

import pytest

from bridge.ami import events
from bridge.ami.events.base import EVENT_TYPES
from bridge.ami.fields import Field
from bridge.ami.message import Message

WANTED = [
    "Newchannel",
    "Newstate",
    "DialBegin",
    "DialState",
    "DialEnd",
    "Hangup",
    "OriginateResponse",
    "BridgeCreate",
    "BridgeEnter",
    "BridgeLeave",
    "BridgeDestroy",
    "ConfbridgeJoin",
    "ConfbridgeLeave",
    "ConfbridgeStart",
    "ConfbridgeEnd",
    "ConfbridgeTalking",
    "QueueCallerJoin",
    "QueueCallerLeave",
    "QueueCallerAbandon",
    "AgentCalled",
    "AgentConnect",
    "AgentComplete",
    "AgentRingNoAnswer",
    "QueueMemberStatus",
    "QueueMemberPause",
    "QueueMemberAdded",
    "QueueMemberRemoved",
    "UserEvent",
    "DTMFEnd",
    "VarSet",
    "HangupRequest",
    "SoftHangupRequest",
    "FullyBooted",
    "Shutdown",
    "Hold",
    "Unhold",
    "Cdr",
    "CoreShowChannel",
    "BridgeListItem",
    "QueueParams",
    "QueueMember",
    "QueueEntry",
    "ConfbridgeList",
    "Status",
    "DeviceStateChange",
    "ListDialplan",
    "ChannelHungup",
]


@pytest.mark.parametrize("name", WANTED)
def test_each_event_of_interest_has_a_class(name: str) -> None:
    event = events.typed(Message(f"Event: {name}\r\nPrivilege: call,all".encode()))
    assert type(event) is getattr(events, name)
    assert event.privilege == "call,all"


@pytest.mark.parametrize("kind", EVENT_TYPES.values(), ids=lambda kind: kind.__name__)
def test_no_attribute_fails_on_an_event_without_headers(kind: type[events.AmiEvent]) -> None:
    event = kind(f"Event: {kind.event}".encode())
    names = [name for name, _ in inspect.getmembers(kind, lambda member: isinstance(member, Field))]
    assert [getattr(event, name) for name in names]
    assert event.timestamp is None
    assert not hasattr(event, "__dict__")  # a thousand of them are kept at a time


def test_an_unknown_event_stays_reachable() -> None:
    event = events.typed(Message(b"Event: Novelty\r\nNews: yes"))
    assert type(event) is events.AmiEvent
    assert (event.name, event["News"]) == ("Novelty", "yes")


def test_a_hangup() -> None:
    event = events.typed(
        Message(
            b"Event: Hangup\r\nTimestamp: 1795486133.537121\r\nChannel: PJSIP/1000-1\r\nChannelState: 6\r\n"
            b'CallerIDName: \\"Bob\\"\r\nUniqueid: u1\r\nLinkedid: l1\r\nCause: 17\r\nCause-txt: User busy'
        )
    )
    assert isinstance(event, events.Hangup)
    assert (event.channel, event.channel_state, event.cause) == ("PJSIP/1000-1", 6, 17)
    assert (event.cause_txt, event.uniqueid, event.linkedid) == ("User busy", "u1", "l1")
    assert event.caller_id_name == '"Bob"'
    assert event.timestamp == 1795486133.537121


def test_channel_variables_of_both_channels() -> None:
    event = events.DialBegin(
        b"Event: DialBegin\r\nChanVariable: A=x\\ny\r\nChanVariable: B=k=v\r\nDestChanVariable: A=2"
    )
    assert event.variables() == {"A": "x\ny", "B": "k=v"}
    assert event.variables("DestChanVariable") == {"A": "2"}


def test_the_end_of_an_originate() -> None:
    assert events.OriginateResponse(b"Event: OriginateResponse\r\nResponse: Success\r\nReason: 4").success
    failed = events.OriginateResponse(b"Event: OriginateResponse\r\nResponse: Failure\r\nReason: 0")
    assert not failed.success
    assert failed.reason == 0


def test_a_member_of_a_queue_has_the_same_attributes_in_lists_and_events() -> None:
    row = events.QueueMember(b"Event: QueueMember\r\nName: Ann\r\nLocation: Local/1@r/n\r\nPaused: 1")
    event = events.QueueMemberPause(
        b"Event: QueueMemberPause\r\nMemberName: Ann\r\nInterface: Local/1@r/n\r\nPaused: 1"
    )
    assert (row.member_name, row.interface, row.paused) == (event.member_name, event.interface, event.paused)


def test_all_names_are_exported_once() -> None:
    assert sorted(set(events.__all__)) == sorted(events.__all__)
    assert {kind.__name__ for kind in EVENT_TYPES.values()} <= set(events.__all__)
