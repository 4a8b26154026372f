"""Consents: written, taken back, read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bridge.consent import queries
from bridge.consent.model import WAITS, Consent, Given
from bridge.events.catalogue import LeadConsent
from bridge.leads.errors import InvalidLead
from bridge.leads.model import Lead, NewLead
from bridge.leads.service import Leads
from bridge.rules import Refusal, normalise
from bridge.store.database import Database, Transaction


class Consents:
    """The consents of one store.

    Args:
        db: the open store.
        leads: whose they are.
        clock: what time it is, aware.
    """

    def __init__(
        self,
        db: Database,
        leads: Leads,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._leads = leads
        self._country = leads.country
        self._clock = clock

    async def add(self, lead_id: int, given: Given, by: str) -> Consent | None:
        """Write a consent down; `None` if there is no such lead.

        A lead that has waited for it may be called again.

        Raises:
            InvalidLead: a field is wrong.
        """
        given.check(self._clock())
        lead = await self._leads.get(lead_id)
        if lead is None:
            return None
        return await self._db.write(lambda tx: self.add_in(tx, lead, given, by))

    async def add_in(self, tx: Transaction, lead: Lead, given: Given, by: str) -> Consent:
        """The same within a transaction of the caller's."""
        made = await self.add_with(tx, lead.id, lead, given, by)
        if lead.status == WAITS:
            await self._leads.change_in(tx, lead.id, status="NEW", called_since_last_reset="N")
        return made

    async def add_with(self, tx: Transaction, lead_id: int, lead: NewLead, given: Given, by: str) -> Consent:
        """The same for a lead that was added in this transaction.

        Raises:
            InvalidLead: a field is wrong.
        """
        given.check(self._clock())
        e164 = self._number(lead, given.number)
        said = {name: getattr(given, name) for name in Given.__struct_fields__ if name != "number"}
        new = Consent(id=0, lead_id=lead_id, e164=e164, recorded_at=self._clock(), recorded_by=by, **said)
        made = await queries.add(tx.conn, new)
        tx.emit(LeadConsent(lead_id=lead_id, purpose=given.purpose, state="given"))
        return made

    async def revoke(self, lead_id: int, *, purpose: str = "", how: str, by: str) -> int | None:
        """Take back what was given for the numbers of a lead, whichever lead it came with.

        Args:
            lead_id: whose numbers.
            purpose: only what was given for this; empty: everything.
            how: in which way she said so.
            by: who tells us.

        Returns:
            How many consents hold no more; `None` if there is no such lead.
        """
        lead = await self._leads.get(lead_id)
        if lead is None:
            return None

        async def work(tx: Transaction) -> int:
            given = await queries.of_lead(tx.conn, lead_id)
            numbers = {one.e164 for one in given}
            own = normalise(lead.phone_number, lead.phone_code, self._country)
            if not isinstance(own, Refusal):
                numbers.add(own.e164)
            found: list[Consent] = []
            for number in sorted(numbers):
                found += await queries.of_number(tx.conn, number)
            ids = [one.id for one in found if one.revoked_at is None and purpose in ("", one.purpose)]
            if ids:
                await queries.revoke(tx.conn, ids, how, by, self._clock())
                tx.emit(LeadConsent(lead_id=lead_id, purpose=purpose, state="revoked"))
            return len(ids)

        return await self._db.write(work)

    async def add_lead(
        self, lead: NewLead, given: Given, by: str, *, campaign: str = "", called_at: datetime | None = None
    ) -> int:
        """Add a lead together with its consent, both or neither; the lead's id.

        Raises:
            InvalidLead: a field of the consent is wrong.
        """

        async def work(tx: Transaction) -> int:
            lead_id = await self._leads.add_in(tx, lead, campaign=campaign, called_at=called_at)
            await self.add_with(tx, lead_id, lead, given, by)
            return lead_id

        return await self._db.write(work)

    async def of_lead(self, lead_id: int) -> list[Consent]:
        """All that came with a lead, the newest first."""
        async with self._db.read() as conn:
            return await queries.of_lead(conn, lead_id)

    def _number(self, lead: NewLead, number: str) -> str:
        read = normalise(number or lead.phone_number, "" if number else lead.phone_code, self._country)
        if isinstance(read, Refusal):
            raise InvalidLead("number", read.why)
        return read.e164
