"""Events to those who asked for them."""

from __future__ import annotations

from bridge.ami import events
from bridge.ami.events.base import AmiEvent
from bridge.ami.routing import Router


def test_an_event_goes_typed_to_all_who_asked_for_it() -> None:
    router = Router()
    first: list[AmiEvent] = []
    second: list[AmiEvent] = []
    router.add(["Hangup", "Newchannel"], first.append)
    router.add(["Hangup"], second.append)
    router.table[b"Hangup"](b"Event: Hangup\r\nCause: 16")
    router.table[b"Newchannel"](b"Event: Newchannel")
    assert [type(event) for event in first] == [events.Hangup, events.Newchannel]
    assert second == first[:1]


def test_what_nobody_asked_for_is_not_in_the_table() -> None:
    router = Router()
    router.add(["Hangup"], lambda _: None)
    assert list(router.table) == [b"Hangup"]
    assert router.rest is None


def test_a_sink_for_all_gets_named_and_unnamed_events_once() -> None:
    router = Router()
    every: list[AmiEvent] = []
    router.add(["Hangup"], lambda _: None)
    router.add(None, every.append)
    router.table[b"Hangup"](b"Event: Hangup")
    assert router.rest is not None
    router.rest(b"Event: Novelty")
    router.rest(b"Event: Newchannel")
    assert [event.name for event in every] == ["Hangup", "Novelty", "Newchannel"]
    assert isinstance(every[2], events.Newchannel)


def test_leaving_removes_only_the_one_who_leaves() -> None:
    router = Router()
    got: list[AmiEvent] = []
    leave_all = router.add(None, got.append)
    leave_named = router.add(["Hangup"], got.append)
    leave_all()
    assert router.rest is None
    router.table[b"Hangup"](b"Event: Hangup")
    assert len(got) == 1
    leave_named()
    assert router.table == {}


def test_naming_an_event_twice_gives_it_once() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add(["Hangup", "Hangup"], got.append)
    router.table[b"Hangup"](b"Event: Hangup")
    assert len(got) == 1


def test_surplus_line_ends_are_taken_off() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add(["Hangup"], got.append)
    router.table[b"Hangup"](b"Event: Hangup\r\nCause: 16\r\n")
    assert got == [AmiEvent(b"Event: Hangup\r\nCause: 16")]


def test_the_table_stays_the_same_object() -> None:
    router = Router()
    table = router.table
    router.add(["Hangup"], lambda _: None)
    assert router.table is table
