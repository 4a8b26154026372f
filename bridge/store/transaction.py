"""What a work of `Database.write` is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import structlog

from bridge.audit.entry import Entry, current
from bridge.events.catalogue import Event
from bridge.events.outbox import Pending, pending
from bridge.store.connection import Connection

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class Transaction:
    """One transaction: a connection to write on, the events that go with it, what is to follow it.

    Attributes:
        conn: Connection inside the transaction; do not commit, roll back or keep it.
        now: When the work began; the time of its events unless another is given.
    """

    __slots__ = ("_after", "_asked_by", "_events", "_notices", "conn", "now")

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.now = datetime.now(UTC)
        self._events: list[Pending] = []
        self._asked_by: Entry | None = None
        self._notices: list[tuple[str, str]] = []
        self._after: list[Callable[[], object]] = []

    def emit(self, event: Event, *, at: datetime | None = None) -> str:
        """Put an event into the log, in this transaction: it is there if and only if the rest is.

        Args:
            event: What happened; its subject is its own.
            at: When it happened, if that was not now.

        Returns:
            The event's id.
        """
        entry = pending(event, at or self.now)
        self._events.append(entry)
        self._asked_by = (
            current.get()
        )  # here the work runs in its caller's context, at the commit it need not
        return entry.id

    def notify(self, topic: str, text: str) -> None:
        """Tell the other bridges on this database once it is committed; see `bridge.store.notices`."""
        self._notices.append((topic, text))

    def after_commit(self, action: Callable[[], object]) -> None:
        """Call it once the commit is durable, before the writer's caller goes on; never if it fails."""
        self._after.append(action)

    @property
    def events(self) -> Sequence[Pending]:
        """What was emitted so far."""
        return self._events

    @property
    def notices(self) -> Sequence[tuple[str, str]]:
        """What the others are to be told, with its topics."""
        return self._notices

    def committed(self) -> None:
        """Run what waits for the commit; one that raises is logged and harms no other."""
        if self._asked_by is not None:
            self._asked_by.caused(entry.id for entry in self._events)
        for action in self._after:
            try:
                action()
            except Exception:  # noqa: BLE001  it is not the writer's, and the commit stands
                _log.exception("an action after a commit failed")


Work = Callable[[Transaction], Awaitable[T]]
"""What runs inside a transaction. It may be run more than once (the database may ask for that), so
its only effects are those through the transaction."""
