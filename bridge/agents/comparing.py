"""Open sessions against what Asterisk has: their phones, and the queues that they are members of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

import msgspec

from bridge.agents import queries, signals
from bridge.agents.asterisk import AgentLink, Members
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.showing import Showing
from bridge.calls.snapshot import Snapshot
from bridge.store.database import Database


class Told(Protocol):
    """Steps a session with what an Asterisk has told."""

    async def __call__(self, asterisk: str, session_id: str, signal: signals.Signal, /) -> None:
        """Step the session, if there is one."""


class Comparing:
    """Finds out what became of agents' phones while nobody looked."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        links: Mapping[str, AgentLink],
        *,
        showing: Showing,
        told: Told,
        follow: Callable[[AgentSession], None],
        wait: Callable[[AgentSession], None],
    ) -> None:
        """Take the store, each Asterisk by name, and what is done about what is found."""
        self._db = db
        self._links = links
        self._showing = showing
        self._told = told
        self._follow = follow
        self._wait = wait

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare every open session with what Asterisk has now.

        Raises:
            AmiError: the link was lost again; nothing is in step yet.
        """
        link = self._links[asterisk]
        members = await link.members()
        async with self._db.read() as conn:
            sessions = await queries.open_sessions(conn, asterisk)
        for session in sessions:
            self._follow(session)
            await self._compare(session, snapshot, members)
        seated = [one for one in sessions if one.state is not AgentState.CONNECTING]
        for queue, room in members - {(queue, one.room) for one in seated for queue in one.queues}:
            await link.remove(queue, room)  # of a session that is over: it could not be taken out then
        await self._unwanted(asterisk, sessions, snapshot)

    async def _compare(self, session: AgentSession, snapshot: Snapshot, members: Members) -> None:
        if session.state is AgentState.CONNECTING and not snapshot.could_show(session.state_since):
            return
        if session.on_hook:
            await self._compare_on_hook(session, snapshot, members)
            return
        channel = await self._phone(session, snapshot)
        if not snapshot.has(channel):
            absent = signals.SnapshotAbsent(
                at=datetime.now(UTC), channel=channel, asterisk_restarted=snapshot.restarted
            )
            await self._told(session.asterisk, session.id, absent)
        elif snapshot.seated(channel):
            await self._join_again(session, members)
            await self._told(session.asterisk, session.id, _present(channel))
        if is_rung(session):
            self._wait(session)

    async def _compare_on_hook(self, session: AgentSession, snapshot: Snapshot, members: Members) -> None:
        """Her phone is up only for a call: that it is not says nothing, unless somebody is there to hear her.

        One that has come into her room meanwhile is found among those that belong to nobody.
        """
        await self._join_again(session, members)
        gone = bool(session.channel) and not snapshot.has(session.channel)
        if gone or (snapshot.is_used(session.room) and not snapshot.phones_in(session.room)):
            absent = signals.SnapshotAbsent(at=datetime.now(UTC), channel=session.channel)
            await self._told(session.asterisk, session.id, absent)
        else:
            await self._told(session.asterisk, session.id, _present(session.channel))

    async def _join_again(self, session: AgentSession, members: Members) -> None:
        """Make her a member of those of her queues in which she is none any more."""
        missing = tuple(queue for queue in session.queues if (queue, session.room) not in members)
        if missing and session.state is not AgentState.CONNECTING:
            await self._showing.join(session, missing)

    async def _phone(self, session: AgentSession, snapshot: Snapshot) -> str:
        """The channel of the phone that counts: one that was rung again, if it sits in her room by now.

        One that rings may go on; of one that is not there yet, the deadline tells.
        """
        channel = session.next_channel
        if channel and snapshot.seated(channel):
            await self._told(session.asterisk, session.id, _present(channel))
            return channel
        if channel and snapshot.restarted:
            absent = signals.SnapshotAbsent(at=datetime.now(UTC), channel=channel)
            await self._told(session.asterisk, session.id, absent)
        return session.phone_channel

    async def _unwanted(self, asterisk: str, sessions: Sequence[AgentSession], snapshot: Snapshot) -> None:
        """Phones whose session is over, or has another one by now: their hang-up could not be sent."""
        hers = {channel for session in sessions for channel in phones(session)}
        rooms = {session.room: session for session in sessions}
        for channel in (snapshot.ours | snapshot.phones) - hers:
            owner = rooms.get(snapshot.room_of_phone(channel))
            if owner is not None and owner.on_hook:
                self._follow(msgspec.structs.replace(owner, channel=channel))
            if owner is None and channel not in snapshot.ours:  # rung for a call of a shift that is over
                await self._links[asterisk].hangup(channel)
            else:
                await self._told(asterisk, owner.id if owner else channel, _present(channel))


def _present(channel: str) -> signals.SnapshotPresent:
    return signals.SnapshotPresent(at=datetime.now(UTC), channel=channel)


def phones(session: AgentSession) -> tuple[str, ...]:
    """Unique ids of the channels of her phone: of the one she has, and of the one that is rung again."""
    return tuple(filter(None, (session.phone_channel, session.next_channel)))


def is_rung(session: AgentSession) -> bool:
    """Whether her phone rings: at login, or again."""
    return session.state is AgentState.CONNECTING or bool(session.next_channel)
