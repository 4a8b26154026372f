"""Leads as callers of the non-agent API handle them: with all that hangs on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.consent.service import Consents
from bridge.dialer.hopper import Hopper
from bridge.events.catalogue import LeadChanged
from bridge.leads import (
    adding,
    alternates,
    callbacks,
    changing,
    dialable,
    promising,
    queries,
    search,
)
from bridge.leads.adding import Added, Adding, ToCallBack
from bridge.leads.alternates import AltNumber
from bridge.leads.callbacks import Callback, ChangedCallback, Place, Wanted
from bridge.leads.changing import Changed, Changing, Dearchived
from bridge.leads.model import Lead, NewLead
from bridge.leads.promising import Promised
from bridge.leads.search import By, Order
from bridge.leads.service import Leads
from bridge.store.database import Database, Transaction
from bridge.store.schema import calls


class LeadDesk:
    """The leads of one store.

    Args:
        db: the open store.
        leads: adds and changes them.
        hopper: takes those that are dialled next.
        site: lists, campaigns and hours.
        country: the site's country, two letters.
    """

    def __init__(self, db: Database, leads: Leads, hopper: Hopper, site: Site, country: str) -> None:
        self._db = db
        self._leads = leads
        self._hopper = hopper
        self._site = site
        self._country = country
        self._consents = Consents(db, leads)

    async def is_open(self, lead: NewLead, campaign: Campaign, now: datetime) -> bool:
        """Whether the hours of list, campaign and state let it be called at a moment."""
        return await dialable.is_open(self._site, lead, campaign, self._country, now)

    async def is_open_at(self, call_time: str, state: str, minutes: int, now: datetime) -> bool:
        """Whether a call time, with its rules for states, is open on a clock of this offset from UTC."""
        return await dialable.is_open_at(self._site, call_time, state, minutes, now)

    async def add(self, wish: Adding) -> Added:
        """Add a lead with all that comes with it, unless there is one like it (`InvalidLead`)."""
        return await self._db.write(
            lambda tx: adding.add(tx, wish, self._leads, self._hopper, self._consents)
        )

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
    ) -> list[Lead]:
        """Leads whose field has exactly this value; see `bridge.leads.search.find`."""
        wanted: str | int = value
        if by == "id":
            if not value.isdecimal() or not 0 < int(value) < 2**63:
                return []
            wanted = int(value)
        async with self._db.read() as conn:
            return await search.find(
                conn,
                by,
                wanted,
                lists_only=lists_only,
                order=order,
                limit=limit,
                archived=archived,
                before=before,
            )

    async def get(self, lead_id: str, *, archived: bool = False) -> Lead | None:
        """One lead, by digits that a caller has given."""
        found = await self.find("id", lead_id, limit=1, archived=archived)
        return found[0] if found else None

    async def change(self, wish: Changing) -> Changed:
        """Change or delete a lead with all that hangs on it."""
        return await self._db.write(lambda tx: changing.change(tx, wish, self._leads, self._hopper))

    async def dearchive(self, lead_id: int) -> Dearchived:
        """Bring a lead back from the archive."""
        return await self._db.write(lambda tx: changing.dearchive(tx, lead_id))

    async def callbacks(self, lead_id: int, *, archived: bool) -> list[Callback]:
        """Callbacks of a lead, the oldest first: those that stand, or those of the archive."""
        async with self._db.read() as conn:
            return await callbacks.of_lead(conn, lead_id, archived=archived)

    async def callback(self, call_id: str) -> Callback | None:
        """One, also of the archive."""
        async with self._db.read() as conn:
            return await callbacks.of_call(conn, call_id)

    async def callback_page(self, wanted: Wanted, after: Place, limit: int) -> list[Callback]:
        """Callbacks behind a place: the first to be done first, those without a time last."""
        async with self._db.read() as conn:
            return await callbacks.page(conn, wanted, after, limit)

    async def promise(self, lead_id: int, wish: ToCallBack) -> Promised | None:
        """Keep when a lead is to be called, unless that was promised already; see `promising.promise`."""
        return await self._db.write(
            lambda tx: promising.promise(tx, lead_id, wish, self._leads, self._hopper)
        )

    async def change_callback(self, call_id: str, wish: ChangedCallback) -> Callback | None:
        """Change one that stands; `None`: it does not stand, or no more."""
        return await self._db.write(lambda tx: callbacks.change(tx, call_id, wish))

    async def take_back(self, call_id: str) -> bool:
        """Put a callback into the archive; false if it does not stand, or no more."""
        return await self._db.write(lambda tx: callbacks.take_back(tx, call_id))

    async def numbers(self, lead_id: int) -> list[AltNumber]:
        """A lead's numbers beside its own two, in the order in which they are dialled."""
        async with self._db.read() as conn:
            return await alternates.every(conn, lead_id)

    async def set_numbers(self, lead_id: int, numbers: Sequence[AltNumber]) -> bool:
        """Give a lead these in place of those that it has; false if there is no such lead."""

        async def work(tx: Transaction) -> bool:
            if await queries.locked(tx.conn, lead_id) is None:
                return False
            if await alternates.replace(tx.conn, lead_id, numbers):
                tx.emit(LeadChanged(lead_id=lead_id, fields=("numbers",)))
            return True

        return await self._db.write(work)

    async def by_ids(self, ids: Iterable[int], limit: int, *, archived: bool = False) -> list[Lead]:
        """The leads of these ids, the newest id first."""
        async with self._db.read() as conn:
            known = [one for one in ids if 0 < one < 2**63]
            return await search.by_ids(conn, known, limit, archived=archived)

    async def lists_of_campaign(self, campaign: str) -> list[int]:
        """Ids of the lists of a campaign."""
        async with self._db.read() as conn:
            return await search.lists_of_campaign(conn, campaign)

    async def of_calls(self, status: str, begin: datetime, end: datetime, limit: int) -> list[Lead]:
        """The leads of the calls of a time that ended with a status."""
        where = (calls.c.asked_at >= begin, calls.c.asked_at < end, calls.c.status == status)
        async with self._db.read() as conn:
            return await search.called(conn, where, limit)

    async def called(self, lead_id: int, limit: int) -> list[Lead]:
        """A lead once for each of its calls."""
        if not 0 < lead_id < 2**63:
            return []
        async with self._db.read() as conn:
            return await search.called(conn, (calls.c.lead_id == lead_id,), limit)
