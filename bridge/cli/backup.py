"""`agent-bridge backup` and `verify`: copies of the store, made and looked through while a bridge runs.

Straight at the files and not over the socket of the service: reading holds nobody up, and a copy must be
possible when the service is not.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer
from sqlalchemy import URL

from bridge.cli.lead_file import progress_bar
from bridge.cli.output import fail, print_fields, print_json, visible
from bridge.cli.run import quietly, said_in_one_line, settings
from bridge.cli.site_items import Json
from bridge.store.backup import back_up, pages, refuse_target
from bridge.store.url import parse
from bridge.store.verify import Copy
from bridge.store.verify import verify as look_through

DUMP = "pg_dump --format=custom --file={file} {url}"
"""What copies a store on PostgreSQL."""


def backup(
    file: Annotated[Path, typer.Argument(help="The copy; for the service's user alone.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
    json: Json = False,
) -> None:
    """Copy the store to a file, while the bridge runs or not; it holds nobody up.

    Under the name there is a whole copy or none. On PostgreSQL it says what to run instead.
    """
    source = file_of_store(DUMP, file)
    with said_in_one_line(), _interruptible(file):
        refuse_target(source, file, replace=force)
        with progress_bar("copying", pages(source)) as advance:
            back_up(source, file, replace=force, progress=advance)
    size = file.stat().st_size
    if json:
        print_json({"file": str(file), "bytes": size})
    else:
        typer.echo(f"{visible(str(file))}: {size:,} bytes")


def verify(
    file: Annotated[Path, typer.Argument(help="A backup, or the file of a store.")], *, json: Json = False
) -> None:
    """Say what a copy holds and whether it is sound; with a fault the status is 1. It is never written."""
    quietly()
    found = look_through(file)
    if json:
        print_json(found)
    else:
        print_copy(found)
    if found.faults:
        raise typer.Exit(1)


def print_copy(found: Copy) -> None:
    """What a file holds on standard output, a line for each fault on standard error."""
    if found.bytes:
        print_fields(
            {name: value for name, value in msgspec.structs.asdict(found).items() if name != "faults"}
        )
    for fault in found.faults:
        typer.echo(f"fault: {visible(found.file)}: {visible(fault)}", err=True)


def file_of_store(instead: str, file: Path) -> Path:
    """The SQLite file of the settings; on PostgreSQL the command ends with what is to be run instead.

    Args:
        instead: a command of PostgreSQL's, with places for `file` and `url`.
        file: what goes into the place of the file.
    """
    with said_in_one_line():
        url = parse(settings().store.url.reveal())
    if url.get_backend_name() != "sqlite":
        _refuse_server(url, instead, file)
    return Path(url.database or "")


def command_of_server(url: URL, instead: str, file: Path) -> str:
    """A command of PostgreSQL's for a store, without its password.

    Args:
        url: the store.
        instead: the command, with places for `file` and `url`.
        file: what goes into the place of the file.
    """
    bare = url.difference_update_query(["password", "sslpassword"])
    bare = bare._replace(drivername="postgresql", password=None)  # `set` takes None for "as it is"
    there = shlex.quote(bare.render_as_string(hide_password=False))
    return instead.format(file=shlex.quote(str(file)), url=there)


def _refuse_server(url: URL, instead: str, file: Path) -> NoReturn:
    said = command_of_server(url, instead, file)
    password = " (the password: in ~/.pgpass or PGPASSWORD)" if url.password else ""
    fail(f"the store is PostgreSQL, whose own programs do this: {said}{password}")


@contextmanager
def _interruptible(file: Path) -> Iterator[None]:
    """Ctrl-C ends the command in one line."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"interrupted; {visible(str(file))} is as it was", err=True)
        raise typer.Exit(130) from None
