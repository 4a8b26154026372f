"""Notifications: queued in the store, put on the screens of their recipients when they are due.

Nothing is polled: a notification that is due is sent as it is queued, a later one by a timer that is set
again after a start, and one that is kept for those who come later when an agent logs in. Every bridge on a
database does it; the rows are locked, so each agent gets each notification once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from bridge.agents import queries as session_queries
from bridge.agents.model import AgentSession, AgentState
from bridge.events.catalogue import NotificationQueued
from bridge.screens import queries, state
from bridge.screens.model import NewNotification, Notification, RecipientType
from bridge.store.database import Database
from bridge.store.transaction import Transaction
from bridge.timers import Timers
from bridge.turn import Turn

TOPIC: Final = "notifications"
"""Of the notices to other bridges: one is queued."""
KEPT: Final = timedelta(days=7)
"""How long after its time a notification is kept for agents who log in later."""
LONGEST_WAIT: Final = 3600.0
"""Seconds after which the clock is looked at again: it may have been set."""


class Notifications:
    """The notifications of one store."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._timers = Timers()
        db.notices.hear(TOPIC, lambda _: self.soon())
        db.notices.when_missed(self.soon)

    async def queue(self, wanted: NewNotification) -> Notification:
        """Keep it, and send it if it is due."""

        async def work(tx: Transaction) -> Notification:
            made = await queries.add(tx.conn, wanted, tx.now)
            tx.emit(_queued(made))
            if made.due_at <= tx.now:
                await _send(tx, made)
            else:
                tx.notify(TOPIC, "")
            return made

        try:
            return await self._db.write(work)
        finally:  # a commit that is in doubt may have been made
            self.soon()

    async def on_session(self, turn: Turn, before: AgentSession, after: AgentSession) -> None:
        """An agent who is seated may have something to get; one who leaves takes her screen along."""
        if before.state is AgentState.CONNECTING and after.state is AgentState.PAUSED:
            turn.tx.after_commit(self.soon)
        elif after.state is AgentState.LOGGED_OUT:
            await queries.drop(turn.tx.conn, after.id)

    def soon(self) -> None:
        """Look for what is due: an agent has logged in, or something was queued."""
        self._timers.start(TOPIC, 0, self.deliver)

    async def deliver(self) -> None:
        """Send what is due, and wait for what is due next."""
        now = datetime.now(UTC)
        async with self._db.read() as conn:
            some = await queries.any_due(conn, now)
        if some:
            await self._db.write(_send_all)
        async with self._db.read() as conn:
            following = await queries.next_due(conn, now)
        if following is not None:
            seconds = min((following - datetime.now(UTC)).total_seconds(), LONGEST_WAIT)
            self._timers.start(TOPIC, seconds, self.deliver)

    async def stop(self) -> None:
        """Send nothing more; what waits is sent after the next start."""
        await self._timers.stop()


async def _send_all(tx: Transaction) -> None:
    for notification in await queries.due(tx.conn, tx.now):
        await _send(tx, notification)


async def _send(tx: Transaction, notification: Notification) -> None:
    """Put it on the screens of those who are logged in and have not got it."""
    got: list[str] = []
    for session_id in await queries.recipients(tx.conn, notification):
        session = await session_queries.locked(tx.conn, session_id)
        if session is None or session.logged_out_at or session.user in notification.seen:
            continue
        await state.notified(tx, session, notification)
        got.append(session.user)
    seen = (*notification.seen, *got) if notification.retry else ()
    over = _is_over(notification, tx.now, seen)
    after = msgspec.structs.replace(notification, seen=seen, sent_at=tx.now if over else None)
    await queries.save(tx.conn, after, notification)


def _is_over(notification: Notification, now: datetime, seen: tuple[str, ...]) -> bool:
    if not notification.retry or now >= notification.due_at + KEPT:
        return True
    return notification.recipient_type is RecipientType.USER and bool(seen)


def _queued(made: Notification) -> NotificationQueued:
    return NotificationQueued(
        notification=made.id,
        recipient=made.recipient,
        recipient_type=made.recipient_type,
        due_at=made.due_at,
        made_by=made.made_by,
    )
