"""`agent-bridge agent password|link`: how an agent gets into her own page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from bridge.access.console import LINK_LASTS, LONGEST_LINK
from bridge.access.console_model import SHORTEST_PASSWORD
from bridge.access.model import PrincipalKind
from bridge.admin.user_commands import MakeConsoleLink, SetConsolePassword
from bridge.cli.output import print_json
from bridge.cli.run import run, settings
from bridge.cli.secrets import given_password
from bridge.cli.site_items import Json
from bridge.cli.user_commands import Name

AGENTS = frozenset({PrincipalKind.AGENT})


def set_password(
    user: Name,
    *,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    password_file: Annotated[Path | None, typer.Option(help="Read the password from this file.")] = None,
    json: Json = False,
) -> None:
    """Set the password of her console; without an option it is asked for. Her open pages are logged out."""
    password = given_password(stdin=password_stdin, file=password_file, least=SHORTEST_PASSWORD)
    run(SetConsolePassword(user=user, kinds=AGENTS, password=password))
    if json:
        print_json({"user": user, "done": "password"})
    else:
        typer.echo(f"changed the console password of agent {user}")


def make_link(
    user: Name,
    *,
    minutes: Annotated[
        int, typer.Option(min=1, max=LONGEST_LINK // timedelta(minutes=1), help="Minutes that it is good.")
    ] = LINK_LASTS // timedelta(minutes=1),
    json: Json = False,
) -> None:
    """Print a link that logs her in to her console, once; it ends the one that she had before."""
    made = run(MakeConsoleLink(user=user, kinds=AGENTS, minutes=minutes))
    url = made.at(_base())
    if json:
        print_json({"user": user, "url": url, "ends_at": made.ends_at})
        return
    typer.echo(url)
    typer.echo(f"Good once, until {made.ends_at:%Y-%m-%d %H:%M} UTC.", err=True)


def _base() -> str:
    """How others reach the bridge: `[http] public_url`, else where it listens."""
    http = settings().http
    scheme = "https" if http.tls_cert else "http"
    return (http.public_url or f"{scheme}://{http.host}:{http.port}").rstrip("/")


def add_console_commands(app: typer.Typer) -> None:
    """Put them among those of agents."""
    app.command("password", epilog="Example: agent-bridge agent password 1000")(set_password)
    app.command("link", epilog="Example: agent-bridge agent link 1000 --minutes 60")(make_link)
