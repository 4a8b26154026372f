"""Events to those who asked for them."""

from __future__ import annotations

from bridge.ami import events
from bridge.ami.events.base import AmiEvent
from bridge.ami.routing import Router


def give(router: Router, raw: bytes) -> None:
    """Give an event to a router as the reader does."""
    line = raw.partition(b"\r\n")[0]
    route = router.routes[line] if line in router.routes else router.learn(line)
    if route is not None:
        route(raw)


def test_an_event_goes_typed_to_all_who_asked_for_it() -> None:
    router = Router()
    first: list[AmiEvent] = []
    second: list[AmiEvent] = []
    router.add(["Hangup", "Newchannel"], first.append)
    router.add(["Hangup"], second.append)
    give(router, b"Event: Hangup\r\nCause: 16")
    give(router, b"Event: Newchannel")
    assert [type(event) for event in first] == [events.Hangup, events.Newchannel]
    assert second == first[:1]


def test_what_nobody_asked_for_is_remembered_as_unwanted() -> None:
    router = Router()
    router.add(["Hangup"], lambda _: None)
    assert router.learn(b"Event: VarSet") is None
    assert router.routes == {b"Event: VarSet": None}


def test_a_sink_for_all_gets_named_and_unnamed_events_once() -> None:
    router = Router()
    every: list[AmiEvent] = []
    router.add(["Hangup"], lambda _: None)
    router.add(None, every.append)
    for name in (b"Hangup", b"Novelty", b"Newchannel"):
        give(router, b"Event: " + name)
    assert [event.name for event in every] == ["Hangup", "Novelty", "Newchannel"]
    assert [type(event) for event in every] == [events.Hangup, AmiEvent, events.Newchannel]


def test_whoever_comes_later_gets_what_was_unwanted_before() -> None:
    router = Router()
    got: list[AmiEvent] = []
    give(router, b"Event: Hangup")
    router.add(["Hangup"], got.append)
    give(router, b"Event: Hangup")
    assert len(got) == 1


def test_leaving_removes_only_the_one_who_leaves() -> None:
    router = Router()
    got: list[AmiEvent] = []
    leave_all = router.add(None, got.append)
    leave_named = router.add(["Hangup"], got.append)
    leave_all()
    give(router, b"Event: Hangup")
    give(router, b"Event: Newchannel")
    assert len(got) == 1
    leave_named()
    give(router, b"Event: Hangup")
    assert len(got) == 1


def test_naming_an_event_twice_gives_it_once() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add(["Hangup", "Hangup"], got.append)
    give(router, b"Event: Hangup")
    assert len(got) == 1


def test_one_name_needs_no_list() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add("Hangup", got.append)()
    router.add("Hangup", got.append)
    give(router, b"Event: Hangup")
    give(router, b"Event: H")
    assert len(got) == 1


def test_other_spellings_of_the_first_line() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add(["Hangup"], got.append)
    for line in (b"Event:Hangup", b"EVENT: Hangup", b"Event:  Hangup"):
        give(router, line + b"\r\nCause: 16")
    assert [type(event) for event in got] == [events.Hangup] * 3


def test_surplus_line_ends_are_taken_off() -> None:
    router = Router()
    got: list[AmiEvent] = []
    router.add(["Hangup"], got.append)
    give(router, b"Event: Hangup\r\nCause: 16\r\n")
    assert got == [AmiEvent(b"Event: Hangup\r\nCause: 16")]


def test_a_peer_gone_mad_cannot_fill_the_memory() -> None:
    router = Router()
    for number in range(5000):
        router.learn(f"Event: E{number}".encode())
    assert len(router.routes) <= 2000


def test_the_routes_stay_the_same_object() -> None:
    router = Router()
    routes = router.routes
    router.add(["Hangup"], lambda _: None)()
    assert router.routes is routes
