"""What can be wrong with an import."""

from __future__ import annotations

from bridge.leads.errors import LeadError


class Unusable(LeadError):  # noqa: N818  the name says what happened
    """The file, or how it is to be read, cannot be used: nothing of it was taken in.

    Args:
        message: why.
        field: what a person said that cannot be; empty: it is the file.
    """

    def __init__(self, message: str = "", field: str = "") -> None:
        super().__init__(message)
        self.field = field


class OutOfPlace(LeadError):  # noqa: N818  the name says what happened
    """Another process goes on with the same import: these rows are in already, or not yet due."""


class Stopped(LeadError):  # noqa: N818  the name says what happened
    """Somebody has stopped the import: no further row is taken in."""
