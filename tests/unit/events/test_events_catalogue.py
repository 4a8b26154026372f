"""The catalogue is a contract: types, subjects, rights, and events that survive the log."""

from __future__ import annotations

import typing
from datetime import UTC, datetime
from enum import StrEnum

import msgspec
import pytest

from bridge.events.catalogue import CATALOGUE, AgentEvent, CallEvent, Event, Right, decode, encode
from bridge.screens.model import Look

TYPES = {
    *(f"agent.{name}" for name in ("logging_in", "logged_in", "login_failed", "paused", "ready", "offered")),
    *(
        f"agent.{name}"
        for name in (
            "dialing",
            "incall",
            "wrapup",
            "logged_out",
            "queues",
            "queue_missing",
            "playback",
            "phone",
            "monitored",
        )
    ),
    *(f"agent.{name}" for name in ("previewing", "preview_dropped", "dial_queued", "dial_dropped")),
    *(f"call.{name}" for name in ("planned", "dialing", "ringing", "queued", "answered", "bridged")),
    *(f"call.{name}" for name in ("unknown", "ended", "disposed", "refused", "extension_answered")),
    *(f"asterisk.{name}" for name in ("up", "down", "gap")),
    *(f"recording.{name}" for name in ("started", "stopped", "fetched")),
    *("lead.added", "lead.callback", "lead.changed", "lead.removed", "bridge.started", "bridge.stopped"),
    *(f"screen.{name}" for name in ("fields_updated", "panels_refreshed", "timer_set")),
    *(f"screen.{name}" for name in ("webphone_launched", "notified", "lead_switched", "focused")),
    *("hopper.added", "hopper.filled", "hopper.held", "hopper.removed", "campaign.drop_limit"),
    *("import.advanced", "import.changed", "campaign.dnc_stale", "dnc.list", "lead.consent", "hold.changed"),
    *(f"callback.{name}" for name in ("made", "changed", "due", "done", "removed")),
    *("call.lead_switched", "notification.queued", "user.team_set", "intake.refused", "intake.limited"),
}


def example(kind: type[Event]) -> Event:
    """One with a value in every field."""
    return kind(**{field.name: _value(field.type) for field in msgspec.structs.fields(kind)})


def _value(annotation: object) -> object:
    choices = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return choices[-1]
    if typing.get_origin(annotation) is tuple:
        return (_value(choices[0]),)
    if choices:
        return _value(choices[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)[-1]
    known = {
        str: "ünï",
        int: 7,
        float: 0.5,
        bool: True,
        datetime: datetime(2026, 11, 26, tzinfo=UTC),
        Look: Look(text_size=20, confetti=True),
    }
    return next(value for kind, value in known.items() if annotation is kind)


def test_no_type_is_lost_or_renamed() -> None:
    assert set(CATALOGUE) >= TYPES


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_an_event_survives_the_log(kind: type[Event]) -> None:
    event = example(kind)
    assert decode(kind.type, encode(event)) == event


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_an_event_says_what_it_is_about_and_who_may_see_it(kind: type[Event]) -> None:
    family = kind.type.partition(".")[0]
    subjects = {"agent": "agents", "call": "calls", "lead": "leads", "recording": "calls", "screen": "agents"}
    subjects |= {"import": "imports", "list": "lists"}
    subjects |= {"delivery": "deliveries", "callback": "callbacks"}
    assert example(kind).subject.partition("/")[0] == subjects.get(family, family)
    rights = {"agent": Right.AGENTS, "call": Right.CALLS, "lead": Right.LEADS, "screen": Right.AGENTS}
    rights |= {
        "notification": Right.AGENTS,
        "callback": Right.AGENTS,
        "user": Right.AGENTS,
        "recording": Right.CALLS,
        "intake": Right.LEADS,
        "hopper": Right.LEADS,
        "import": Right.LEADS,
        "list": Right.LEADS,
        "person": Right.LEADS,
    }
    assert kind.right is rights.get(family, Right.SYSTEM)
    assert kind.__doc__


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE.keys())
def test_a_kept_state_has_a_state_in_it(kind: type[Event]) -> None:
    if kind.retained:
        assert "state" in kind.__struct_fields__
    if issubclass(kind, AgentEvent | CallEvent):
        assert kind.retained
        assert "cause" in kind.__struct_fields__
    assert kind.final == (kind.type == "call.disposed")


def test_fields_of_a_later_version_are_passed_over() -> None:
    event = decode("lead.added", '{"lead_id":1,"list_id":2,"from_the_future":[1]}')
    assert event.subject == "leads/1"


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(KeyError):
        decode("agent.teleported", "{}")


def test_line_breaks_cannot_end_a_message_of_the_stream() -> None:
    kind = CATALOGUE["bridge.stopped"]
    assert "\n" not in encode(kind(bridge="a", reason="one\r\ntwo\u2028three"))
