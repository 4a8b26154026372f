"""Leads: find and add them, and say which numbers must not be called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from bridge.dnc import queries as list_queries
from bridge.dnc.entries import entry_of, whole_entry
from bridge.dnc.model import Version
from bridge.events.catalogue import LeadAdded, LeadChanged
from bridge.leads import queries
from bridge.leads.model import Customer, DncEntry, Lead, NewLead
from bridge.leads.numbers import Sought, forms, international, sought, sought_of
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction

PAGE = 1000
"""Most entries of the do-not-call list that one answer gives."""
FOUND = 10
"""Most leads that a search by number gives."""


class Leads:
    """The leads of one store.

    Args:
        db: the open store.
        country: the site's country, two letters: how a number without a country code is read.
        clock: what time it is, aware.
    """

    def __init__(
        self, db: Database, *, country: str = "US", clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db = db
        self._country = country
        self._clock = clock

    @property
    def country(self) -> str:
        """The site's, two letters."""
        return self._country

    async def get(self, lead_id: int) -> Lead | None:
        """One lead; none for an id that no database could hold."""
        if not 0 < lead_id < 2**63:
            return None
        async with self._db.read() as conn:
            return await queries.get(conn, lead_id)

    async def add(
        self,
        lead: NewLead,
        *,
        campaign: str = "",
        source: str = "",
        called_at: datetime | None = None,
    ) -> int:
        """Store a new lead and say so to those who listen; its id."""
        return await self._db.write(
            lambda tx: self.add_in(tx, lead, campaign=campaign, source=source, called_at=called_at)
        )

    async def add_in(
        self,
        tx: Transaction,
        lead: NewLead,
        *,
        campaign: str = "",
        source: str = "",
        called_at: datetime | None = None,
    ) -> int:
        """The same within a transaction of the caller's: a manual dial makes lead and call at once.

        Args:
            tx: the transaction.
            lead: what is known of it.
            campaign: the one that it is added for, for those who listen; empty: that of its list.
            source: the label that the caller gave itself.
            called_at: what counts as the time of its last call.
        """
        lead_id = await queries.add(tx.conn, lead, self._clock(), called_at)
        campaign = campaign or await queries.campaign_of_list(tx.conn, lead.list_id)
        tx.emit(LeadAdded(lead_id=lead_id, list_id=lead.list_id, campaign=campaign, source=source))
        return lead_id

    async def change_in(self, tx: Transaction, lead_id: int, **changes: Any) -> bool | None:
        """Give fields of a lead new values, within a transaction of the caller's, and tell of it.

        Returns:
            Whether anything is different now; `None` if there is no such lead.

        Raises:
            InvalidLead: a value cannot be.
        """
        known = await queries.locked(tx.conn, lead_id)
        if known is None:
            return None
        fields = tuple(sorted(name for name, value in changes.items() if getattr(known, name) != value))
        if fields:
            lead = msgspec.structs.replace(known, **changes, modify_date=self._clock())
            await queries.save(tx.conn, lead, known)
            tx.emit(LeadChanged(lead_id=lead_id, fields=fields))
        return bool(fields)

    async def by_vendor_code(self, code: str) -> Lead | None:
        """The newest lead that the customer's own system knows by this code."""
        if not code or not code.isprintable():
            return None
        async with self._db.read() as conn:
            return await queries.by_vendor_code(conn, code)

    async def by_number(self, number: str, *, limit: int = FOUND) -> list[Lead]:
        """Leads with this number, however it is written; the likeliest one first.

        A lead's main number comes before an alternative one, then the newest lead first.
        """
        wanted = forms(number, self._country)
        if not wanted:
            return []
        async with self._db.read() as conn:
            return await queries.by_number(conn, wanted, limit)

    def e164(self, number: str) -> str:
        """A number as the network has sent it, in E.164; one that cannot be read stays as it is."""
        return international(number, self._country)

    async def likeliest(self, number: str) -> Customer | None:
        """What a dial wants of the first lead that `by_number` would give."""
        wanted = forms(number, self._country)
        if not wanted:
            return None
        async with self._db.read() as conn:
            return await queries.likeliest(conn, wanted)

    async def dnc_hits(self, number: str, campaign: str = "") -> list[DncEntry]:
        """The entries of the do-not-call lists that forbid this number to the campaign."""
        async with self._db.read() as conn:
            return await _hits(conn, sought(number, self._country), campaign)

    async def dnc_hits_of(self, country_code: int, national: str, campaign: str = "") -> list[DncEntry]:
        """The same for a number that has been read already: to read one takes as long as to look it up."""
        async with self._db.read() as conn:
            return await _hits(conn, sought_of(country_code, national, self._country), campaign)

    async def dnc_hits_in(
        self, conn: Connection, country_code: int, national: str, campaign: str, lists: Sequence[Version]
    ) -> list[DncEntry]:
        """The same within a transaction: what was forbidden a moment ago is not dialled.

        `lists` are the imported ones that hold for the campaign, as they are in the same transaction.
        """
        wanted = sought_of(country_code, national, self._country)
        own = await queries.dnc_hits(conn, wanted, campaign)
        return own + await list_queries.hits(conn, wanted, lists)

    async def add_dnc(self, number: str, *, campaign: str = "", by: str = "") -> bool:
        """Forbid a number, an area code of three digits, or a prefix and `*`; false if it was already.

        Raises:
            InvalidLead: it is none of them.
        """
        return await self._db.write(lambda tx: self.add_dnc_in(tx, number, campaign=campaign, by=by))

    async def add_dnc_in(self, tx: Transaction, number: str, *, campaign: str = "", by: str = "") -> bool:
        """The same within a transaction of the caller's."""
        entry = whole_entry(number, self._country, campaign, by)
        return await queries.add_dnc(tx.conn, entry, self._clock())

    async def remove_dnc(self, number: str, *, campaign: str = "") -> bool:
        """Allow a number, an area code or a prefix again; false if it was not forbidden.

        Raises:
            InvalidLead: it is none of them.
        """
        entry = entry_of(number, self._country, campaign)
        return await self._db.write(lambda tx: queries.remove_dnc(tx.conn, entry))

    async def dnc(self, campaign: str = "", *, after: str = "", limit: int = PAGE) -> list[DncEntry]:
        """Entries of a campaign, or those for everybody, in the order of their numbers, at most `PAGE`."""
        async with self._db.read() as conn:
            return await queries.dnc_page(conn, campaign, after, min(limit, PAGE))


async def _hits(conn: Connection, wanted: Sought, campaign: str) -> list[DncEntry]:
    own = await queries.dnc_hits(conn, wanted, campaign)
    return own + await list_queries.hits(conn, wanted, await list_queries.holding(conn, campaign))
