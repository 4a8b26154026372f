"""Duties on PostgreSQL: advisory locks of one session, asked for and kept by one heartbeat a second."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from zlib import crc32

import structlog
from sqlalchemy import URL, text
from sqlalchemy.pool import NullPool

from bridge.store.connection import Connection
from bridge.store.duties import LEASE, Duty
from bridge.store.faults import FOREIGN
from bridge.store.kept_up import keep_up
from bridge.store.server import server_engine

BEAT: Final = 1.0
"""Seconds between two heartbeats: so long at most does a duty wait whose holder has died."""
ANSWER_SECONDS: Final = 3.0
"""How long a heartbeat may take, and a connect."""
SILENCE: Final = 10
"""Seconds without a heartbeat after which the server ends the session: more than `LEASE`, so that its holder
has stopped by then. Of a machine that is gone, TCP's keepalive tells the server in as long."""
ENDS_IDLE_SESSIONS: Final = 14
"""Version of PostgreSQL that can: to an older one only TCP tells of a holder that is gone."""
LONGEST_PAUSE: Final = 2.0
"""Seconds between two attempts to connect, at most."""

CLASS: Final = 4_771_002
"""First half of the key of each lock; the second is made from the duty's name."""
CHANNEL: Final = "agent_bridge_duties"
"""On which a bridge says that it has let duties go, so that nobody waits for the next beat."""

_SESSION = {
    "application_name": "agent-bridge duties",
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_TRY = (
    "SELECT name FROM unnest($2::text[], $3::int[]) AS wanted (name, key) WHERE pg_try_advisory_lock($1, key)"
)
_BEGIN = (
    "INSERT INTO duties (name, term, holder, since) VALUES ($1, 1, $2, now())"
    " ON CONFLICT (name) DO UPDATE"
    " SET term = duties.term + 1, holder = excluded.holder, since = excluded.since RETURNING term"
)
HOLDERS = text(
    "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :class AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""How many bridges are at work on the database; `class` is `CLASS`."""
_HOLDER = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :class AND granted"
    " AND objid = CAST(CAST(:key AS bigint) & 4294967295 AS oid)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_RELEASE = "SELECT pg_advisory_unlock($1, $2), pg_notify($3, '')"

_log = structlog.get_logger(__name__)


class PostgresDuties:
    """Asks for duties for as long as it runs; a lost connection loses them all, and is made again.

    Args:
        url: The database, parsed.
        holder: Name of this bridge, for those who look into the table.
    """

    def __init__(self, url: URL, holder: str) -> None:
        connect = {"timeout": ANSWER_SECONDS, "server_settings": _SESSION}
        self._engine = server_engine(url, connect, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._holder = holder
        self._duties: dict[str, Duty] = {}
        self._locked: set[str] = set()
        self._poke = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def duty(self, name: str) -> Duty:
        """See `Duties`."""
        if name not in self._duties:
            self._duties[name] = Duty(name, self._poke.set)
        return self._duties[name]

    @property
    def held(self) -> list[str]:
        """See `Duties`."""
        return sorted(name for name, duty in self._duties.items() if duty.held)

    async def start(self) -> None:
        """See `Duties`."""
        standing = keep_up(self._session, LONGEST_PAUSE, "this bridge can hold no duty now")
        self._task = asyncio.create_task(standing, name="store-duties")

    async def alone(self, conn: Connection) -> bool:
        """See `Duties`."""
        holders: int = (await conn.execute(HOLDERS, {"class": CLASS})).scalar_one()
        return holders <= int(bool(self._locked))

    async def is_held(self, conn: Connection, name: str) -> bool:
        """See `Duties`."""
        holders = await conn.execute(_HOLDER, {"class": CLASS, "key": _key(name)})
        return int(holders.scalar_one()) > 0

    async def close(self) -> None:
        """See `Duties`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self._engine.dispose()

    async def _session(self) -> None:
        """One connection, from its beginning to its end; with it ends all that it held."""
        async with self._engine.connect() as conn:
            driver: Any = (await conn.get_raw_connection()).driver_connection
            try:
                await self._beat_on(driver)
            except asyncio.CancelledError:
                with suppress(*FOREIGN, TimeoutError):
                    await self._part(driver)
                raise
            finally:
                self._lose_all()
                driver.terminate()  # at once and whatever it is doing: the server lets the locks go

    async def _beat_on(self, driver: Any) -> None:
        driver.add_termination_listener(lambda _: self._lose_all())
        with _answering(driver):
            if driver.get_server_version().major >= ENDS_IDLE_SESSIONS:
                await driver.execute(f"SET idle_session_timeout = '{SILENCE}s'")
            await driver.add_listener(CHANNEL, lambda *_: self._poke.set())
        while True:
            self._poke.clear()
            await self._beat(driver)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._poke.wait(), BEAT)

    async def _beat(self, driver: Any) -> None:
        """One sign of life: what is ours is kept, what else is wanted is tried for."""
        with _answering(driver):
            asked = asyncio.get_running_loop().time()
            for name in [name for name in self._locked if not self._duties[name].wanted]:
                await self._release(driver, name)
            wanted = [
                one.name for one in self._duties.values() if one.wanted and one.name not in self._locked
            ]
            rows = await driver.fetch(_TRY, CLASS, wanted, [_key(name) for name in wanted])
            for duty in self._duties.values():
                duty.keep(asked + LEASE)
            taken = {row["name"] for row in rows}
            for name in wanted:
                self._duties[name].elsewhere = name not in taken
            self._locked |= taken
            for name in self._locked:
                if not self._duties[name].held:  # just taken; or lost for a moment, with its lock still ours
                    await self._begin(driver, self._duties[name], asked + LEASE)

    async def _begin(self, driver: Any, duty: Duty, until: float) -> None:
        # It waits for those at the fence: what an earlier holder has begun is written, or will never be.
        term = await driver.fetchval(_BEGIN, duty.name, self._holder)
        if duty.wanted:
            duty.take(until, term)
            _log.info("this bridge has a duty now", duty=duty.name, term=term)

    async def _release(self, driver: Any, name: str) -> None:
        await driver.fetch(_RELEASE, CLASS, _key(name), CHANNEL)
        self._locked.discard(name)

    async def _part(self, driver: Any) -> None:
        """Let go in order, so that the others need not wait for a beat."""
        self._lose_all(locks=False)
        with _answering(driver):
            for name in list(self._locked):
                await self._release(driver, name)

    def _lose_all(self, *, locks: bool = True) -> None:
        for duty in self._duties.values():
            if duty.held:
                _log.warning("this bridge has lost a duty", duty=duty.name)
            duty.lose()
        if locks:
            self._locked.clear()


@contextmanager
def _answering(driver: Any) -> Iterator[None]:
    """Cut the connection if the server does not answer in time.

    A limit of the query's own would wait for the server to hear of it, by one more connection.
    """
    cut = asyncio.get_running_loop().call_later(ANSWER_SECONDS, driver.terminate)
    try:
        yield
    finally:
        cut.cancel()


def _key(name: str) -> int:
    """A signed number of 32 bits."""
    return crc32(name.encode()) - 2**31
