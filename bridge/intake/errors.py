"""What can be wrong with a post. The sender is told no more than the class says."""

from __future__ import annotations


class IntakeError(Exception):
    """Nothing was taken."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__)


class NoSuchDoor(IntakeError):  # noqa: N818  the name says what happened
    """There is no such key, or nothing comes in by it now: which of them, nobody is told."""


class OverLimit(IntakeError):  # noqa: N818  the same
    """Too much has come in.

    Attributes:
        limit: name of the key's field that says how much there may be.
        seconds: until it is worth another try, at most.
    """

    def __init__(self, limit: str, seconds: int) -> None:
        super().__init__(f"over {limit}")
        self.limit = limit
        self.seconds = seconds
