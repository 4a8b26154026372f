"""How a command that runs until it is told to stop comes to its end."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def ends_in_peace() -> Iterator[None]:
    """Ctrl-C, or a reader that has gone, is the end of the command and no fault of it: status 0."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit from None
    except BrokenPipeError:
        # What is still buffered would be written at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def reader_gone() -> bool:
    """Whether nobody will ever read what goes to standard output: its pipe or terminal is closed."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):  # it is no file
        return False
    return bool(poll.poll(0))


def say(text: str) -> None:
    """Tell a person, beside what is printed."""
    typer.echo(f"agent-bridge: {text}", err=True)
