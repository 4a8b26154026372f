"""`agent-bridge upgrade`: the store brought up to date at a time of one's choice, and what that would mean.

The service does the same at its start. Here it is looked at before, and done while nobody waits for calls.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from sqlalchemy import URL, Connection

from bridge.admin.place import alone, socket_path
from bridge.cli.backup import DUMP, command_of_server
from bridge.cli.lead_file import progress_bar
from bridge.cli.output import fail, print_fields, print_json, visible
from bridge.cli.run import quietly, said_in_one_line, settings
from bridge.cli.site_items import Json
from bridge.store import migrations
from bridge.store.backup import beside, pages
from bridge.store.duties_postgres import CLASS, HOLDERS
from bridge.store.errors import StoreError, StoreMisconfigured
from bridge.store.migrations import HEAD, Step, at_once, bring_to_head
from bridge.store.restore import nobody_serves
from bridge.store.upgrade import Outlook, outlook
from bridge.store.url import parse


def upgrade(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be done, and how long; do nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring the store to the schema of this version; the service must be stopped.

    All migrations hold, or none. With --check nothing is changed, and the service may run.
    """
    quietly()
    with said_in_one_line():
        url = parse(settings().store.url.reveal())
        _check(url, json=json) if check else _upgrade(url, json=json)


def _check(url: URL, *, json: bool) -> None:
    with progress_bar("copying", _pages(url)) as advance:
        found = outlook(url, advance)
    copy = copy_of(url, found.head)
    told = {**msgspec.to_builtins(found), "backup": _command(url, copy), "copy": _made(copy)}
    if json:
        print_json(told)
    else:
        _show(found, told)


def _pages(url: URL) -> int:
    path = Path(url.database or "")
    return pages(path) if url.get_backend_name() == "sqlite" and path.is_file() else 0


def copy_of(url: URL, head: str) -> Path:
    """Where a copy of before the update would be looked for."""
    if url.get_backend_name() == "sqlite":
        return beside(Path(url.database or "").absolute(), f".before-{head}")
    return Path(f"{url.database}.before-{head}.dump").absolute()


def _command(url: URL, copy: Path) -> str:
    if url.get_backend_name() == "sqlite":
        return f"agent-bridge backup {copy}"
    return command_of_server(url, DUMP, copy)


def _made(copy: Path) -> str | None:
    """When the copy was made; `None`: there is none."""
    if not copy.is_file():
        return None
    return datetime.fromtimestamp(copy.stat().st_mtime, UTC).isoformat(timespec="seconds")


def _show(found: Outlook, told: dict[str, Any]) -> None:
    fields = {
        "store": f"{found.kind}, {found.bytes:,} bytes, at revision {found.revision or 'none'}",
        "rows": "  ".join(f"{name} {count:,}" for name, count in found.rows.items()),
        "program": f"revision {found.head}",
        "to be run": len(found.steps) or "nothing: the store is up to date",
    }
    print_fields(fields)
    for step in found.steps:
        typer.echo(f"  {step.revision}  {visible(step.does)}")
    if found.steps:
        print_fields(_price(found, told))


def _price(found: Outlook, told: dict[str, Any]) -> dict[str, str]:
    room = f"{found.needed:,} bytes beside the store"
    free = "the server's disk is not seen from here" if found.free is None else f"{found.free:,} are free"
    made = f"made {told['copy']}" if told["copy"] else f"none of before {found.head}; to make one"
    return {
        "time": f"{found.seconds or 0:.1f} s; {found.how}",
        "room": f"{room}; {free}",
        "backup": f"{made}: {visible(told['backup'])}",
    }


def _upgrade(url: URL, *, json: bool) -> None:
    with _nobody_at_work(url):
        before = at_once(url, _look)
        done: list[Step] = []
        began = time.monotonic()
        if before != HEAD:
            _run(url, before, done, quiet=json)
    seconds = round(time.monotonic() - began, 3)
    if json:
        print_json(
            {"before": before, "revision": HEAD, "steps": msgspec.to_builtins(done), "seconds": seconds}
        )
    elif before == HEAD:
        typer.echo(f"the store is up to date: revision {HEAD}")
    else:
        typer.echo(f"the store is at revision {HEAD} ({len(done)} migrations, {seconds:.1f} s)")


def _look(conn: Connection) -> str | None:
    migrations.pending(conn)  # a store that is too new is refused before anything
    return migrations.revision_of(conn)


def _run(url: URL, before: str | None, done: list[Step], *, quiet: bool) -> None:
    total = len(at_once(url, migrations.pending))

    def tell(step: Step) -> None:
        done.append(step)
        if not quiet:
            typer.echo(f"{len(done)}/{total}  {step.revision}  {visible(step.does)}", err=True)

    try:
        at_once(url, partial(bring_to_head, told=tell))
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {_stands(before)}", err=True)
        raise typer.Exit(130) from None
    except StoreError as error:
        fail(f"{error}\n{_stands(before)}")


def _stands(before: str | None) -> str:
    return f"nothing was changed: the store stands at revision {before or 'none'}, as before"


@contextmanager
def _nobody_at_work(url: URL) -> Iterator[None]:
    """No bridge on the store, nor a command that writes into it, as far as can be told from here.

    Raises:
        AdminError, StoreError: there is one.
    """
    if url.get_backend_name() == "postgresql":
        if bridges := at_once(url, _bridges):
            fail(f"{bridges} bridges are at work on the store: stop them first; nothing was changed")
        yield
        return
    path = Path(url.database or "")
    if not path.is_file():
        raise StoreMisconfigured(f"there is no store at {path}: the service makes one when it starts")
    with alone(socket_path(settings())), nobody_serves(path):
        yield


def _bridges(conn: Connection) -> int:
    return int(conn.execute(HOLDERS, {"class": CLASS}).scalar_one())
