"""What the non-agent API needs of leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from bridge.campaigns.model import Campaign
from bridge.dialer.model import HopperRow
from bridge.dnc.model import Version
from bridge.leads.adding import Added, Adding, ToCallBack
from bridge.leads.alternates import AltNumber
from bridge.leads.callbacks import Callback, ChangedCallback, Place, Wanted
from bridge.leads.changing import Changed, Changing, Dearchived
from bridge.leads.filter_groups import FilterGroup
from bridge.leads.lists import ListCounts, ListFacts
from bridge.leads.model import DncEntry, Lead, NewLead
from bridge.leads.promising import Promised
from bridge.leads.search import By, Order


class LeadDesk(Protocol):
    """Leads with all that hangs on them: `bridge.leads.desk.LeadDesk`."""

    async def find(  # noqa: PLR0913  a search is said in one call
        self,
        by: By,
        value: str,
        *,
        lists_only: Sequence[int] | None = None,
        order: Order = "newest id",
        limit: int,
        archived: bool = False,
        before: int | None = None,
    ) -> Sequence[Lead]:
        """Leads whose field has exactly this value; `before`: of those the ones with a smaller id."""

    async def is_open(self, lead: NewLead, campaign: Campaign, now: datetime) -> bool:
        """Whether the hours of list, campaign and state let it be called at a moment."""

    async def is_open_at(self, call_time: str, state: str, minutes: int, now: datetime) -> bool:
        """Whether a call time, with its rules for states, is open on a clock of this offset from UTC."""

    async def add(self, wish: Adding) -> Added:
        """Add a lead with all that comes with it, unless there is one like it (`InvalidLead`)."""

    async def get(self, lead_id: str, *, archived: bool = False) -> Lead | None:
        """One lead, by digits that a caller has given."""

    async def change(self, wish: Changing) -> Changed:
        """Change or delete a lead with all that hangs on it (`InvalidLead`)."""

    async def dearchive(self, lead_id: int) -> Dearchived:
        """Bring a lead back from the archive."""

    async def callbacks(self, lead_id: int, *, archived: bool) -> Sequence[Callback]:
        """Callbacks of a lead, the oldest first: those that stand, or those of the archive."""

    async def callback(self, call_id: str) -> Callback | None:
        """One, also of the archive."""

    async def callback_page(self, wanted: Wanted, after: Place, limit: int) -> Sequence[Callback]:
        """Callbacks behind a place: the first to be done first, those without a time last."""

    async def promise(self, lead_id: int, wish: ToCallBack) -> Promised | None:
        """Keep when a lead is to be called, unless that was promised already; `None`: no such lead."""

    async def change_callback(self, call_id: str, wish: ChangedCallback) -> Callback | None:
        """Change one that stands; `None`: it does not stand, or no more."""

    async def take_back(self, call_id: str) -> bool:
        """Put a callback into the archive; false if it does not stand, or no more."""

    async def numbers(self, lead_id: int) -> Sequence[AltNumber]:
        """A lead's numbers beside its own two, in the order in which they are dialled."""

    async def set_numbers(self, lead_id: int, numbers: Sequence[AltNumber]) -> bool:
        """Give a lead these in place of those that it has; false if there is no such lead."""

    async def by_ids(self, ids: Iterable[int], limit: int, *, archived: bool = False) -> Sequence[Lead]:
        """The leads of these ids, the newest id first."""

    async def lists_of_campaign(self, campaign: str) -> Sequence[int]:
        """Ids of the lists of a campaign."""

    async def of_calls(self, status: str, begin: datetime, end: datetime, limit: int) -> Sequence[Lead]:
        """The leads of the calls of a time that ended with a status."""

    async def called(self, lead_id: int, limit: int) -> Sequence[Lead]:
        """A lead once for each of its calls."""


class ListDesk(Protocol):
    """Lists as wholes: `bridge.leads.lists.ListDesk`."""

    async def facts(self, list_id: int, now: datetime) -> ListFacts | None:
        """What has become of a list; `None` if there is none."""

    async def counts(self, list_id: int) -> ListCounts:
        """How many leads it has."""

    async def dialable(self, list_id: int, statuses: Sequence[str]) -> int:
        """How many of its leads have one of these statuses and were not called since its last reset."""

    async def reset(self, list_id: int, campaign: str) -> int:
        """Let all its leads be dialled again; how many had been called."""

    async def delete_leads(self, list_id: int, *, archived: bool = False) -> int:
        """Take away its leads, or those of the archive, but for those that are just being dialled."""

    async def leave_hopper(self, list_id: int, campaign: str) -> int:
        """Take its leads out of the hopper of a campaign."""

    async def empty_hopper(self, campaign: str) -> int:
        """Take away all that a campaign would dial next, but for what is just being dialled."""


class Hopper(Protocol):
    """What is dialled next: `bridge.dialer.hopper.Hopper`."""

    async def page(self, campaign: str, *, limit: int) -> Sequence[HopperRow]:
        """Rows of a campaign that may be dialled, in the order in which they are."""


class Dnc(Protocol):
    """The do-not-call lists: `bridge.leads.service.Leads`."""

    async def add_dnc(self, number: str, *, campaign: str = "", by: str = "") -> bool:
        """Forbid a number or an area code; false if it was forbidden already (`InvalidLead`)."""

    async def remove_dnc(self, number: str, *, campaign: str = "") -> bool:
        """Allow a number or an area code again; false if it was not forbidden."""

    async def dnc_hits(self, number: str, campaign: str = "") -> Sequence[DncEntry]:
        """The entries, also of imported lists, that forbid a number to the campaign."""

    async def dnc(self, campaign: str = "", *, after: str = "", limit: int) -> Sequence[DncEntry]:
        """Entries of a campaign, or those for everybody, in the order of their numbers."""


class DncVersions(Protocol):
    """The imported do-not-call lists: `bridge.dnc.service.DncLists`."""

    async def holding(self, campaign: str) -> Sequence[Version]:
        """The versions in force that hold for a campaign."""

    async def versions(self, *, after: int, limit: int) -> Sequence[Version]:
        """All versions that are or were, in the order in which they were begun."""


class FilterGroups(Protocol):
    """Groups of filtered numbers: `bridge.leads.filter_groups.FilterGroups`. All raise `NoSuchItem`."""

    async def groups(self, *, after: str = "", limit: int) -> Sequence[FilterGroup]:
        """Groups by their names, from the one behind `after` on."""

    async def make(self, group: FilterGroup) -> None:
        """Add a group (`ItemExists`)."""

    async def drop(self, name: str) -> None:
        """Take a group away with its numbers."""

    async def numbers(self, name: str, *, after: str = "", limit: int) -> Sequence[str]:
        """Numbers of a group in their order, from the one behind `after` on."""

    async def has(self, name: str, number: str) -> bool:
        """Whether a number is in a group."""

    async def add(self, name: str, number: str) -> bool:
        """Put a number in; false if it is in already."""

    async def remove(self, name: str, number: str) -> bool:
        """Take a number out; false if it is not in."""
