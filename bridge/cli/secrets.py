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
    secret = None
    if ask:
        secret = str(typer.prompt("Secret", hide_input=True, confirmation_prompt=True))
    elif stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif file is not None:
        secret = _read(file)
    if secret is not None and len(secret) < LEAST:
        fail(f"the secret has {len(secret)} characters: at least {LEAST}")
    return secret


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        fail(f"--secret-file: cannot read {file}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"--secret-file: {file} is not UTF-8")
