"""One turn: a transaction in which calls and sessions step, and what is done in Asterisk after it.

State and events are committed first; then the Asterisk actions run, in the order in which the steps
asked for them. A crash between the two is what `UNKNOWN` and the resync are for.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeVar

import structlog

from bridge.store.connection import Connection
from bridge.store.database import Database
from bridge.store.errors import StoreConflict, StoreInDoubt
from bridge.store.transaction import Transaction

T = TypeVar("T")
Action = Callable[[], Awaitable[None]]
Fence = Callable[[Connection], Awaitable[None]]
"""Raises in a transaction that must not be committed: what it tells of is another bridge's to tell."""

ATTEMPTS: Final = 8
"""How often a work is run that meets a rule of the schema: writers at the same moment agree by then (SQLite
has one at a time, PostgreSQL many), and half a second has passed at most."""

_log = structlog.get_logger(__name__)


class Turn:
    """What a step may use: the transaction, its time, and a place for what follows the commit."""

    __slots__ = ("actions", "doubts", "tx")

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.actions: list[Action] = []
        self.doubts: list[Callable[[], None]] = []

    @property
    def at(self) -> datetime:
        """The time of the turn: that of all its signals and events."""
        return self.tx.now

    def after(self, action: Action) -> None:
        """Run this after the commit, in the order of the calls to this method."""
        self.actions.append(action)

    def in_doubt(self, action: Callable[[], None]) -> None:
        """Do this if nobody knows whether the turn was committed: nothing of `after` is done then."""
        self.doubts.append(action)


class Turns:
    """Runs turns on the store.

    Args:
        db: the open store.
        fence: passed by each turn first.
    """

    def __init__(self, db: Database, fence: Fence | None = None) -> None:
        self._db = db
        self._fence = fence

    async def run(self, work: Callable[[Turn], Awaitable[T]]) -> T:
        """Commit a turn and do what follows it; the first action that fails ends it.

        Raises:
            StoreError: nothing was committed and nothing was done.
            AmiError, BridgeError: committed; the action that raises, and those after it, were not done.
        """
        result, actions = await self._commit(work)
        for action in actions:
            await action()
        return result

    async def run_all(self, work: Callable[[Turn], Awaitable[T]]) -> T:
        """The same for news from Asterisk, where nobody waits: a failed action is logged."""
        result, actions = await self._commit(work)
        for action in actions:
            try:
                await action()
            except Exception as error:  # noqa: BLE001 - one failed action must not keep the others from being done
                _log.warning("an action after a step failed", error=repr(error))
        return result

    async def _commit(self, work: Callable[[Turn], Awaitable[T]]) -> tuple[T, list[Action]]:
        """Run the work; again where another writer was first: now it finds the room or the id taken."""
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._try(work)
            except StoreConflict:
                await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311 - no secret
        return await self._try(work)

    async def _try(self, work: Callable[[Turn], Awaitable[T]]) -> tuple[T, list[Action]]:
        turns: list[Turn] = []

        async def in_transaction(tx: Transaction) -> T:
            if self._fence is not None:
                await self._fence(tx.conn)
            turns.append(Turn(tx))  # the database may run the work again: only the last one counts
            return await work(turns[-1])

        try:
            result = await self._db.write(in_transaction)
        except StoreInDoubt:
            for action in turns[-1].doubts if turns else ():
                action()
            raise
        return result, turns[-1].actions
