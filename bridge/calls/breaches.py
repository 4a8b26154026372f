"""What stops an API user: calls beyond its limits, and numbers that no honest caller keeps asking for.

A stop is a transaction of its own, behind that of the refused call: it stands even if nobody can be answered.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import delete, distinct, func, insert, select

from bridge.access.service import Access
from bridge.events.catalogue import ApiUserStopped
from bridge.rules import Refusal, Rule
from bridge.store.database import Database, Transaction
from bridge.store.exclusive import exclusive
from bridge.store.schema import breaches

AT_ONCE: Final = frozenset({Rule.USER_CALLS_PER_HOUR, Rule.USER_CALLS_PER_DAY})
"""One call too many stops: no caller that its limits fit gets there."""
FORBIDDEN: Final = frozenset({Rule.SATELLITE, Rule.PREMIUM, Rule.USER_COUNTRY, Rule.USER_NUMBER_TYPE})
"""One number may be a slip; several different ones within `WITHIN` stop."""
WITHIN: Final = timedelta(hours=1)

_log = structlog.get_logger(__name__)


class Breaches:
    """Stops API users that break their limits.

    Args:
        db: the open store.
        access: of the same store.
        most: different forbidden numbers within `WITHIN` that stop.
    """

    def __init__(self, db: Database, access: Access, most: int) -> None:
        self._db = db
        self._access = access
        self._most = most

    async def note(self, user: str, refusal: Refusal, number: str, *, chosen: bool) -> None:
        """Take note of a refused call, and stop the API user if it is a breach.

        Args:
            user: the API user who has asked.
            refusal: why it was not dialled.
            number: in E.164.
            chosen: whether the request gave the number: those of leads may be anybody's who fills in a form.
        """
        if refusal.rule in AT_ONCE:
            await self._db.write(lambda tx: self._stop(tx, user, refusal.rule, refusal.why))
        elif refusal.rule in FORBIDDEN and chosen:
            await self._db.write(lambda tx: self._strike(tx, user, refusal, number))

    async def _strike(self, tx: Transaction, user: str, refusal: Refusal, number: str) -> None:
        await exclusive(tx.conn, f"breaches of {user}")
        hers = breaches.c.user == user
        await tx.conn.execute(delete(breaches).where(hers, breaches.c.at <= tx.now - WITHIN))
        row = {"user": user, "rule": refusal.rule.value, "number": number, "at": tx.now}
        await tx.conn.execute(insert(breaches), row)
        count = select(func.count(distinct(breaches.c.number))).where(hers)
        if int((await tx.conn.execute(count)).scalar() or 0) < self._most:
            return
        why = f"{self._most} different forbidden numbers within an hour; the last: {refusal.why}"
        await self._stop(tx, user, refusal.rule, why)
        await tx.conn.execute(delete(breaches).where(hers))  # enabled again, it begins anew

    async def _stop(self, tx: Transaction, user: str, rule: Rule, why: str) -> None:
        if await self._access.stop(tx, user, why):
            tx.emit(ApiUserStopped(user=user, rule=rule.value, why=why))
            tx.after_commit(lambda: _log.warning("API user stopped", user=user, rule=rule.value))
