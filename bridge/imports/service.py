"""Taking leads in: each stretch of rows in one short transaction, which says how far the import is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from bridge.campaigns.service import Site
from bridge.consent.model import Consent
from bridge.events.catalogue import LeadsImported
from bridge.imports import queries
from bridge.imports.duplicates import field_of, find, name_of, repeated, strict_checks
from bridge.imports.errors import OutOfPlace, Stopped, Unusable
from bridge.imports.model import Batch, Import, Refusal, Row
from bridge.leads.duplicates import Check, checks
from bridge.leads.model import LeadList
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction

PAGE: Final = 1000
"""Most refused rows that one answer gives."""
TRIM_ROWS: Final = 5000
"""Refused rows that one transaction removes."""


async def _always(_: Connection) -> bool:
    return True


class Imports:
    """The imports of one store.

    Args:
        db: the open store.
        site: where the lists are.
        clock: what time it is, aware.
    """

    def __init__(
        self, db: Database, site: Site, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db = db
        self._site = site
        self._clock = clock

    async def target(self, list_id: int) -> LeadList:
        """The list that leads are to go to.

        Raises:
            Unusable: there is none of this id.
        """
        found = await self._site.get(LeadList, str(list_id))
        if found is None:
            raise Unusable(f"there is no list {list_id}")
        return found

    async def begin(self, new: Import) -> Import:
        """Begin an import, or go on with it: the same file by the same plan is the same import.

        Raises:
            Unusable: there is no such list, or the plan names no mode of duplicates.
            InvalidLead: the plan names no mode of duplicates.
        """
        await self.target(new.plan.list_id)
        strict_checks(new.plan.duplicates)

        async def work(tx: Transaction) -> Import:
            known = await queries.get(tx.conn, new.id)
            if known is None:
                fresh = msgspec.structs.replace(new, position=0, added=0, refused=0)
                await queries.add(tx.conn, fresh, self._clock())
                return fresh
            return known

        return await self._db.write(work)

    async def get(self, import_id: str) -> Import | None:
        """How far an import is."""
        async with self._db.read() as conn:
            return await queries.get(conn, import_id)

    async def take(
        self, import_id: str, batch: Batch, go_on: Callable[[Connection], Awaitable[bool]] = _always
    ) -> Import:
        """Take a stretch of rows in: all of it, once.

        Args:
            import_id: from `begin`.
            batch: the stretch; it begins where the import is.
            go_on: is asked within the transaction whether it is still wanted.

        Returns:
            How far it is then.

        Raises:
            OutOfPlace: it is somewhere else: the rows are in already, or others before them are missing.
            Stopped: it is not wanted any more.
        """

        async def work(tx: Transaction) -> Import:
            now = self._clock()
            if not await go_on(tx.conn):
                raise Stopped
            if not await queries.advance(tx.conn, import_id, batch.start, batch.end, now=now):
                raise OutOfPlace(f"the import is not at row {batch.start}: another process goes on with it")
            at = await queries.get(tx.conn, import_id)
            assert at is not None  # noqa: S101  it was just changed
            kept, twice = await _sifted(tx, checks(at.plan.duplicates), batch.rows, now)
            refused = sorted((*batch.refused, *twice), key=lambda one: one.row)
            consents = await _added(tx, kept, at, now)
            await queries.add_refusals(tx.conn, import_id, refused)
            await queries.count(tx.conn, import_id, added=len(kept), refused=len(refused))
            tx.emit(
                LeadsImported(
                    import_id=import_id,
                    list_id=at.list_id,
                    added=len(kept),
                    refused=len(refused),
                    row=batch.end,
                    of_rows=at.total,
                    consents=consents,
                )
            )
            return msgspec.structs.replace(
                at, added=at.added + len(kept), refused=at.refused + len(refused), changed_at=now
            )

        return await self._db.write(work)

    async def refusals(self, import_id: str, *, after: int = 0, limit: int = PAGE) -> list[Refusal]:
        """Rows that were refused, in their order, at most `PAGE`, from the one behind `after`."""
        async with self._db.read() as conn:
            return await queries.refusals(conn, import_id, after, min(limit, PAGE))

    async def trim(self, before: datetime) -> None:
        """Forget the refused rows of imports that nobody has touched since.

        That an import was, stays: its file is not taken in a second time.
        """
        while await self._db.write(lambda tx: queries.remove_refusals(tx.conn, before, TRIM_ROWS)):
            pass


async def _added(tx: Transaction, rows: Sequence[Row], of: Import, now: datetime) -> int:
    """Write leads, and what their customers have agreed to; how many consents there were."""
    new = [row.lead for row in rows]
    if not any(row.consent for row in rows):
        await queries.add_leads(tx.conn, new, now)
        return 0
    numbers = await queries.take_ids(tx.conn, len(new))
    await queries.add_leads(tx.conn, new, now, numbers)
    found = [_consent(row, number, of, now) for row, number in zip(rows, numbers, strict=True) if row.consent]
    await queries.add_consents(tx.conn, found)
    return len(found)


def _consent(row: Row, lead_id: int, of: Import, now: datetime) -> Consent:
    given = row.consent
    assert given is not None  # noqa: S101  the caller has looked
    return Consent(
        id=0,
        lead_id=lead_id,
        e164=f"+{row.lead.phone_code}{row.lead.phone_number}",
        purpose=given.purpose,
        given_at=given.given_at,
        source=given.source,
        shown=given.shown,
        given_by=given.given_by,
        recorded_at=now,
        recorded_by=of.by or f"import of {of.name}"[:255],
    )


async def _sifted(
    tx: Transaction, wanted: Sequence[Check], rows: Sequence[Row], now: datetime
) -> tuple[list[Row], list[Refusal]]:
    """The rows that are no duplicates, and those that are."""
    if not wanted or not rows:
        return list(rows), []
    new = [row.lead for row in rows]
    refused: dict[int, Refusal] = {}
    for at, hit in (await find(tx.conn, wanted, new, now)).items():
        refused[at] = _duplicate(rows[at], hit.check, f"lead {hit.lead_id} of list {hit.list_id}")
    fresh = [at for at in range(len(rows)) if at not in refused]
    for at, earlier, check in repeated(wanted, [new[at] for at in fresh]):
        refused[fresh[at]] = _duplicate(rows[fresh[at]], check, f"row {rows[fresh[earlier]].row}")
    return [row for at, row in enumerate(rows) if at not in refused], list(refused.values())


def _duplicate(row: Row, check: Check, of: str) -> Refusal:
    why = f"duplicate of {of} ({name_of(check)})"
    return Refusal(row=row.row, column=field_of(check), why=why, cells=row.cells)
