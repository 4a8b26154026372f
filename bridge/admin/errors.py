"""What can go wrong between the command line and the service."""

from __future__ import annotations

from bridge.access.errors import AccessError
from bridge.campaigns.errors import SiteError
from bridge.leads.errors import LeadError
from bridge.store.errors import StoreError

EXPECTED = (AccessError, SiteError, LeadError, StoreError)
"""What a command may be refused with, by either process: said in one line, without a traceback."""


class AdminError(Exception):
    """The service refuses the command, or the socket cannot be used: the text says why."""


class ServiceEnded(AdminError):  # noqa: N818  the name says what it means to the caller
    """The service ended before it answered: whether the command was carried out is not known."""


class ServiceDown(Exception):  # noqa: N818  the name says what it means to the caller
    """Nobody listens on the socket."""
