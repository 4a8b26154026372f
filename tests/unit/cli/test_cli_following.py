"""Following the event log over restarts and refusals of the service, without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from bridge.admin.errors import AdminError, ServiceDown, ServiceEnded
from bridge.admin.event_commands import EventsRead, ReadEvents
from bridge.cli import following
from bridge.cli.following import Following
from bridge.events.envelope import EventRecord
from bridge.secret import SecretUrl
from bridge.settings import Settings, StoreSettings

NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
Answer = EventsRead | Exception


def page(begin: int, *seqs: int, newest: int = 0) -> EventsRead:
    records = [
        EventRecord(seq, str(seq), "hopper.filled", "hopper/A", NOW, msgspec.Raw(b"{}")) for seq in seqs
    ]
    seq = max([begin, *seqs])
    return EventsRead(records=records, begin=begin, seq=seq, oldest=1, newest=max(newest, seq))


class World:
    """A service that gives the answers of a list, one after the other, and a clock that nobody waits for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.answers: Iterator[Answer] = iter(())
        self.asked: list[int | None] = []
        self.said: list[str] = []
        self.now = 0.0
        monkeypatch.setattr(following, "ask", self._ask)
        monkeypatch.setattr("bridge.cli.following.time.sleep", self._sleep)
        monkeypatch.setattr("bridge.cli.following.time.monotonic", lambda: self.now)
        settings = Settings(store=StoreSettings(url=SecretUrl(f"sqlite:///{folder / 'bridge.db'}")))
        self.following = Following(settings, ReadEvents(after=0), self.said.append)

    def _ask(self, path: Path, wanted: ReadEvents) -> EventsRead:
        del path
        self.asked.append(wanted.after)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def seen(self, *answers: Answer) -> list[int]:
        """The numbers of the events that come of these answers."""
        self.answers = iter(answers)
        pages = islice(self.following.live(), len(answers))
        return [record.seq for found in pages for record in found.records]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """One in which nothing has been read yet."""
    return World(monkeypatch, tmp_path)


def test_each_event_comes_once_over_a_restart(world: World) -> None:
    answers = (page(0, 1, 2), ServiceEnded("gone"), ServiceDown(), ServiceDown(), page(2, 3), page(3))
    assert world.seen(*answers) == [1, 2, 3]
    assert world.asked == [0, 2, 2, 2, 2, 3]
    assert world.said == [
        "no bridge answers here; after event 2, waiting for one",
        "the bridge answers again; going on after event 2",
    ]


def test_what_was_deleted_meanwhile_is_said(world: World) -> None:
    assert world.seen(page(0, 1), ServiceDown(), page(7, 8)) == [1, 8]
    assert world.said[-1] == "events 2 to 7 are not kept any more"


def test_a_log_that_was_set_back_is_followed_from_its_end(world: World) -> None:
    assert world.seen(page(0, 1, 2, 3), ServiceDown(), page(1), page(1, 2)) == [1, 2, 3, 2]
    assert world.said[-1] == "the log ends at event 1, not at 3: going on from its end"


def test_a_service_that_cannot_read_now_is_asked_again(world: World) -> None:
    refused = AdminError("the database cannot be read now")
    assert world.seen(refused, refused, page(0, 1)) == [1]
    assert world.said[0] == "the database cannot be read now; trying again"
    assert len(world.said) == 2


def test_a_service_that_refuses_for_good_is_the_end(world: World) -> None:
    world.answers = iter([AdminError("the service is 0.2.0, this command 0.1.0")] * 1000)
    with pytest.raises(AdminError, match=r"the service is 0\.2\.0"):
        list(world.following.live())
    assert 60 < world.now < 62
