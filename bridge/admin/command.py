"""What a command is: plain data that travels, and does the same whichever process carries it out."""

from __future__ import annotations

import typing
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Meta

from bridge.access.service import Access
from bridge.audit.entry import Entry
from bridge.audit.trail import AuditTrail
from bridge.campaigns.service import PAGE, Site
from bridge.events.log import EventLog
from bridge.leads.service import Leads
from bridge.persons.service import Persons
from bridge.store.database import Database
from bridge.why.service import Why

R = TypeVar("R")
Limit = Annotated[int, Meta(ge=1, le=PAGE)]


class Parts(NamedTuple):
    """What a command works with."""

    db: Database
    access: Access
    site: Site
    leads: Leads
    audit: AuditTrail
    why: Why
    log: EventLog
    persons: Persons


class Command(
    msgspec.Struct,
    Generic[R],
    frozen=True,
    kw_only=True,
    tag_field="do",
    tag=True,
    forbid_unknown_fields=True,
):
    """One command; `R` is what comes of it."""

    seconds: ClassVar[float] = 30.0
    """How long its answer may take."""
    often: ClassVar[bool] = False
    """Whether it is asked again and again: the service's log does not tell of it then."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing: it gets no row in the audit trail then."""
        return False

    def tell(self, entry: Entry) -> None:
        """Say for the audit trail on what it was, when it is over."""

    async def do(self, parts: Parts) -> R:
        """Carry it out.

        Raises:
            AccessError, SiteError, LeadError, StoreError: nothing was done.
        """
        raise NotImplementedError

    @classmethod
    def result(cls) -> Any:
        """The type of what comes of it."""
        return typing.get_type_hints(cls.do)["return"]


class Reading(Command[R], frozen=True, kw_only=True):
    """A command that changes nothing."""

    @property
    def reads(self) -> bool:
        """It does."""
        return True
