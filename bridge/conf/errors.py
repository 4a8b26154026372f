"""Why a configuration is left as it is. What a fault interrupts is finished, or undone, by the next run.

ConfError
 +- NotShipped          the installation of the bridge is not complete
 +- NoConfiguration     the directory is not an Asterisk's
 +- NotAFile            a symbolic link, or something else that is no ordinary file
 +- Generated           a program writes that file anew
 +- NameTaken           a section of that name is there already
 +- Changed             somebody changed a file since the bridge wrote it
 +- RecordUnusable      what was kept for putting back cannot be trusted
 +- NotPermitted        this user may not write there
"""

# ruff: noqa: N818 - names say what happened

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "Changed",
    "ConfError",
    "Generated",
    "NameTaken",
    "NoConfiguration",
    "NotAFile",
    "NotPermitted",
    "NotShipped",
    "RecordUnusable",
]


class ConfError(Exception):
    """The configuration cannot be changed."""


class NotShipped(ConfError):
    """A file that belongs to the bridge is missing from its installation."""

    def __init__(self, name: str) -> None:
        """Say which."""
        super().__init__(f"{name} is missing from this installation of the bridge: install it again")


class NoConfiguration(ConfError):
    """The directory does not hold an Asterisk configuration."""


class NotAFile(ConfError):
    """A path is a symbolic link, has several names, or is no ordinary file."""


class Generated(ConfError):
    """A program writes this file anew, and would take our lines out again."""


class NameTaken(ConfError):
    """Sections of ours are in the existing configuration already."""


class Changed(ConfError):
    """Files were changed since the bridge wrote them.

    Attributes:
        files: their names, each with what to do.
    """

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        """Name them all at once."""
        self.files = tuple(files)
        lines = "".join(f"\n  {name}: {what}" for name, what in self.files)
        super().__init__(f"changed since the bridge wrote them, so nothing was touched:{lines}")


class RecordUnusable(ConfError):
    """The record of the old state is damaged, of another version, or not ours."""


class NotPermitted(ConfError):
    """This user may not read or write there."""
