"""Wrong secrets, by user and address: a stranger's guesses lock the stranger out and nobody else."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, bindparam, case, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from bridge.access.model import USER_NAME
from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.prepared import Prepared
from bridge.store.schema import login_failures as rows

MAX_FAILURES: Final = 10
"""Wrong secrets in a row that lock; the line format's own number."""
LOCK: Final = timedelta(minutes=15)
"""How long; the line format's own number. After that time a wrong secret is forgotten."""
MOST_ROWS: Final = 10_000
"""Pairs of user and address that are kept; the one that failed longest ago goes first."""
_LONGEST_ADDRESS: Final = 45

_DIALECTS = {"sqlite": sqlite, "postgresql": postgresql}
_EITHER = Prepared(
    select(rows.c.user, rows.c.locked_until).where(
        rows.c.user.in_((bindparam("user_"), bindparam("mark_"))), rows.c.address == bindparam("address_")
    )
)


class Failures:
    """The wrong secrets that one store knows of.

    Of those that this bridge has seen it remembers that there are some: who has none costs no read.

    Args:
        db: the open store.
        clock: what time it is, aware.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._some: OrderedDict[tuple[str, str], None] = OrderedDict()

    def some(self, user: str, address: str) -> bool:
        """Whether `locked` has to be asked before a secret is believed."""
        return (user, address) in self._some

    async def locked(self, user: str, address: str) -> str:
        """Under which name this address may not try this user's secret now; empty: it may.

        It is asked before anybody looks whether there is such a user, so that the time of the answer, which
        no slow hash hides, does not tell.

        Args:
            user: name, as the caller gave it.
            address: whose it is.
        """
        if not _is_kept(user, address):
            return ""
        names = {"user_": user, "mark_": _mark(user), "address_": address}
        async with self._db.read() as conn:
            found = (await conn.execute(_EITHER, names)).all()
        if not found:
            self._some.pop((user, address), None)
            return ""
        self._remember(user, address)
        now = self._clock()
        return next(
            (row.user for row in found if row.locked_until is not None and now < row.locked_until), ""
        )

    async def count(self, user: str, address: str, *, known: bool) -> None:
        """One more wrong secret; of a user who is not there, too, so that nobody can tell."""
        if not _is_kept(user, address):
            return
        now = self._clock()
        await self._db.write(lambda tx: _count(tx.conn, user if known else _mark(user), address, now))
        self._remember(user, address)

    async def forget(self, user: str, address: str | None = None) -> bool:
        """Forget the wrong secrets of a user, from one address or all; false if there were none."""
        if address is not None and not self.some(user, address):
            return False
        if address is not None:
            del self._some[user, address]
        return await self._db.write(lambda tx: _forget(tx.conn, user, address))

    def _remember(self, user: str, address: str) -> None:
        self._some[user, address] = None
        self._some.move_to_end((user, address))
        if len(self._some) > MOST_ROWS:
            self._some.popitem(last=False)


def _mark(user: str) -> str:
    """What the table has of a name that no user has: people type secrets into the wrong field."""
    return f"?{hashlib.blake2b(user.encode(), digest_size=2).hexdigest()}"


def _is_kept(user: str, address: str) -> bool:
    """What can be no user, or comes from nowhere that has a name so long, fills no table."""
    return USER_NAME.fullmatch(user) is not None and len(address) <= _LONGEST_ADDRESS


async def _count(conn: Connection, user: str, address: str, now: datetime) -> None:
    """In one statement, so that none is lost between replicas. A lock that is over gives new tries."""
    await conn.execute(delete(rows).where(rows.c.failed_at <= now - LOCK))
    still = and_(rows.c.locked_until.is_not(None), rows.c.locked_until > now)
    failures = rows.c["count"] + 1
    end = literal(now + LOCK, rows.c.locked_until.type)
    locked = case((still, rows.c.locked_until), (failures >= MAX_FAILURES, end), else_=None)
    wish = (
        _DIALECTS[conn.dialect.name].insert(rows).values(user=user, address=address, count=1, failed_at=now)
    )
    await conn.execute(
        wish.on_conflict_do_update(
            index_elements=["user", "address"],
            set_={"count": failures, "failed_at": now, "locked_until": locked},
        )
    )
    oldest = select(rows.c.failed_at).order_by(rows.c.failed_at.desc()).offset(MOST_ROWS - 1).limit(1)
    await conn.execute(delete(rows).where(rows.c.failed_at < oldest.scalar_subquery()))


async def _forget(conn: Connection, user: str, address: str | None) -> bool:
    query = delete(rows).where(rows.c.user == user)
    if address is not None:
        query = query.where(rows.c.address == address)
    return (await conn.execute(query)).rowcount > 0
