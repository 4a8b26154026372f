"""Commands that live elsewhere in the bridge and are only loaded when somebody asks for them.

What is not installed, or not there yet, is simply not listed; nothing else suffers from it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from bridge.cli.run import settings


class Place(NamedTuple):
    """Where a command is to be found."""

    module: str
    name: str = "app"
    """A `typer.Typer` in the module."""
    prepare: Callable[[ModuleType], None] = lambda _: None
    """What the module needs before its commands run."""


def _of_the_service(module: ModuleType) -> None:
    """Without options, `ami` looks at the first Asterisk of the service's own settings."""
    module.use_defaults(lambda view: settings().asterisk[0].ami(view=view))


PLACES = {
    "ami": Place("bridge.ami.cli", prepare=_of_the_service),
    "doctor": Place("bridge.doctor.cli"),
    "conf": Place("bridge.conf.cli"),
}


class LazyGroup(TyperGroup):
    """The commands of this package and those of `PLACES`."""

    # The types of the context and of a command are click's or typer's own, as typer's version has it.

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the alphabet."""
        return sorted({*super().list_commands(ctx), *(name for name in PLACES if _is_there(PLACES[name]))})

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load the command if it is one of the others'."""
        place = PLACES.get(cmd_name)
        if place is None or not _is_there(place):
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module(place.module)
        place.prepare(module)
        found = getattr(module, place.name)
        command = typer.main.get_command(found) if isinstance(found, typer.Typer) else found
        command.name = cmd_name
        return command


def _is_there(place: Place) -> bool:
    try:
        return importlib.util.find_spec(place.module) is not None
    except ModuleNotFoundError:  # nor is the package around it
        return False
