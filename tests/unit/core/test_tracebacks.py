"""What the log may have of an error."""

from __future__ import annotations

import pytest

from bridge.audit.entry import Entry, current
from bridge.tracebacks import frames, plain


def fail() -> None:
    said = "hunter2"
    try:
        dict[str, int]()[said]
    except KeyError as first:
        raise ValueError(said) from first


def test_while_a_request_is_served_there_are_places_and_no_messages() -> None:
    token = current.set(Entry())
    try:
        with pytest.raises(ValueError, match="hunter2") as caught:
            fail()
        told = plain(caught.value)
    finally:
        current.reset(token)
    assert "hunter2" not in told.replace('said = "hunter2"', "")
    assert told.index("KeyError\n") < told.index("which led to") < told.rindex("ValueError\n")
    assert "in fail" in told


def test_otherwise_the_messages_are_there() -> None:
    with pytest.raises(ValueError, match="hunter2") as caught:
        fail()
    assert "ValueError: hunter2" in plain(caught.value)
    assert "ValueError: hunter2" not in frames(caught.value)


def test_what_is_in_a_group_is_told_too() -> None:
    told = frames(ExceptionGroup("hunter2", [LookupError("hunter3"), OSError("hunter4")]))
    assert "LookupError" in told
    assert "OSError" in told
    assert "hunter" not in told


def test_errors_in_a_circle_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__context__, second.__context__ = second, first
    assert frames(first).count("ValueError") == 2
