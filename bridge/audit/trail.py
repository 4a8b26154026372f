"""The audit trail: rows are gathered and written together, within a second and off the path of the request.

See docs/decisions/0006-audit.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.access.rights import FUNCTIONS
from bridge.audit import queries
from bridge.audit.entry import Entry, Result
from bridge.audit.model import AuditQuery, AuditRow, Usage, Used
from bridge.audit.strangers import Strangers
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict, StoreError, StoreRefused

EVERY: Final = 0.25
"""Seconds for which rows are gathered before they are written."""
MOST: Final = 10_000
"""Rows that may wait for the store; who would add one more waits until there is room."""
AT_ONCE: Final = 200
"""Rows in one transaction: it must not hold up those who write."""
AGAIN: Final = 1.0
"""Seconds until the next try, when the store does not take them."""
TRIM: Final = 1000
"""Rows deleted in one transaction."""
GRACE: Final = timedelta(hours=1)
"""Rows are kept so much longer: the triggers judge by the clock of the database, which may be another one."""
MINUTE: Final = timedelta(minutes=1)
USAGE_DAYS: Final = 90
"""A function that was not used for so long counts as unused."""

_log = structlog.get_logger(__name__)


class AuditTrail:
    """Keeps rows, and gives them back.

    Args:
        db: the open store.
        strangers: counts requests of nobody who is known.
    """

    def __init__(self, db: Database, strangers: Strangers | None = None) -> None:
        self._db = db
        self._waiting: list[Entry] = []
        self._some = asyncio.Event()
        self._room = asyncio.Event()
        self._writing = asyncio.Lock()
        self._uses: dict[tuple[str, str], Used] = {}
        self._users: frozenset[str] = frozenset()
        self._strangers = strangers or Strangers()
        self._marks = secrets.token_bytes(16)

    async def record(self, entry: Entry) -> None:
        """Take the row of a request that is over; waits only while too many others do."""
        entry.close()
        if more := self._strangers.sum_up():
            self._add(more)
        if not self._strangers.has_row(entry):
            return
        while len(self._waiting) >= MOST:
            self._room.clear()
            await self._room.wait()
        self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._some.set()

    async def run(self) -> None:
        """Write what comes, for as long as the service runs."""
        failing = False
        while True:
            await self._some.wait()
            await asyncio.sleep(AGAIN if failing else EVERY)
            try:
                await self.flush()
            except StoreError as error:
                if not failing:
                    _log.warning("the audit trail cannot be written: its rows wait", error=str(error))
                failing = True
            else:
                failing = False

    async def flush(self) -> None:
        """Write all that waits.

        Raises:
            StoreError: the rest waits on.
        """
        async with self._writing:
            while entries := self._waiting[:AT_ONCE]:
                await self._write(entries)
                del self._waiting[: len(entries)]
                self._room.set()
            self._some.clear()

    async def stop(self) -> None:
        """Write what is left, or say how much of it is lost."""
        if more := self._strangers.sum_up(at_end=True):
            self._add(more)
        try:
            await self.flush()
        except StoreError as error:
            _log.error("rows of the audit trail are lost", rows=len(self._waiting), error=str(error))

    async def page(self, query: AuditQuery) -> list[AuditRow]:
        """Rows that are written, newest first."""
        async with self._db.read() as conn:
            return await queries.page(conn, query)

    async def usage(self, principals: Sequence[Principal], days: int = USAGE_DAYS) -> list[Usage]:
        """What users make of their functions, in the order of the users."""
        since = datetime.now(UTC) - timedelta(days=days)
        async with self._db.read() as conn:
            used = await queries.used(conn, [each.user for each in principals])
        return [_usage(each, used[each.user], since, days) for each in principals]

    async def keep(self, days: float) -> None:
        """Have the database refuse to delete a row that is younger, whoever asks."""
        await self._db.write(lambda tx: queries.keep(tx.conn, days, tx.now))

    async def trim(self, days: float) -> int:
        """Delete rows that are older than so many days; how many they were."""
        before = datetime.now(UTC) - timedelta(days=days) - GRACE
        total = 0
        while count := await self._db.write(lambda tx: queries.trim(tx.conn, before, TRIM)):
            total += count
        return total

    async def _write(self, entries: Sequence[Entry]) -> None:
        try:
            await self._db.write(lambda tx: self._append(tx, entries))
        except (StoreRefused, StoreConflict) as error:
            if len(entries) == 1:  # of no use to anybody if it held up all others
                row, why = entries[0].id, type(error).__name__
                _log.error("a row of the audit trail cannot be stored", row=row, error=why)
                return
            for entry in entries:
                await self._write([entry])
        else:
            for use, used in self._new_uses(entries).items():
                self._uses[use] = used

    async def _append(self, tx: Transaction, entries: Sequence[Entry]) -> None:
        names = frozenset[str]().union(*(entry.unproven for entry in entries))
        users = names & self._users
        if more := names - users:
            users |= await queries.existing(tx.conn, more)
            self._remember(users)
        await queries.append(tx.conn, [self._row(entry, users) for entry in entries])
        if uses := self._new_uses(entries):
            await queries.use(tx.conn, uses)

    def _remember(self, users: frozenset[str]) -> None:
        """Names that users have had: no secrets, also if such a user is gone by now."""
        self._users = self._users | users if len(self._users) < MOST else users

    def _row(self, entry: Entry, users: frozenset[str]) -> AuditRow:
        return AuditRow(
            id=entry.id,
            time=entry.at,
            user=entry.user or self._claimed(entry.claimed, users),
            key=entry.key,
            address=entry.address,
            function=entry.function,
            target=entry.target(users),
            result=entry.result,
            reason=entry.reason,
            status=entry.status,
            milliseconds=entry.milliseconds,
            events=entry.events,
        )

    def _claimed(self, name: str, users: Collection[str]) -> str:
        """A user's name, if there is one; else a mark of it, the same for the same text while we run.

        People type secrets into the wrong field: what is no user's name may be one.
        """
        if not name or name in users:
            return name
        mark = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=4, key=self._marks)
        return f"?{mark.hexdigest()}"

    def _new_uses(self, entries: Sequence[Entry]) -> dict[tuple[str, str], Used]:
        found: dict[tuple[str, str], Used] = {}
        for entry in entries:
            if entry.user and entry.right and entry.result is not Result.REFUSED:
                use = entry.user, entry.right
                last = found.get(use) or self._uses.get(use)
                if last is None or entry.at - last.at >= MINUTE or last.address != entry.address:
                    found[use] = Used(entry.at, entry.address)
        return found


def _usage(principal: Principal, used: dict[str, Used], since: datetime, days: int) -> Usage:
    given = principal.functions
    rights = FUNCTIONS if isinstance(given, All) else FUNCTIONS & given
    lately = {name for name, each in used.items() if each.at >= since}
    last = max(used.values(), key=lambda each: each.at, default=None)
    return Usage(
        user=principal.user,
        days=days,
        rights=len(rights),
        used=len(rights & lately),
        unused=tuple(sorted(rights - lately)),
        last_used=None if last is None else last.at,
        last_address="" if last is None else last.address,
        functions=dict(sorted(used.items())),
    )
