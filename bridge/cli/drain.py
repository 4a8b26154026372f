"""`agent-bridge drain`: nothing new begins, what goes on goes on."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from bridge.admin.hold_commands import StartDraining, TakeHoldBack
from bridge.admin.now_commands import ShowNow
from bridge.cli.ending import ends_in_peace
from bridge.cli.output import fail, print_json
from bridge.cli.run import run
from bridge.cli.site_items import Json
from bridge.rules import Held

EVERY = 1.0
"""Seconds between two counts."""


def drain(
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until no call is open; Ctrl-C ends it.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Let calls begin again.")] = False,
    json: Json = False,
) -> None:
    """Let no new call be dialled: calls and agents go on, and calls that come in are taken.

    It stands over restarts until --off.
    """
    if off and wait:
        fail("--off does not go with --wait")
    changed = run(TakeHoldBack(reason=Held.DRAINING) if off else StartDraining())
    with ends_in_peace():
        calls = _wait(tell=not json) if wait else _open()
    if json:
        print_json({"draining": not off, "changed": changed, "calls": calls})
    elif off:
        typer.echo("calls may begin" if changed else "it was not drained")
    else:
        typer.echo(f"no new call is dialled; calls open: {calls}")


def _open() -> int:
    return len(run(ShowNow()).calls)


def _wait(*, tell: bool) -> int:
    """Count until none is left: on a terminal in one line that changes, else a line for each new number."""
    shown, live = -1, sys.stderr.isatty()
    while calls := _open():
        if tell and calls != shown:
            typer.echo(
                f"\rcalls open: {calls}    " if live else f"calls open: {calls}", err=True, nl=not live
            )
        shown = calls
        time.sleep(EVERY)
    if tell and live and shown > 0:
        typer.echo(err=True)
    return 0
