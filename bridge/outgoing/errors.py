"""Why a request was not made, or not answered.

No message holds more of a URL than its host: the rest may be secret.
"""

from __future__ import annotations


class OutgoingError(Exception):
    """The request failed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or type(self).__doc__)


class TargetInvalid(OutgoingError):  # noqa: N818  the name says what happened
    """It is no URL that requests are sent to; nothing was sent."""


class TargetForbidden(OutgoingError):  # noqa: N818  the same
    """The host is at no address that may be reached; nothing was sent."""


class TargetUnreachable(OutgoingError):  # noqa: N818  the same
    """The host is not there, cannot prove who it is, or does not speak HTTP."""


class TargetTooSlow(OutgoingError):  # noqa: N818  the same
    """The answer was not here in time; what was sent may have arrived."""
