"""`agent-bridge watch`: the wallboard in a terminal."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

import sys
import time
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.live import Live

from bridge.admin.client import ask, perform
from bridge.admin.errors import AdminError, ServiceDown
from bridge.admin.event_commands import EventsRead, ReadEvents
from bridge.admin.now_commands import Picture, ShowNow
from bridge.admin.place import socket_path
from bridge.cli.board import Board, Sort
from bridge.cli.ending import ends_in_peace, say
from bridge.cli.event_line import line
from bridge.cli.event_options import name
from bridge.cli.output import fail, out, print_json
from bridge.cli.run import quietly, said_in_one_line, settings
from bridge.settings import Settings

LINES = 12
"""Events that are shown of the one agent or call that is followed."""
PAST = timedelta(minutes=15)
"""How old they may be at first."""


class Watching:
    """What is shown, always the newest that could be had.

    Args:
        settings: of the service.
        wanted: what of it.
        sort: in which order.
    """

    def __init__(self, settings: Settings, wanted: ShowNow, sort: Sort) -> None:
        self._settings = settings
        self._path: Path = socket_path(settings)
        self._wanted = wanted
        self._sort = sort
        self.status = ""
        """Why the picture is not of now; empty: it is."""
        self._lines: deque[str] = deque(maxlen=LINES)
        self._events = ReadEvents(agent=wanted.agent, call=wanted.call, since=datetime.now(UTC) - PAST)
        self.picture: Picture = perform(settings, wanted)
        while self._followed and self._take(perform(settings, self._events)):
            pass

    @property
    def _followed(self) -> bool:
        return bool(self._wanted.agent or self._wanted.call)

    def board(self, height: int | None) -> Board:
        """What is shown now, in a terminal of so many lines, or as a whole where nothing is wrong."""
        return Board(
            picture=self.picture,
            sort=self._sort,
            status=self.status if height else "",
            lines=tuple(self._lines),
            followed=self._followed,
            height=height,
        )

    def look(self) -> None:
        """Look again. If that cannot be, the old picture stays, and says so."""
        try:
            self.picture = ask(self._path, self._wanted)
            while self._followed and self._take(ask(self._path, self._events)):
                pass
        except ServiceDown:
            self.status = f"no bridge answers here: this is of {self.picture.at:%H:%M:%SZ}"
        except AdminError as error:
            self.status = f"{error}: this is of {self.picture.at:%H:%M:%SZ}"
        else:
            self.status = ""

    def _take(self, page: EventsRead) -> bool:
        """Take events; whether there are more."""
        self._lines.extend(line(record) for record in page.records)
        self._events = msgspec.structs.replace(self._events, after=page.seq, since=None)
        return page.seq < page.newest


def watch(
    *,
    agent: Annotated[str, typer.Option(help="Only this agent, her call, and the events of both.")] = "",
    call: Annotated[str, typer.Option(help="Only the call of this id, who has it, and its events.")] = "",
    campaign: Annotated[str, typer.Option(help="Only this campaign.")] = "",
    sort: Annotated[Sort, typer.Option(help="Order of agents and calls; time: longest first.")] = Sort.AGENT,
    every: Annotated[float, typer.Option(min=0.2, max=60, help="Seconds from picture to picture.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Print one picture, all of it, and end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one picture in JSON, and end.")] = False,
) -> None:
    """Show agents, calls and campaigns as they are now, until Ctrl-C.

    Without a running bridge it shows what the store holds, and says so; one that is started again is
    gone on with.
    """
    found = settings()
    quietly()
    with said_in_one_line(), ends_in_peace():
        wanted = ShowNow(
            agent=name("--agent", agent), campaign=name("--campaign", campaign), call=name("--call", call)
        )
        if json:
            print_json(perform(found, wanted))
            return
        if not (once or on_terminal()):
            fail("this is no terminal: --once prints one picture, --json one for a program")
        watching = Watching(found, wanted, sort)
        if once:
            watching.look()
            if watching.status:
                say(watching.status)
            out().print(watching.board(None).drawn())
        else:
            _run(watching, every)


def on_terminal() -> bool:
    """Whether there is one to draw on."""
    return sys.stdout.isatty()


def _run(watching: Watching, every: float) -> None:
    console = Console(highlight=False)
    with Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            watching.look()
            live.update(watching.board(console.height).drawn(), refresh=True)
            time.sleep(every)
