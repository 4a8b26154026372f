"""What the dialler learns from its calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bridge.calls.model import CallState, StatusSource
from bridge.campaigns.model import DialMethod
from bridge.dialer.chances import Rate
from bridge.dialer.pacing_model import Figures
from bridge.dialer.watcher import MOST, Watcher
from bridge.events.call_events import CallAnswered, CallDisposed, CallEnded, CallEvent, CallPlanned
from bridge.events.envelope import EventRecord

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FIGURES = Figures(method=DialMethod.ADAPT_AVERAGE, ready=1, lines_free=10, may_start=10)


class Story:
    """Calls as the event log tells them."""

    def __init__(self) -> None:
        self.watcher = Watcher()

    def tell(self, kind: type[CallEvent], call: str, after: float, user: str = "", letter: str = "V") -> None:
        more: dict[str, Any] = (
            {"status": "DISPO", "source": StatusSource.CAMPAIGN} if kind is CallDisposed else {}
        )
        event = kind(
            call_id=call,
            legacy_id="",
            kind=letter,
            state=CallState.ENDED,
            number="7275550100",
            campaign="SALES",
            user=user,
            **more,
        )
        at = START + timedelta(seconds=after)
        data = msgspec.Raw(msgspec.json.encode(event))
        self.watcher.take([EventRecord(1, "", kind.type, event.subject, at, data)])

    def call(self, name: str, *, answered: float | None, ended: float, user: str = "") -> None:
        self.tell(CallPlanned, name, 0)
        if answered is not None:
            self.tell(CallAnswered, name, answered)
        self.tell(CallEnded, name, ended, user)
        self.tell(CallDisposed, name, ended + 10, user)

    def figures(self) -> Figures:
        return self.watcher.add_to(FIGURES, "SALES")


@pytest.fixture
def story() -> Story:
    return Story()


def test_nothing_is_known_before_the_first_call(story: Story) -> None:
    assert story.figures() == FIGURES


def test_answers_talk_and_wrap_up(story: Story) -> None:
    for n in range(20):
        story.call(f"a{n}", answered=8, ended=108, user="1000")
        story.call(f"b{n}", answered=None, ended=25)
    found = story.figures()
    assert found.answered == Rate(20, 40)
    known = [found.talk, found.wrap_up, found.to_answer, found.to_failure]
    assert [takes and takes.mean for takes in known] == pytest.approx([100, 10, 8, 25], rel=0.1)
    assert found.talk
    assert found.talk.seen == 20


def test_calls_of_agents_and_of_callers_say_nothing(story: Story) -> None:
    for letter in ("M", "Y"):
        story.tell(CallPlanned, letter, 0, letter=letter)
        story.tell(CallAnswered, letter, 5, letter=letter)
        story.tell(CallEnded, letter, 9, letter=letter)
    assert story.figures() == FIGURES


def test_a_call_whose_beginning_was_not_seen_says_nothing(story: Story) -> None:
    story.tell(CallAnswered, "late", 5)
    story.tell(CallDisposed, "late", 9)
    assert story.figures() == FIGURES


def test_calls_that_are_never_disposed_do_not_pile_up(story: Story) -> None:
    for n in range(MOST + 10):
        story.tell(CallPlanned, str(n), 0)
    assert len(story.watcher._calls) == MOST
