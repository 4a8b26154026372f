"""Secrets given to the command line: by prompt, standard input or a file, never as an argument.

An argument would stand in the list of processes and in the shell's history.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.output import fail

LEAST = 8
"""Characters that a secret typed by a person must have."""

AskSecret = Annotated[bool, typer.Option("--ask-secret", help="Ask for the secret on the terminal.")]
SecretStdin = Annotated[bool, typer.Option("--secret-stdin", help="Read the secret from standard input.")]
SecretFile = Annotated[Path | None, typer.Option(help="Read the secret from this file.")]


def given_secret(*, ask: bool, stdin: bool, file: Path | None) -> str | None:
    """The secret that was given, if any."""
    if sum((ask, stdin, file is not None)) > 1:
        fail("give one of --ask-secret, --secret-stdin and --secret-file, not several")
    if not ask and not stdin and file is None:
        return None
    return _given("secret", stdin=stdin, file=file, least=LEAST)


def given_password(*, stdin: bool, file: Path | None, least: int) -> str:
    """A password of an agent's page, which is asked for unless it is given."""
    if stdin and file is not None:
        fail("give one of --password-stdin and --password-file, not both")
    return _given("password", stdin=stdin, file=file, least=least)


def _given(what: str, *, stdin: bool, file: Path | None, least: int) -> str:
    if stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif file is not None:
        secret = given_text(file, f"--{what}-file")
    else:
        secret = str(typer.prompt(what.capitalize(), hide_input=True, confirmation_prompt=True))
    if len(secret) < least:
        fail(f"the {what} has {len(secret)} characters: at least {least}")
    return secret


def given_text(file: Path, option: str) -> str:
    """What a file holds that an option names, without the blank space around it."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        fail(f"{option}: cannot read {file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{option}: {file} is not UTF-8")
