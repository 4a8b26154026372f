"""The wallboard as a terminal shows it.

Everything in it is `Text`, with the signs in it that do not print written out: what others have written is
no markup and no escape sequence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bridge.admin.now_commands import AgentNow, CallNow, Picture
from bridge.cli.output import cell

STYLES = {
    "ready": "green",
    "incall": "bold cyan",
    "bridged": "bold cyan",
    "answered": "cyan",
    "offered": "cyan",
    "queued": "bold yellow",
    "paused": "yellow",
    "wrapup": "magenta",
    "unknown": "bold red",
}
"""Colours of states; every state is written out as well."""
TOP = 2
"""Lines above the tables."""
HEAD = 4
"""Lines of a table beside its rows: its title, its columns' names, how many more there are, an empty one."""
LEAST = 3
"""Rows that a table has at least, however low the terminal is."""


class Sort(StrEnum):
    """By what agents and calls are ordered."""

    AGENT = "agent"
    STATE = "state"
    TIME = "time"
    CAMPAIGN = "campaign"


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """What is shown."""

    picture: Picture
    sort: Sort = Sort.AGENT
    status: str = ""
    """Why the picture is not of now; empty: it is."""
    lines: Sequence[str] = ()
    """The last events of the one agent or call that is followed, oldest first."""
    followed: bool = False
    height: int | None = None
    """Lines of the terminal; `None`: everything is shown."""

    def drawn(self) -> RenderableType:
        """All of it."""
        shown = self.picture
        places = self._places()
        parts: list[RenderableType] = [self._totals(), Text()]
        parts += _table("Agents", AGENTS, self._sorted(shown.agents), shown.at, places[0])
        parts += _table("Calls", CALLS, self._sorted(shown.calls), shown.at, places[1])
        parts += _table("Campaigns", CAMPAIGNS, shown.campaigns, shown.at, places[2])
        if self.followed:
            parts.append(Text("Events", style="bold"))
            parts += [_plain(line) for line in self.lines] or [Text("none yet", style="dim")]
        return Group(*parts)

    def _totals(self) -> Text:
        states = Counter(one.state for one in self.picture.agents)
        counted = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        agents = _count(len(self.picture.agents), "agent") + (f" ({counted})" if counted else "")
        calls = _count(len(self.picture.calls), "call")
        warnings = Text("".join(f"{cell(line)}\n" for line in self._warnings()), style="bold red")
        return Text.assemble(
            warnings, f"{self.picture.at:%Y-%m-%d %H:%M:%SZ}  {agents}  {calls}", no_wrap=True
        )

    def _warnings(self) -> list[str]:
        return [line for line in (self.status, self.picture.held) if line]

    def _sorted(self, rows: Sequence[AgentNow] | Sequence[CallNow]) -> Sequence[AgentNow | CallNow]:
        return sorted(rows, key=lambda row: _order(row, self.sort))

    def _places(self) -> tuple[int | None, int | None, int | None]:
        """Rows for each of the three tables: what the shorter ones leave is the longer ones'."""
        if self.height is None:
            return None, None, None
        counts = [len(self.picture.agents), len(self.picture.calls), len(self.picture.campaigns)]
        events = len(self.lines) + 1 if self.followed else 0
        left = self.height - TOP - len(self._warnings()) - events - HEAD * len(counts)
        places = [0, 0, 0]
        for done, index in enumerate(sorted(range(3), key=counts.__getitem__)):
            places[index] = max(min(counts[index], left // (3 - done)), min(counts[index], LEAST))
            left -= places[index]
        return places[0], places[1], places[2]


def _order(row: AgentNow | CallNow, sort: Sort) -> tuple[Any, ...]:
    agent = (len(row.agent), row.agent)  # 999 before 1000
    match sort:
        case Sort.STATE:
            return (row.state, row.since, agent)
        case Sort.TIME:
            return (row.since, agent)
        case Sort.CAMPAIGN:
            return (row.campaign, agent, row.since)
        case _:
            return (agent, row.since)


Columns = Mapping[str, Callable[[Any, datetime], Any]]

AGENTS: Columns = {
    "agent": lambda one, _: one.agent,
    "state": lambda one, _: one.state,
    "for": lambda one, at: lasting(one.since, at),
    "campaign": lambda one, _: one.campaign,
    "phone": lambda one, _: one.phone,
    "with": lambda one, _: one.number or one.pause_reason,
    "call": lambda one, _: one.call_id,
}
CALLS: Columns = {
    "number": lambda one, _: one.number,
    "state": lambda one, _: one.state,
    "for": lambda one, at: lasting(one.since, at),
    "agent": lambda one, _: one.agent,
    "campaign": lambda one, _: one.campaign,
    "in-group": lambda one, _: one.queue,
    "kind": lambda one, _: one.kind,
    "lead": lambda one, _: one.lead_id or "",
    "call": lambda one, _: one.id,
}
CAMPAIGNS: Columns = {
    "campaign": lambda one, _: one.campaign,
    "method": lambda one, _: one.dial_method if one.active else "switched off",
    "level": lambda one, _: f"{one.dial_level:g}",
    "agents": lambda one, _: sum(one.agents.values()),
    "ready": lambda one, _: one.agents.get("ready", 0),
    "in call": lambda one, _: one.agents.get("incall", 0),
    "paused": lambda one, _: one.agents.get("paused", 0),
    "calls": lambda one, _: one.calls,
    "hopper": lambda one, _: one.hopper.get("READY", 0),
    "on hold": lambda one, _: one.hopper.get("HOLD", 0),
}
_RIGHT = frozenset({"for", "level", "agents", "ready", "in call", "paused", "calls", "hopper", "on hold"})


def lasting(since: datetime, at: datetime) -> str:
    """`0:07`, `12:34`, `1:02:03`."""
    seconds = max(0, int((at - since).total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _table(
    title: str, columns: Columns, rows: Sequence[Any], at: datetime, places: int | None
) -> Iterable[RenderableType]:
    yield Text(title, style="bold")
    if not rows:
        yield Text("none\n", style="dim")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, no_wrap=True, justify="right" if name in _RIGHT else "left")
    shown = list(islice(rows, places))
    for row in shown:
        table.add_row(*(_cell(name, of(row, at)) for name, of in columns.items()))
    yield table
    more = len(rows) - len(shown)
    yield Text(f"… and {more} more: --campaign, --agent, --sort\n" if more else "", style="dim")


def _cell(column: str, value: Any) -> Text:
    text = cell(value)
    return Text(text, style=STYLES.get(text, "") if column == "state" else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _plain(line: str) -> Text:
    return Text(line, no_wrap=True, overflow="ellipsis")
