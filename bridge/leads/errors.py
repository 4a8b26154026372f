"""What can be wrong with a lead."""

from __future__ import annotations


class LeadError(Exception):
    """Something is wrong with a lead or a list."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__)


class InvalidLead(LeadError, ValueError):  # noqa: N818  the name says what happened
    """A field of a lead or a list holds what it must not."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


class PersonBusy(LeadError):  # noqa: N818  the name says what happened
    """The person is being called or spoken with, or a call to her has no result yet: ask again after it."""
