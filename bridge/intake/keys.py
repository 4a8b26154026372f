"""What an administrator does with intake keys beside writing them down: tokens, and what came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bridge.access.tokens import INTAKE_PREFIX, digest, new_token
from bridge.campaigns.errors import ItemExists, NoSuchItem
from bridge.campaigns.service import Site
from bridge.intake import queries
from bridge.intake.model import Entry, IntakeKey, Outcome, TokenState
from bridge.store.database import Database, Transaction

PAGE = 1000
"""Most posts that one answer lists."""
TRIM = 1000
"""Posts deleted in one transaction: it must not hold up those who write."""


class IntakeKeys:
    """The keys of one store, as an administrator sees them.

    Args:
        db: the open store.
        site: where the keys are written down.
        clock: what time it is, aware.
    """

    def __init__(
        self, db: Database, site: Site, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db = db
        self._site = site
        self._clock = clock

    async def add(self, key: IntakeKey) -> str:
        """Make a key; its token, which cannot be read again later.

        Raises:
            ItemExists: there is one of this name.
            InvalidField: there is no such list.
        """
        token = new_token(INTAKE_PREFIX)

        async def work(tx: Transaction) -> None:
            if await self._site.put_in(tx, key) is not None:
                raise ItemExists(key.kind, key.name)
            await queries.add_token(tx.conn, key.name, digest(token), self._clock())

        await self._db.write(work)
        return token

    async def rotate(self, name: str, overlap: timedelta = timedelta(0)) -> str:
        """Another token of a key; the old ones are good for the time of the overlap.

        Raises:
            NoSuchItem: there is no such key.
        """
        token = new_token(INTAKE_PREFIX)
        now = self._clock()

        async def work(tx: Transaction) -> None:
            await queries.end_tokens(tx.conn, name, now + overlap, now)
            await queries.add_token(tx.conn, name, digest(token), now)

        await self.known(name)
        await self._db.write(work)
        return token

    async def known(self, name: str) -> IntakeKey:
        """A key.

        Raises:
            NoSuchItem: there is none of this name.
        """
        found = await self._site.get(IntakeKey, name)
        if found is None:
            names = [key.name for key in await self._site.list(IntakeKey)]
            raise NoSuchItem(IntakeKey.kind, name, names)
        return found

    async def tokens(self, name: str) -> list[TokenState]:
        """The tokens of a key, the newest first."""
        async with self._db.read() as conn:
            return await queries.tokens(conn, name)

    async def posts(
        self, name: str = "", *, outcomes: Sequence[Outcome] = (), before: int = 0, limit: int = PAGE
    ) -> list[Entry]:
        """What came in, the newest first, at most `PAGE`.

        Args:
            name: of the key; empty: by any.
            outcomes: only these; none: all.
            before: id of the last one of the page before.
            limit: how many at most.
        """
        async with self._db.read() as conn:
            return await queries.page(
                conn, key=name, outcomes=outcomes, before=before, limit=min(limit, PAGE)
            )

    async def post(self, post_id: int) -> Entry | None:
        """One of them."""
        async with self._db.read() as conn:
            return await queries.one(conn, post_id)

    async def trim(self, before: datetime) -> None:
        """Forget what came in before a moment: it is what people said of themselves."""
        while await self._db.write(lambda tx: queries.trim(tx.conn, before, TRIM)):
            pass
