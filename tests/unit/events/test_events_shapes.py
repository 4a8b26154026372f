"""Whoever listens can go on: no event loses a field, or means something else, under the same type."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from event_shapes import broken, kept

from bridge.events.described import shapes

Shapes = dict[str, Any]


def test_no_event_has_lost_its_shape() -> None:
    assert broken(kept(), shapes()) == [], "give the changed event a new type"


def test_new_shapes_are_written_down() -> None:
    assert json.loads(json.dumps(shapes())) == kept(), "run: python tests/unit/events/event_shapes.py"


def field_gone(found: Shapes) -> None:
    del found["call.ended"]["fields"]["hangup_cause"]


def other_type(found: Shapes) -> None:
    found["call.ended"]["fields"]["reason"] = {"type": "integer"}


def value_gone(found: Shapes) -> None:
    found["agent.ready"]["fields"]["state"]["enum"].remove("ready")


def other_right(found: Shapes) -> None:
    found["lead.added"]["right"] = "events.system"


def new_demand(found: Shapes) -> None:
    found["lead.added"]["required"].append("source")


def inner_gone(found: Shapes) -> None:
    del found["screen.notified"]["fields"]["look"]["properties"]["confetti"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda found: found.pop("call.ended"), "call.ended is gone"),
        (field_gone, "call.ended.hangup_cause is gone"),
        (other_type, "call.ended.reason was"),
        (value_gone, "agent.ready.state was"),
        (other_right, "lead.added: right was 'events.leads'"),
        (new_demand, "lead.added.source must be there now"),
        (inner_gone, "screen.notified.look was"),
    ],
)
def test_what_breaks_a_listener_is_seen(change: Callable[[Shapes], object], told: str) -> None:
    now = copy.deepcopy(dict(kept()))
    change(now)
    (line,) = broken(kept(), now)
    assert line.startswith(told)


def test_what_may_be_added_is_no_break() -> None:
    now: Shapes = copy.deepcopy(dict(kept()))
    now["call.teleported"] = now["call.ended"]
    now["call.ended"]["fields"]["way"] = {"type": "string", "default": ""}
    now["agent.ready"]["fields"]["state"]["enum"].append("asleep")
    assert broken(kept(), now) == []
