"""`agent-bridge events`: the event log on the command line.

Over the socket of the service and not over `/v1/events`: whoever may run this needs no key, the past can be
read without a service, too, and the log's own numbers say where to go on.
"""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import typer

from bridge.admin.event_commands import ReadEvents
from bridge.cli.ending import ends_in_peace, reader_gone, say
from bridge.cli.event_line import line
from bridge.cli.event_options import FROM, begin, name, types
from bridge.cli.following import Following
from bridge.cli.output import fail
from bridge.cli.run import quietly, said_in_one_line, settings
from bridge.events.envelope import EventRecord, envelope, source_of

events = typer.Typer(no_args_is_help=True, help="What happens: the event log.")

From = Annotated[
    str, typer.Option("--from", help=f"Begin with the past: {FROM}. Else what comes from now on.")
]
Type = Annotated[
    list[str] | None,
    typer.Option("--type", help="Only of this type, as call.ended or 'call.*'; may be repeated."),
]
Campaign = Annotated[str, typer.Option(help="Only of this campaign, its agents, calls and hopper.")]
Agent = Annotated[str, typer.Option(help="Only of this agent and of the calls that she has.")]
Call = Annotated[str, typer.Option(help="Only of the call of this id, and of who has it.")]
Follow = Annotated[
    bool, typer.Option("--follow/--no-follow", help="Wait for more, or end where the log does.")
]
Json = Annotated[bool, typer.Option("--json", help="CloudEvents in JSON, one a line.")]


@events.command(
    "tail",
    epilog="Example: agent-bridge events tail --from 2h --type 'call.*' --campaign SALES\n\n"
    "For a program: agent-bridge events tail --json --from 2h --no-follow > events.ndjson",
)
def tail(
    *,
    since: From = "",
    type: Type = None,  # noqa: A002  the name of the option
    campaign: Campaign = "",
    agent: Agent = "",
    call: Call = "",
    follow: Follow = True,
    json: Json = False,
) -> None:
    """Print the events of the log as they happen: time, number, what, agent, call and the rest.

    Without a running bridge the past is read from its store, and one is waited for.

    After a restart of the bridge it goes on behind the last event. Ctrl-C ends it.
    """
    if not (follow or since):
        fail("--no-follow without --from shows nothing: say where to begin, as --from 2h")
    found = settings()
    quietly()
    with said_in_one_line():
        wanted = ReadEvents(
            types=types(type or ()),
            agent=name("--agent", agent),
            campaign=name("--campaign", campaign),
            call=name("--call", call),
        )
        following = Following(found, begin(wanted, since, datetime.now(UTC)), say)
        source = source_of(found.mqtt.client_id or os.uname().nodename)
        with ends_in_peace():
            _print(following, source if json else "", follow=follow)


def _print(following: Following, source: str, *, follow: bool) -> None:
    for page in following.past():
        _write(page.records, source)
    if follow:
        for page in following.live():
            _write(page.records, source)
            if reader_gone():
                return


def _write(records: Iterable[EventRecord], source: str) -> None:
    for record in records:
        sys.stdout.write((envelope(record, source).decode() if source else line(record)) + "\n")
    sys.stdout.flush()
