"""Telling that a callback is due: once, at its time, by one of the bridges on a database.

One that any agent may do is let be dialled in the same transaction.

What was told stands in the store (`LIVE`), in the transaction of its event: a bridge that ends at any moment
tells none twice and leaves none out, and what came due while no bridge ran is told at the next start. Nothing
is polled: a timer waits for the next one, and the event of each that is made or changed sets it anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import bindparam, literal_column, select, update

from bridge.events.catalogue import CallbackChanged, CallbackDue, CallbackMade
from bridge.events.filters import Filter
from bridge.events.log import EventLog
from bridge.leads import queries
from bridge.leads.callback_news import facts
from bridge.leads.callbacks import ACTIVE, LIVE, Callback
from bridge.leads.model import Lead
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty, while_held
from bridge.store.errors import DutyLost, StoreError
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row
from bridge.store.schema import callbacks
from bridge.timers import RETRY, Timers

DUTY: Final = "callbacks"
AT_ONCE: Final = 100
"""Callbacks that one transaction tells of at most: others wait no longer than for these."""
LONGEST_WAIT: Final = 3600.0
"""Seconds after which the clock is looked at again: it may have been set."""
_KEY: Final = "callbacks"
_SET_ANEW: Final = Filter(types=(CallbackMade.type, CallbackChanged.type))

_WAITS = (callbacks.c.state == literal_column(f"'{ACTIVE}'"), callbacks.c.due_at.is_not(None))
"""As the index has it, said aloud: a database need not guess whether it may use it."""
_DUE = Prepared(
    select(callbacks)
    .where(*_WAITS, callbacks.c.due_at <= bindparam("at"))
    .order_by(callbacks.c.due_at)
    .limit(AT_ONCE)
)
_NEXT = Prepared(select(callbacks.c.due_at).where(*_WAITS).order_by(callbacks.c.due_at).limit(1))
_TOLD = Prepared(
    update(callbacks)
    .where(callbacks.c.call_id == bindparam("of_call"), *_WAITS, callbacks.c.due_at <= bindparam("at"))
    .values(state=LIVE)
    .returning(*callbacks.c)
)

LetDial = Callable[[Transaction, Callback, Lead], Awaitable[None]]

_log = structlog.get_logger(__name__)


class Reminders:
    """Tells of the callbacks of one store.

    Args:
        db: the open store.
        log: of the same store.
        duty: whose holder does it.
        let_dial: is given each that any agent may do, in the transaction that tells of it.
    """

    def __init__(self, db: Database, log: EventLog, duty: Duty, let_dial: LetDial) -> None:
        self._db = db
        self._events = log
        self._duty = duty
        self._let_dial = let_dial
        self._timers = Timers()
        self._looks = 0
        """How often it was to be looked for what is due."""

    async def run(self) -> None:
        """Tell while it is ours to do, until cancelled."""
        self._duty.want()
        await while_held(self._duty, self._work)

    async def stop(self) -> None:
        """Tell nothing more; what waits is told after the next start."""
        await self._timers.stop()

    async def _work(self) -> None:
        try:
            while True:
                try:
                    await self._follow()
                except StoreError as error:
                    _log.warning("callbacks wait for the store", error=str(error))
                await asyncio.sleep(RETRY)
        finally:
            self._timers.cancel(_KEY)

    async def _follow(self) -> None:
        begun = (await self._events.span()).newest  # before the look: what comes after it wakes us
        self._soon()
        async with aclosing(self._events.follow(begun, _SET_ANEW)) as pages:
            async for page in pages:
                if page.records:
                    self._soon()

    def _soon(self) -> None:
        self._looks += 1
        self._timers.start(_KEY, 0, self._tell)

    async def _tell(self) -> None:
        """Tell of what is due, and wait for what is due next."""
        looks = self._looks
        try:
            while await self._db.write(self._tell_some) == AT_ONCE:
                pass
            seconds = await self._until_next()
        except DutyLost:
            return
        except StoreError as error:
            _log.warning("callbacks that are due wait for the store", error=str(error))
            seconds = RETRY
        if seconds is not None and looks == self._looks:  # else who looks next knows more
            self._timers.start(_KEY, seconds, self._tell)

    async def _until_next(self) -> float | None:
        async with self._db.read() as conn:
            due: datetime | None = (await conn.execute(_NEXT)).scalar()
        return None if due is None else min((due - datetime.now(UTC)).total_seconds(), LONGEST_WAIT)

    async def _tell_some(self, tx: Transaction) -> int:
        await self._duty.fence(tx.conn)
        found = [from_row(Callback, row) for row in await tx.conn.execute(_DUE, {"at": tx.now})]
        for callback in found:
            await self._tell_one(tx, callback)
        return len(found)

    async def _tell_one(self, tx: Transaction, seen: Callback) -> None:
        """Tell of one, unless it was changed or ended since it was seen.

        Its lead is locked first, as by a call that gets its disposition: so neither waits for the other.
        """
        lead = None if seen.lead_id is None else await queries.locked(tx.conn, seen.lead_id)
        row = (await tx.conn.execute(_TOLD, {"of_call": seen.call_id, "at": tx.now})).first()
        if row is None:
            return
        callback = from_row(Callback, row)
        tx.emit(CallbackDue(**facts(callback)))
        if lead is not None and not callback.user:
            await self._let_dial(tx, callback, lead)
