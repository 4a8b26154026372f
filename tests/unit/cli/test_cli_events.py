"""`agent-bridge events tail`: the event log as a person, or a program, reads it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.admin.event_commands import ReadEvents
from bridge.agents.model import AgentState
from bridge.calls.model import CallState
from bridge.cli import events as events_command
from bridge.cli.event_options import begin
from bridge.events.catalogue import AgentReady, CallDialing, CallRefused, Event, HopperFilled
from bridge.store.database import Database, Transaction

Command = Callable[..., Any]
CALL = "01a21d89-bc4a-7a25-a371-e83b126b1dda"
READY = AgentReady(user="1000", session_id="s", campaign="SALES", phone="1001", state=AgentState.READY)
DIALING = CallDialing(
    call_id=CALL,
    legacy_id="M1127150455000000201",
    kind="M",
    state=CallState.DIALING,
    number="+17275550100",
    campaign="SALES",
    user="1000",
)
HOSTILE = "a\x1b]0;x\x07\u202e\r\nb"
REFUSED = CallRefused(call_id=f"{CALL[:-1]}0", number="+17275550101", rule="dnc", why=HOSTILE, campaign="B")
FILLED = HopperFilled(campaign="SALES", leads=7)
ALL = (READY, DIALING, REFUSED, FILLED)


def write(store: Path, *told: Event) -> None:
    """Events of a bridge that does not run any more."""

    async def main() -> None:
        async def work(tx: Transaction) -> None:
            for event in told:
                tx.emit(event)

        async with Database(f"sqlite:///{store}") as db:
            await db.write(work)

    asyncio.run(main())


@pytest.fixture
def log(store: Path) -> None:
    """A log with one event of each of four kinds."""
    write(store, *ALL)


def past(command: Command, *words: str) -> Any:
    answer = command("events", "tail", "--from", "1h", "--no-follow", *words)
    assert (answer.status, answer.err) == (0, "")
    return answer


def seen(command: Command, *words: str) -> Sequence[str]:
    return [json.loads(line)["type"] for line in past(command, "--json", *words).out.splitlines()]


@pytest.mark.usefixtures("log", "either_way")
def test_each_event_is_a_line_that_says_what_to_whom(command: Command) -> None:
    ready, dialing, _, filled = past(command).out.splitlines()
    assert re.match(
        r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z +1 agent\.ready +agent=1000 campaign=SALES", ready
    )
    assert f"call.dialing             agent=1000 call={CALL} campaign=SALES kind=M" in dialing
    assert dialing.endswith("number=+17275550100")
    assert filled.endswith("campaign=SALES leads=7")


@pytest.mark.usefixtures("log")
def test_what_others_have_written_does_not_steer_the_terminal(command: Command) -> None:
    (line,) = past(command, "--type", "call.refused").out.splitlines()
    assert line.isprintable()
    assert r"why=a\x1b]0;x\x07\u202e\r\nb" in line


def test_a_long_text_is_cut(command: Command, store: Path) -> None:
    write(store, CallRefused(call_id=CALL, number="1", rule="dnc", why="x y" * 100_000))
    (line,) = past(command).out.splitlines()
    assert len(line) < 400
    assert line.endswith('…"')


@pytest.mark.usefixtures("log", "either_way")
def test_a_program_gets_cloudevents(command: Command) -> None:
    _, dialing, _, _ = map(json.loads, past(command, "--json").out.splitlines())
    assert (dialing["specversion"], dialing["type"], dialing["subject"]) == (
        "1.0",
        "call.dialing",
        f"calls/{CALL}",
    )
    assert dialing["sequence"] == f"{2:020}"
    assert dialing["source"].startswith("/agent-bridge/")
    assert dialing["data"]["number"] == "+17275550100"


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), ["agent.ready", "call.dialing", "call.refused", "hopper.filled"]),
        (("--type", "call.*"), ["call.dialing", "call.refused"]),
        (("--type", "call"), ["call.dialing", "call.refused"]),
        (("--type", "call.refused", "--type", "agent.*"), ["agent.ready", "call.refused"]),
        (("--type", "*"), ["agent.ready", "call.dialing", "call.refused", "hopper.filled"]),
        (("--campaign", "SALES"), ["agent.ready", "call.dialing", "hopper.filled"]),
        (("--agent", "1000"), ["agent.ready", "call.dialing"]),
        (("--agent", "1001"), []),
        (("--call", CALL), ["call.dialing"]),
    ],
)
def test_only_what_was_asked_for(command: Command, words: Sequence[str], expected: Sequence[str]) -> None:
    assert seen(command, *words) == expected


@pytest.mark.usefixtures("log")
def test_it_begins_where_it_is_told(command: Command) -> None:
    assert seen(command, "--from", "3") == ["call.refused", "hopper.filled"]
    assert len(seen(command, "--from", "0")) == len(seen(command, "--from", "1")) == 4
    today = datetime.now(UTC).date()
    assert len(seen(command, "--from", str(today))) == 4
    assert seen(command, "--from", str(today + timedelta(days=1))) == []


@pytest.mark.usefixtures("log")
def test_a_number_that_is_not_there_yet_is_said(command: Command) -> None:
    answer = command("events", "tail", "--from", "99", "--no-follow")
    assert (answer.status, answer.out) == (0, "")
    assert answer.err == "agent-bridge: the log ends at event 4, not at 98: going on from its end\n"


def test_more_than_one_page_is_read_in_order(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.admin.event_commands.PAGE", 2)
    write(store, *ALL, *ALL)
    lines = past(command, "--json").out.splitlines()
    assert [int(json.loads(line)["sequence"]) for line in lines] == list(range(1, 9))
    assert seen(command, "--type", "hopper.*") == ["hopper.filled"] * 2


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--type", "cal.ended"), "--type: there is no event 'cal.ended'; did you mean 'call.ended'?"),
        (("--type", "call.%"), "--type: there is no event 'call.%'"),
        (("--from", "2x"), "--from: '2x' is not 2h (ago; "),
        (("--from", "99999999d"), "--from: '99999999d' is not 2h (ago; "),
        (("--from", "9999999d"), "--from: '9999999d' is not 2h (ago; "),
        (("--from", "2026-13-01"), "--from: '2026-13-01' is not 2h (ago; "),
        (("--from", "9" * 1_000), f"--from: '{'9' * 60}' is not"),
        (("--agent", "' OR 1=1"), '--agent: "\' OR 1=1" is no id: letters, digits'),
        (("--campaign", "A\r\nB"), r"--campaign: 'A\r\nB' is no id: letters, digits"),
        (("--call", "x" * 41), f"--call: '{'x' * 41}' is no id: letters, digits, _ . and -, at most 40"),
    ],
)
def test_a_wrong_option_is_named(command: Command, words: Sequence[str], why: str) -> None:
    answer = command("events", "tail", "--from", "1h", "--no-follow", *words)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"error: {why}")
    assert answer.err.count("\n") == 1


def test_nothing_to_show_is_no_silent_success(command: Command) -> None:
    answer = command("events", "tail", "--no-follow")
    assert answer.status == 1
    assert answer.err == "error: --no-follow without --from shows nothing: say where to begin, as --from 2h\n"


@pytest.mark.usefixtures("log")
def test_without_a_bridge_the_past_is_shown_and_one_is_waited_for(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_command, "reader_gone", lambda: True)
    answer = command("events", "tail", "--from", "4")
    assert (answer.status, answer.out.count("\n")) == (0, 1)
    assert answer.err == "agent-bridge: no bridge answers here; after event 4, waiting for one\n"


@pytest.mark.usefixtures("log")
def test_ctrl_c_is_the_end_and_no_fault(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(events_command, "reader_gone", interrupted)
    answer = command("events", "tail", "--from", "4")
    assert answer.status == 0
    assert "Aborted" not in answer.err


def test_a_time_without_a_zone_is_utc() -> None:
    now = datetime(2026, 11, 27, 15, tzinfo=UTC)
    wanted = ReadEvents()
    assert begin(wanted, "90m", now).since == datetime(2026, 11, 27, 13, 30, tzinfo=UTC)
    for text in ("2026-11-27T14:00", "2026-11-27T14:00:00Z", "2026-11-27T15:00+01:00"):
        assert begin(wanted, text, now).since == datetime(2026, 11, 27, 14, tzinfo=UTC)
    assert begin(wanted, "", now) == wanted
