"""Erasing a person: looked for, told, erased in small transactions, written down without her.

A kill in the midst leaves her leads, which go last: the same wish goes on from there, and one that is done is
done again without effect.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, delete, func, or_, select, tuple_, update

from bridge.audit.entry import masked_number
from bridge.dialer.hopper import Hopper
from bridge.events.catalogue import PersonErased
from bridge.ids import uuid7
from bridge.leads.changing import remove_lead
from bridge.leads.errors import PersonBusy
from bridge.persons import finding
from bridge.persons.model import Erased, Person, Reach, Wish
from bridge.persons.places import PLACES, Change, Looker, Place, parts
from bridge.persons.words import Words
from bridge.recordings.files import Folder
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.schema import (
    archived_leads,
    callbacks,
    calls,
    consents,
    dnc,
    dnc_numbers,
    filter_numbers,
    leads,
    recordings,
    verdicts,
)

PAGE: Final = 500
"""Rows that are read at once, and changed in one transaction."""
TOLD: Final = 500
"""Calls that the event names: those whose state a sink may still hold are among the newest."""


class Persons:
    """Erases persons of one store.

    Args:
        db: the open store.
        country: the site's, two letters (ISO 3166): numbers are read in it.
        folder: of the recordings.
    """

    def __init__(self, db: Database, country: str, folder: Folder) -> None:
        self._db = db
        self._country = country
        self._folder = folder
        self._hopper = Hopper(db)

    async def reach(self, wish: Wish) -> Reach:
        """The lists and campaigns in which she is.

        Raises:
            InvalidLead: it is no number.
        """
        async with self._db.read() as conn:
            return await finding.reach(conn, await finding.find(conn, wish, self._country))

    async def look(self, wish: Wish) -> Erased:
        """What would be erased; nothing is.

        Raises:
            InvalidLead: it is no number.
        """
        return await self._go_through(wish, dry=True)

    async def erase(self, wish: Wish) -> Erased:
        """Erase her.

        Raises:
            InvalidLead: it is no number.
            PersonBusy: she is called or spoken with; what was not erased yet waits for the same wish.
            StoreError: the store failed; the same.
        """
        return await self._go_through(wish, dry=False)

    async def _go_through(self, wish: Wish, *, dry: bool) -> Erased:
        async with self._db.read() as conn:
            person = await finding.find(conn, wish, self._country)
            busy = await finding.in_call(conn, person)
        if busy and not dry:
            raise PersonBusy
        done = Erased(
            id=uuid7(),
            dry_run=dry,
            leads=sorted(person.leads),
            other_numbers=[masked_number(number) for number in person.others],
            in_call=busy,
        )
        await self._recordings(person, wish, done)
        if done.files_left:  # by her number in the calls they are found again
            wish = msgspec.structs.replace(wish, evidence_too=False)
        look = Looker(person, Words(person), wish)
        for place in PLACES:
            await self._place(place, look, done)
        done.kept = await self._kept(person, wish)
        await self._leads(person, wish, done)
        if not dry:
            done.clean = await self._db.clean()
        return done

    async def _place(self, place: Place, look: Looker, done: Erased) -> None:
        after: tuple[Any, ...] | None = None
        wanted = None if place.where is None else place.where(look.person)
        while True:
            rows = await self._page(place, after, wanted)
            changes = [(row, change) for row in rows if (change := place.change(look, row)) is not None]
            if changes and not done.dry_run:
                await self._write(place, changes)
            done.count(place.table.name, len(changes))
            if len(rows) < PAGE:
                return
            after = _key(place, rows[-1])

    async def _page(
        self, place: Place, after: tuple[Any, ...] | None, wanted: ColumnElement[bool] | None
    ) -> Sequence[Row[Any]]:
        keys = list(place.table.primary_key)
        query = select(place.table).order_by(*keys).limit(PAGE)
        if after is not None:
            query = query.where(tuple_(*keys) > tuple_(*after))
        if wanted is not None:
            query = query.where(wanted)
        async with self._db.read() as conn:
            return (await conn.execute(query)).all()

    async def _write(self, place: Place, changes: Sequence[tuple[Row[Any], Change]]) -> None:
        async def work(tx: Transaction) -> None:
            for row, change in changes:
                own = [
                    key == value for key, value in zip(place.table.primary_key, _key(place, row), strict=True)
                ]
                if isinstance(change, str):
                    await tx.conn.execute(delete(place.table).where(*own))
                elif change is not None:
                    await tx.conn.execute(update(place.table).where(*own).values(**change))

        await self._db.write(work)

    async def _recordings(self, person: Person, wish: Wish, done: Erased) -> None:
        """Files first: a row whose file may be there tells where to look for it."""
        for row in await self._recorded(person):
            gone = wish.files_gone
            if not done.dry_run:
                gone = await asyncio.to_thread(self._folder.remove, row.filename) or gone
            if not (gone or (done.dry_run and self._folder.known)):
                done.files_left.append(row.filename)
                continue
            if not done.dry_run:
                await self._forget_recording(row.id)
            done.count(recordings.name, 1)

    async def _recorded(self, person: Person) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        wanted = [recordings.c.lead_id.in_(sorted(person.leads))]
        wanted += [recordings.c.call_id.in_(part) for part in parts(sorted(person.calls))]
        async with self._db.read() as conn:
            for where in wanted:
                query = select(recordings.c.id, recordings.c.filename).where(where)
                found += (await conn.execute(query)).all()
        return list({row.id: row for row in found}.values())

    async def _forget_recording(self, recording_id: int) -> None:
        async def work(tx: Transaction) -> None:
            await tx.conn.execute(delete(recordings).where(recordings.c.id == recording_id))

        await self._db.write(work)

    async def _leads(self, person: Person, wish: Wish, done: Erased) -> None:
        """The leads, which tell whose the rest is, and in the last transaction the event."""
        if done.dry_run:
            await self._count_leads(person, done)
            return
        for part in parts(sorted(person.leads)):
            gone = await self._db.write(partial(self._remove, ids=part))
            for name, count in gone.items():
                done.count(name, count)
        await self._db.write(lambda tx: _tell(tx, person, wish, done))

    async def _count_leads(self, person: Person, done: Erased) -> None:
        ids = sorted(person.leads)
        async with self._db.read() as conn:
            for own in (leads.c.id, archived_leads.c.id, callbacks.c.lead_id):
                done.count(own.table.name, await _count(conn, own.in_(ids)))

    async def _remove(self, tx: Transaction, ids: Sequence[int]) -> dict[str, int]:
        found = dict.fromkeys(("leads", "callbacks", "archived_leads"), 0)
        for lead_id in ids:
            gone = await remove_lead(tx, lead_id, self._hopper)
            if gone is None:
                raise PersonBusy
            found["leads"] += gone.rows
            found["callbacks"] += gone.callbacks
        gone_too = await tx.conn.execute(delete(archived_leads).where(archived_leads.c.id.in_(ids)))
        found["archived_leads"] = gone_too.rowcount
        return found

    async def _kept(self, person: Person, wish: Wish) -> dict[str, int]:
        """What stays with her number in it, and why is said in docs/erasure.md."""
        async with self._db.read() as conn:
            own = {table: table.c.number.in_(person.forms) for table in (dnc, dnc_numbers, filter_numbers)}
            found = {table.name: await _count(conn, where) for table, where in own.items()}
            if not wish.evidence_too:
                found[calls.name] = await _count(conn, calls.c.e164 == person.e164)
                found[verdicts.name] = await _count(conn, verdicts.c.e164 == person.e164)
                found[consents.name] = await _count(
                    conn, or_(consents.c.e164 == person.e164, consents.c.lead_id.in_(sorted(person.leads)))
                )
        return {name: count for name, count in found.items() if count}


async def _tell(tx: Transaction, person: Person, wish: Wish, done: Erased) -> None:
    tx.emit(
        PersonErased(
            erasure_id=done.id,
            leads=tuple(done.leads),
            calls=tuple(sorted(person.calls)[-TOLD:]),
            rows=sum(done.rows.values()),
            evidence="erased" if wish.evidence_too else "kept",
            files_left=len(done.files_left),
        )
    )


async def _count(conn: Connection, where: ColumnElement[bool]) -> int:
    return int((await conn.execute(select(func.count()).where(where))).scalar_one())


def _key(place: Place, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, key.name) for key in place.table.primary_key)
