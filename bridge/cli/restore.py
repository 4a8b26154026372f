"""`agent-bridge restore` and `confirm-restore`: an older copy as the store, which calls nobody by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from bridge.admin.hold_commands import ShowHolds, TakeHoldBack
from bridge.admin.place import alone, socket_path
from bridge.calls.holds import Restored, Standing
from bridge.cli.backup import file_of_store, print_copy
from bridge.cli.lead_file import progress_bar
from bridge.cli.output import fail, print_json, print_rows, visible
from bridge.cli.run import quietly, run, said_in_one_line, settings
from bridge.cli.site_items import Json
from bridge.rules import Held
from bridge.store.backup import pages
from bridge.store.restore import restore as put_back
from bridge.store.verify import verify

ASKED = "Are do-not-call lists and open calls right, and may calls begin?"
_COLUMNS = ("id", "asked_at", "state", "number", "agent")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup; it stays as it is.")], *, json: Json = False
) -> None:
    """Put a copy into the place of the store. The bridge must be stopped.

    The copy is looked through first. The former file stays beside as .before-TIME. Nobody is called until
    the do-not-call lists and open calls of the copy are confirmed (confirm-restore).
    """
    store = file_of_store("pg_restore --clean --if-exists --exit-on-error --dbname={url} {file}", file)
    quietly()
    with said_in_one_line(), alone(socket_path(settings())):
        found = verify(file)
        if found.faults:
            print_copy(found)
            fail(f"{visible(str(file))} is not sound; the store is as it was")
        with progress_bar("copying", pages(file)) as advance:
            former = put_back(found, store, now=datetime.now(UTC), progress=advance)
    if json:
        print_json({"copy": msgspec.to_builtins(found), "former": None if former is None else str(former)})
        return
    print_copy(found)
    if former is not None:
        typer.echo(f"the former store is {visible(str(former))}")
    typer.echo("nobody is called until: agent-bridge confirm-restore")


def confirm_restore(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it was looked at.")] = False,
    json: Json = False,
) -> None:
    """Show what has to be looked at after a restore, and let calls begin again.

    Who asked not to be called after the copy was made has to be entered again (agent-bridge dnc add),
    and calls that were open in it may have been made.
    """
    held = next((hold for hold in run(ShowHolds()) if hold.reason is Held.RESTORED), None)
    if held is None:
        fail("there is nothing to confirm: the store was not restored, or that was confirmed")
    if json:
        print_json(msgspec.to_builtins(held))
    else:
        _show(held, datetime.now(UTC))
    if not yes and (json or not typer.confirm(ASKED)):
        fail("nobody is called; --yes says that it was looked at")
    run(TakeHoldBack(reason=Held.RESTORED))
    if not json:
        typer.echo("calls may begin")


def _show(held: Standing, now: datetime) -> None:
    copy = held.restored or Restored(file="")
    typer.echo(f"restored {_when(held.since.isoformat(), now)} from {visible(copy.file)}")
    for line in _to_look_at(copy, now):
        typer.echo(line)
    if copy.first_open:
        print_rows(_COLUMNS, ([getattr(call, name) for name in _COLUMNS] for call in copy.first_open), "")
    if older := (copy.open_calls or 0) - len(copy.first_open):
        typer.echo(f"and {older} older ones")


def _to_look_at(copy: Restored, now: datetime) -> Iterator[str]:
    yield f"newest event: {copy.newest_event}, {_when(copy.newest_event_at, now)}; what came after it is lost"
    newest = f"the newest of {_when(copy.newest_dnc_at, now)}" if copy.dnc else "none"
    yield f"do-not-call entries: {copy.dnc or 0}, {newest}; who has asked since must be entered again"
    yield f"calls that were open in the copy: {copy.open_calls or 0}"


def _when(text: str | None, now: datetime) -> str:
    """A moment and its age."""
    if text is None:
        return "a time that is not known"
    at = datetime.fromisoformat(text)
    minutes = max(0, int((now - at).total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    age = f"{days} days" if days > 1 else f"{hours} h" if hours > 1 else f"{minutes} min"
    return f"{at:%Y-%m-%d %H:%MZ} ({age} ago)"
