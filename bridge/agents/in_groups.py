"""In-groups as agents serve them: each is a queue of Asterisk's, whose member is the agent's room."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.access.service import Access
from bridge.agents.model import AgentSession
from bridge.agents.service import Sessions
from bridge.agents.signals import ChangeQueues
from bridge.agents.stepping import Stepping
from bridge.calls import queries
from bridge.calls.model import Call
from bridge.services import QueueChange
from bridge.store.database import Database
from bridge.turn import Turn


class InGroups:
    """Who serves which in-group, and how many wait there."""

    def __init__(self, db: Database, *, sessions: Sessions, access: Access, stepping: Stepping) -> None:
        self._db = db
        self._sessions = sessions
        self._access = access
        self._stepping = stepping

    async def change(self, user: str, change: QueueChange, *, asked_by: str) -> AgentSession:
        """Serve other in-groups: committed first, then Asterisk's queues are told.

        Raises:
            NotLoggedIn: she is not.
            NoSuchQueue: Asterisk does not have one of those that she would join; nothing was changed.
            AsteriskUnavailable: it cannot be asked; nothing was changed.
        """
        del asked_by

        async def work(turn: Turn) -> AgentSession:
            session = await self._stepping.locked(turn, user)
            after = changed(session.queues, change)
            if change.as_default:
                await self._access.set_queues(turn.tx, user, after)
            blended = session.blended if change.blended is None else change.blended
            command = ChangeQueues(at=turn.at, queues=after, blended=blended)
            return await self._stepping.step(turn, session, command)

        async with self._stepping.hold(user):
            session = await self._stepping.seated(user)
            new = set(changed(session.queues, change)) - set(session.queues)
            await self._sessions.check_queues(session, sorted(new))
            return await self._stepping.turns.run_all(work)

    async def waiting(self, session: AgentSession) -> int:
        """How many callers wait for her: in her in-groups, or answered by her campaign's dialler."""
        async with self._db.read() as conn:
            return await queries.count_waiting(conn, session.asterisk, session.campaign, session.queues)

    async def queued(self) -> Sequence[Call]:
        """All callers who wait in an in-group's queue, who has waited longest first."""
        async with self._db.read() as conn:
            return await queries.queued(conn)


def changed(queues: tuple[str, ...], change: QueueChange) -> tuple[str, ...]:
    """Those that are served after a change, each once, in the order in which they came."""
    match change.how:
        case "add":
            found = (*queues, *change.queues)
        case "remove":
            found = tuple(queue for queue in queues if queue not in change.queues)
        case "change":
            found = change.queues
    return tuple(dict.fromkeys(found))
