"""The settings of a command, and its way to the service or into the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.admin.client import perform
from bridge.admin.command import Command, R
from bridge.admin.errors import EXPECTED, AdminError
from bridge.cli.output import fail
from bridge.logs import configure
from bridge.settings import LogSettings, Settings
from bridge.settings_source import load
from bridge.tables import TableError


def settings() -> Settings:
    """The settings in force, or the end of the command with what is wrong in them."""
    try:
        return load()
    except TableError as error:
        fail(f"settings: {error}")


def run(command: Command[R]) -> R:
    """Have a command carried out; ends this one if it cannot be done."""
    found = settings()
    quietly()
    with said_in_one_line():
        return perform(found, command)


def quietly() -> None:
    """Of what the parts of the service log within a command, a person sees warnings."""
    configure(LogSettings(level="warning", format="console"))


@contextmanager
def said_in_one_line() -> Iterator[None]:
    """What a person can mend ends the command without a traceback."""
    try:
        yield
    except (*EXPECTED, AdminError, TableError) as error:
        fail(str(error))
