"""`agent-bridge agent password`: how an agent gets into her own page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.access.console_model import SHORTEST_PASSWORD
from bridge.access.model import PrincipalKind
from bridge.admin.user_commands import SetConsolePassword
from bridge.cli.output import print_json
from bridge.cli.run import run
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


def add_console_commands(app: typer.Typer) -> None:
    """Put them among those of agents."""
    app.command("password", epilog="Example: agent-bridge agent password 1000")(set_password)
