"""`agent-bridge watch`: the wallboard in a terminal."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from bridge.admin.errors import AdminError, ServiceDown
from bridge.admin.event_commands import EventsRead, ReadEvents
from bridge.admin.now_commands import AgentNow, CallNow, Picture, ShowNow
from bridge.agents import queries as session_queries
from bridge.agents.model import AgentSession, AgentState
from bridge.calls import queries as call_queries
from bridge.calls.model import Call, CallKind, CallState
from bridge.campaigns.model import Campaign, DialMethod
from bridge.campaigns.service import Site
from bridge.cli import watch as watch_command
from bridge.cli.board import Board, Sort, lasting
from bridge.cli.watch import Watching
from bridge.dialer.by_hand import put
from bridge.dialer.hopper import Hopper
from bridge.events.catalogue import AgentInCall, HopperFilled
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.secret import SecretUrl
from bridge.settings import Settings, StoreSettings
from bridge.store.database import Database, Transaction

Command = Callable[..., Any]
NOW = datetime(2026, 11, 27, 15, tzinfo=UTC)
CALL = "01a21d89-bc4a-7a25-a371-e83b126b1dda"
HOSTILE = "\x1b]0;x\x07\u202e[red]1"


def session(user: str, state: AgentState, **more: Any) -> AgentSession:
    base: dict[str, Any] = {
        "id": f"session-{user}",
        "user": user,
        "phone": f"9{user}",
        "campaign": "SALES",
        "asterisk": "asterisk",
        "room": f"860{user}",
        "state": state,
        "state_since": datetime.now(UTC) - timedelta(seconds=75),
    }
    return AgentSession(**(base | more))


def call(call_id: str, state: CallState, **more: Any) -> Call:
    base: dict[str, Any] = {
        "id": call_id,
        "legacy_id": f"M{call_id[-8:]}",
        "legacy_uniqueid": call_id[-20:],
        "kind": CallKind.MANUAL,
        "state": state,
        "asterisk": "asterisk",
        "campaign": "SALES",
        "number": "7275550100",
        "asked_at": datetime.now(UTC) - timedelta(minutes=5),
    }
    return Call(**(base | more))


@pytest.fixture
def site(store: Path) -> None:
    """Three agents, one of them in a call; a call that waits; one that is over; a lead in the hopper."""

    async def main() -> None:
        async with Database(f"sqlite:///{store}") as db:
            for item in (
                Campaign(id="SALES", dial_method=DialMethod.RATIO, dial_level=1.5),
                Campaign(id="OTHER", active=False),
                LeadList(id=101, campaign="SALES"),
            ):
                await Site(db).put(item)
            lead = await Leads(db).add(NewLead(list_id=101, phone_number="7275550199"))

            async def work(tx: Transaction) -> None:
                for one in (
                    session("1000", AgentState.INCALL, call_id=CALL),
                    session("999", AgentState.PAUSED, pause_reason="LUNCH", campaign="OTHER"),
                    session("1001", AgentState.READY),
                ):
                    await session_queries.add(tx.conn, one)
                for made in (
                    call(CALL, CallState.BRIDGED, user="1000", bridged_at=datetime.now(UTC)),
                    call(f"{CALL[:-1]}b", CallState.QUEUED, queue="HELP", number="7275550101"),
                    call(f"{CALL[:-1]}c", CallState.ENDED, number="7275550102"),
                ):
                    await call_queries.add(tx.conn, made)
                await put(tx, Hopper(db), lead, 0)
                tx.emit(
                    AgentInCall(
                        user="1000", session_id="s", campaign="SALES", state=AgentState.INCALL, call_id=CALL
                    )
                )
                tx.emit(HopperFilled(campaign="SALES", leads=1))

            await db.write(work)

    asyncio.run(main())


def rows(text: str, title: str) -> list[list[str]]:
    """The cells of one table."""
    lines = text.split(f"{title}\n")[1].splitlines()[1:]
    return [line.split() for line in lines[: lines.index("")]]


@pytest.mark.usefixtures("site", "either_way")
def test_one_picture_is_printed(command: Command) -> None:
    answer = command("watch", "--once")
    assert answer.status == 0
    first = answer.out.splitlines()[0]
    assert first.endswith("Z  3 agents (1 incall, 1 paused, 1 ready)  2 calls")
    agents, calls, campaigns = (rows(answer.out, name) for name in ("Agents", "Calls", "Campaigns"))
    assert [(row[0], row[1]) for row in agents] == [("999", "paused"), ("1000", "incall"), ("1001", "ready")]
    assert agents[0][3:] == ["OTHER", "9999", "LUNCH"]
    assert agents[1][3:] == ["SALES", "91000", "7275550100", CALL]
    assert agents[1][2].startswith("1:")
    assert [(row[0], row[1]) for row in calls] == [("7275550101", "queued"), ("7275550100", "bridged")]
    assert calls[0][2:6] == ["5:00", "SALES", "HELP", "M"] or calls[0][2].startswith("5:0")
    assert campaigns == [
        ["OTHER", "switched", "off", "0", "1", "0", "0", "1", "0", "0", "0"],
        ["SALES", "RATIO", "1.5", "2", "1", "1", "0", "2", "1", "0"],
    ]


@pytest.mark.usefixtures("site")
def test_a_picture_of_a_store_without_a_bridge_says_so(command: Command) -> None:
    answer = command("watch", "--once")
    assert answer.err.startswith("agent-bridge: no bridge answers here: this is of ")
    assert answer.err.count("\n") == 1


@pytest.mark.usefixtures("site", "either_way")
def test_a_program_gets_the_same_in_json(command: Command) -> None:
    found = command("watch", "--json").json
    assert [one["agent"] for one in found["agents"]] == ["1000", "1001", "999"]
    assert found["agents"][0]["number"] == "7275550100"
    assert {one["state"] for one in found["calls"]} == {"bridged", "queued"}
    sales = next(one for one in found["campaigns"] if one["campaign"] == "SALES")
    assert (sales["agents"], sales["calls"]) == ({"incall": 1, "ready": 1}, 2)
    assert sales["hopper"] == {"READY": 1, "QUEUE": 0, "HOLD": 0}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("words", "agents", "calls", "campaigns"),
    [
        (("--campaign", "SALES"), ["1000", "1001"], 2, ["SALES"]),
        (("--campaign", "OTHER"), ["999"], 0, ["OTHER"]),
        (("--agent", "1000"), ["1000"], 1, ["SALES"]),
        (("--agent", "1002"), [], 0, []),
        (("--call", CALL), ["1000"], 1, ["SALES"]),
    ],
)
def test_only_what_was_asked_for(
    command: Command, words: Sequence[str], agents: Sequence[str], calls: int, campaigns: Sequence[str]
) -> None:
    found = command("watch", "--json", *words).json
    assert [one["agent"] for one in found["agents"]] == agents
    assert len(found["calls"]) == calls
    assert [one["campaign"] for one in found["campaigns"]] == campaigns


@pytest.mark.usefixtures("site")
def test_of_one_agent_the_last_events_are_shown(command: Command) -> None:
    text = command("watch", "--once", "--agent", "1000").out
    events = text.split("Events\n")[1]
    assert "agent.incall" in events
    assert "hopper" not in events
    assert "none yet" in command("watch", "--once", "--agent", "999").out
    assert "Events" not in command("watch", "--once").out


@pytest.mark.usefixtures("site")
def test_a_site_at_rest_is_no_empty_screen(command: Command) -> None:
    text = command("watch", "--once", "--campaign", "NONE").out
    assert text.count("none\n") == 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--once", "--agent", "1;2"), "error: --agent: '1;2' is no id"),
        (("--once", "--call", "\x1b[2J"), r"error: --call: '\x1b[2J' is no id"),
        ((), "error: this is no terminal: --once prints one picture"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(command: Command, words: Sequence[str], why: str) -> None:
    answer = command("watch", *words)
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(why)
    assert answer.err.count("\n") == 1


def test_an_order_or_a_pace_that_is_none_is_refused(command: Command) -> None:
    assert command("watch", "--once", "--sort", "colour").status == 2
    assert command("watch", "--once", "--every", "0").status == 2


# -- what a board shows of a picture


def agent(name: str, state: str = "ready", seconds: int = 0, **more: Any) -> AgentNow:
    base: dict[str, Any] = {
        "campaign": "SALES",
        "phone": name,
        "pause_reason": "",
        "number": "",
        "call_id": "",
    }
    base |= {"agent": name, "state": state, "since": NOW - timedelta(seconds=seconds)}
    return AgentNow(**(base | more))


def drawn(board: Board, width: int = 120) -> str:
    text = io.StringIO()
    Console(file=text, width=width, force_terminal=True, color_system=None).print(board.drawn())
    return text.getvalue()


def picture(*agents: AgentNow, calls: Sequence[CallNow] = ()) -> Picture:
    return Picture(at=NOW, agents=agents, calls=calls, campaigns=())


@pytest.mark.usefixtures("site")
def test_a_hold_of_the_store_is_in_the_picture(command: Command) -> None:
    assert command("watch", "--once", "--json").json["held"] == ""
    assert command("drain").status == 0
    told = command("watch", "--once", "--json").json["held"]
    assert told.endswith("the bridge is being drained (agent-bridge drain --off ends that)")
    assert told in " ".join(command("watch", "--once").out.split())


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.AGENT, ["999", "1000", "1001"]),
        (Sort.TIME, ["1001", "999", "1000"]),
        (Sort.STATE, ["999", "1001", "1000"]),
        (Sort.CAMPAIGN, ["1001", "999", "1000"]),
    ],
)
def test_agents_are_in_the_order_that_was_asked_for(sort: Sort, order: Sequence[str]) -> None:
    shown = picture(
        agent("1000", "ready", 1),
        agent("999", "incall", 50),
        agent("1001", "paused", 99, campaign="A"),
    )
    text = drawn(Board(picture=shown, sort=sort))
    assert [row[0] for row in rows(text, "Agents")] == order


def test_a_hold_stands_above_everything_and_takes_no_more_lines_than_there_are() -> None:
    why = "nobody is called since 2026-11-27 12:00Z: the bridge is being drained"
    shown = msgspec.structs.replace(picture(*(agent(str(1000 + one)) for one in range(30))), held=why)
    text = drawn(Board(picture=shown, status="the service is away", height=24))
    assert [line.strip() for line in text.splitlines()[:2]] == ["the service is away", why]
    assert len(text.splitlines()) <= 24


def test_names_of_others_do_not_steer_the_terminal() -> None:
    shown = picture(agent("1000", "paused", pause_reason=HOSTILE), agent("1001", number="1\r\n2"))
    text = drawn(Board(picture=shown, status=HOSTILE, lines=[r"a\x1b"], followed=True))
    assert "\x1b" not in text.replace("\x1b[0m", "")
    assert "\x07" not in text
    assert "\u202e" not in text
    assert r"\x1b]0;x\x07\u202e[red]1" in text
    assert r"1\r\n2" in text


def test_what_does_not_fit_is_counted() -> None:
    shown = picture(*(agent(str(1000 + number)) for number in range(300)))
    lines = drawn(Board(picture=shown, height=24)).splitlines()
    assert len(lines) <= 24
    seen = len(rows("\n".join(lines), "Agents")) - 1
    assert f"… and {300 - seen} more: --campaign, --agent, --sort" in lines
    assert len(drawn(Board(picture=shown)).splitlines()) > 300


def test_a_narrow_terminal_cuts_columns_and_not_lines() -> None:
    shown = picture(agent("1000", "paused", pause_reason="LUNCH"))
    assert all(len(line) <= 40 for line in drawn(Board(picture=shown), width=40).splitlines())


def test_how_long_is_told_as_a_clock_does() -> None:
    assert [lasting(NOW - timedelta(seconds=some), NOW) for some in (0, 7, 754, 3723, -5)] == [
        *("0:00", "0:07", "12:34", "1:02:03", "0:00")
    ]


# -- following


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the service answers to one look after the other."""
    given: list[Any] = []

    def answer(_: object, asked: object) -> Any:
        if isinstance(asked, ReadEvents):
            return EventsRead(records=(), begin=0, seq=0, oldest=1, newest=0)
        found = given.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(watch_command, "perform", answer)
    monkeypatch.setattr(watch_command, "ask", answer)
    return given


def test_while_no_bridge_answers_the_old_picture_says_so(answers: list[Any], tmp_path: Path) -> None:
    settings = Settings(store=StoreSettings(url=SecretUrl(f"sqlite:///{tmp_path / 'bridge.db'}")))
    new = Picture(at=NOW + timedelta(seconds=9), agents=(agent("1001"),), calls=(), campaigns=())
    refused = AdminError("the database cannot be read now")
    answers += [picture(agent("1000")), ServiceDown(), refused, new]
    watching = Watching(settings, ShowNow(), Sort.AGENT)
    said = []
    for _ in range(3):
        watching.look()
        said.append(drawn(watching.board(40)))
    assert said[0].startswith("no bridge answers here: this is of 15:00:00Z")
    assert said[1].startswith("the database cannot be read now: this is of 15:00:00Z")
    assert "1000" in said[0]
    assert "no bridge" not in said[2]
    assert [row[0] for row in rows(said[2], "Agents")] == ["1001"]


@pytest.fixture
def interrupted(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Ctrl-C in the second pause."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("bridge.cli.watch.time.sleep", sleep)
    return pauses


def test_ctrl_c_is_the_end_and_no_fault(
    command: Command, answers: list[Any], interrupted: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_command, "on_terminal", lambda: True)
    answers += [picture(agent(name)) for name in ("1000", "1001", "1002")]
    answer = command("watch", "--every", "0.5")
    assert answer.status == 0
    assert interrupted == [0.5, 0.5]
    assert "Aborted" not in answer.err
