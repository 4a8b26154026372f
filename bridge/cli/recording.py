"""`agent-bridge recording`: what an administrator has to do with recordings."""

from __future__ import annotations

import typer

from bridge.admin.recording_commands import NewRecordingKey
from bridge.cli.output import print_json
from bridge.cli.run import run
from bridge.cli.site_items import Json

recording = typer.Typer(no_args_is_help=True, help="Recordings, and the links to their files.")


@recording.callback()
def _group() -> None:
    """Keep `newkey` a command of its own: typer would make a group of one that command itself."""


@recording.command("newkey", epilog="Example: agent-bridge recording newkey")
def new_key(*, json: Json = False) -> None:
    """Make every link that was given out worthless: from now on another key signs them."""
    run(NewRecordingKey())
    if json:
        print_json({"done": True})
    else:
        typer.echo("links are signed with a new key; those given out before are worthless")
