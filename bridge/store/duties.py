"""Duties: what only one of several bridges on one database may do at a time.

On PostgreSQL a duty is an advisory lock of a session of its own: it ends with the connection, so that a
bridge that dies leaves it at once. Its holder asks for a sign of life every second and, where none comes,
stops before the server lets another one have it. For what must not happen even then there is a fence: the
number of the holding (`term`), checked in the very transaction that writes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, select

from bridge.store.connection import Connection
from bridge.store.errors import DutyLost
from bridge.store.schema import duties as table

LEASE: Final = 5.0
"""Seconds after the last sign of life for which a duty is still ours; the server waits for longer."""

_term = select(table.c.term).where(table.c.name == bindparam("duty")).with_for_update(read=True)


class Duty:
    """One duty of this process: wanted or not, held or not. Made by `Duties.duty`."""

    def __init__(self, name: str, wish_changed: Callable[[], None]) -> None:
        self.name = name
        self.wanted = False
        self.term = 0
        """Which holding it is, of all on this database; 0: it needs no fence, as nobody else can hold it."""
        self.elsewhere = False
        """Whether another bridge had it when we last tried."""
        self._wish_changed = wish_changed
        self._until = 0.0
        self._expiry: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    @property
    def held(self) -> bool:
        """Whether it is ours at this very moment."""
        return asyncio.get_running_loop().time() < self._until

    def want(self) -> None:
        """Try to get it from now on."""
        self.wanted = True
        self._wish_changed()

    def let_go(self) -> None:
        """Give it up, at once, and want it no more."""
        self.wanted = False
        self.lose()
        self._wish_changed()

    async def taken(self) -> None:
        """Wait until it is ours."""
        while not self.held:
            await self._changed.wait()

    async def lost(self) -> None:
        """Wait until it is no more ours."""
        while self.held:
            await self._changed.wait()

    async def fence(self, conn: Connection) -> None:
        """Make sure that the transaction on this connection is not committed once another one has the duty.

        Raises:
            DutyLost: it is not ours, or no more.
        """
        if not self.term:
            return
        term = (await conn.execute(_term, {"duty": self.name})).scalar()
        if not self.held or term != self.term:
            raise DutyLost(f"the duty {self.name} is not ours any more; nothing was written")

    # -- for those who hand duties out

    def take(self, until: float, term: int) -> None:
        """It is ours, until that time of the event loop's clock."""
        self._until, self.term, self.elsewhere = until, term, False
        self._wait_for_end()
        self._tell()

    def keep(self, until: float) -> None:
        """It is still ours."""
        if self.held:
            self._until = until
            self._wait_for_end()

    def lose(self) -> None:
        """It is not ours."""
        self.elsewhere = False
        if self._until:
            self._until = 0.0
            self._wait_for_end()
            self._tell()

    def _wait_for_end(self) -> None:
        """Say that it is lost when its time is over, whatever those who keep it are waiting for."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if 0 < self._until < math.inf:
            self._expiry = asyncio.get_running_loop().call_at(self._until, self.lose)

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Duties(Protocol):
    """Hands out the duties of one process."""

    def duty(self, name: str) -> Duty:
        """The duty of this name, which is tried for while it is wanted."""

    @property
    def held(self) -> list[str]:
        """Names of those that are ours now."""

    async def start(self) -> None:
        """Begin to ask for what is wanted.

        Raises:
            StoreLocked: another bridge serves on this database, which bears only one.
        """

    async def alone(self, conn: Connection) -> bool:
        """Whether no other bridge has a duty on this database now."""

    async def is_held(self, conn: Connection, name: str) -> bool:
        """Whether anybody has a duty on this database now: this process, or another one."""

    async def close(self) -> None:
        """Let all go, in order: whoever waits has them at once."""


async def while_held(duty: Duty, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run `work` whenever the duty is ours, cancel it when it is lost; until cancelled, or `work` raises."""
    while True:
        await duty.taken()
        working = asyncio.create_task(work(), name=f"duty-{duty.name}")
        losing = asyncio.create_task(duty.lost(), name=f"duty-{duty.name}-lost")
        try:
            await asyncio.wait((working, losing), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
                await losing
        finally:
            working.cancel()
            losing.cancel()
            await asyncio.gather(working, losing, return_exceptions=True)
