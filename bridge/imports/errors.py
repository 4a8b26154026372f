"""What can be wrong with an import."""

from __future__ import annotations

from bridge.leads.errors import LeadError


class Unusable(LeadError):  # noqa: N818  the name says what happened
    """The file, or how it is to be read, cannot be used: nothing of it was taken in."""


class OutOfPlace(LeadError):  # noqa: N818  the name says what happened
    """Another process goes on with the same import: these rows are in already, or not yet due."""
