"""Recordings: commands of callers, the end of calls and sessions, and what Asterisk tells of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta, tzinfo
from functools import partial
from typing import Final

import msgspec
import structlog

from bridge.agents import queries as sessions
from bridge.agents.model import AgentSession, AgentState
from bridge.ami.errors import ActionRefused, AmiError, NotConnected
from bridge.ami.events import AmiEvent, Hangup, OriginateResponse
from bridge.calls import queries as calls
from bridge.calls.snapshot import Snapshot
from bridge.errors import AsteriskRefused, AsteriskUnavailable, NoRoom, NotLoggedIn, NotRecording
from bridge.events.catalogue import Cause, RecordingEvent, RecordingStarted, RecordingStopped
from bridge.locks import KeyedLocks
from bridge.recordings import queries
from bridge.recordings.asterisk import RecordingLink
from bridge.recordings.model import CHANNEL_PREFIX, Recording, file_name, named_by
from bridge.services import RecordingQuery
from bridge.store.database import Database
from bridge.turn import Fence, Turn, Turns

WITH_CALL: Final = frozenset({AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL})
"""A recording ends when the agent leaves these: the next call is another file."""

UNDER_WAY: Final = timedelta(seconds=3)
"""How long Asterisk may take to make the channel of one that has just been asked for."""

_log = structlog.get_logger(__name__)


class Recordings:
    """All recordings of the bridge. A room is recorded once at a time."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        links: Mapping[str, RecordingLink],
        *,
        check_link: Callable[[str], None],
        fences: Mapping[str, Fence],
        locks: KeyedLocks,
        timezone: tzinfo,
    ) -> None:
        """Take the parts.

        Args:
            db: the open store.
            links: each Asterisk by name.
            check_link: raises if an Asterisk cannot be reached now.
            fences: passed by the news of each Asterisk.
            locks: those of the other commands to agents.
            timezone: of the times in the files' names.
        """
        self._db = db
        self._turns = Turns(db)
        self._fenced = {name: Turns(db, fence) for name, fence in fences.items()}
        self._links = links
        self._check_link = check_link
        self._locks = locks
        self._timezone = timezone

    # -- commands

    async def start(self, user: str, suffix: str, *, asked_by: str) -> Recording:
        """Record the agent's room; one that is being recorded goes on as it is.

        Args:
            user: the agent.
            suffix: put behind the file's name, at most 14 characters.
            asked_by: the API user who asks.

        Raises:
            NotLoggedIn: she has no session.
            NoRoom: her phone is rung for each call, and she has none now.
            AsteriskUnavailable, AsteriskRefused: nothing is recorded.
        """

        async def work(turn: Turn) -> Recording:
            session = await self._session(turn, user)
            if not session.has_room:
                raise NoRoom("Her phone is rung for each call: there is no room to record now", agent=user)
            self._check_link(session.asterisk)
            known = await queries.running_locked(turn.tx.conn, session.asterisk, session.room)
            return known or await self._begin(turn, session, suffix, asked_by)

        async with self._locks.hold(user):
            return await self._turns.run(work)

    async def stop(self, user: str, *, asked_by: str) -> Recording:
        """End the recording of the agent's room.

        Raises:
            NotLoggedIn: she has no session.
            NotRecording: her room is not recorded.
            AsteriskUnavailable: it goes on.
        """

        async def work(turn: Turn) -> Recording:
            session = await self._session(turn, user)
            known = await queries.running_locked(turn.tx.conn, session.asterisk, session.room)
            if known is None:
                raise NotRecording(agent=user)
            self._check_link(session.asterisk)
            return await self._end(turn, known, "asked", asked_by=asked_by)

        async with self._locks.hold(user):
            return await self._turns.run(work)

    async def running(self, session: AgentSession) -> Recording | None:
        """What is being recorded in her room."""
        async with self._db.read() as conn:
            return await queries.running(conn, session.asterisk, session.room)

    async def get(self, recording_id: int) -> Recording | None:
        """One recording."""
        async with self._db.read() as conn:
            return await queries.find(conn, recording_id)

    async def list(self, query: RecordingQuery) -> Sequence[Recording]:
        """A page of recordings, newest first."""
        async with self._db.read() as conn:
            return await queries.recent(conn, query)

    # -- news

    async def on_session(self, turn: Turn, before: AgentSession, after: AgentSession) -> None:
        """A session has stepped: with the call, and with the session, a recording ends."""
        over = before.state in WITH_CALL and after.state not in WITH_CALL
        if not over and after.state is not AgentState.LOGGED_OUT:
            return
        known = await queries.running_locked(turn.tx.conn, after.asterisk, after.room)
        if known is not None and known.session_id == after.id:
            reason = "logged_out" if after.state is AgentState.LOGGED_OUT else "call_over"
            await self._end(turn, known, reason, call_id=before.call_id or "", at_leisure=True)

    async def on_event(self, asterisk: str, event: AmiEvent) -> None:
        """Take an event of Asterisk."""
        if isinstance(event, Hangup):
            await self._ended(event.get("Uniqueid"), "ended", told_by=asterisk)
        elif isinstance(event, OriginateResponse) and not event.success:
            await self._ended(event.action_id, "failed", told_by=asterisk)

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare with what Asterisk has now: close what does not run, end what nobody knows of."""
        async with self._db.read() as conn:
            known = await queries.all_running(conn, asterisk)
        for recording in known:
            settled = snapshot.restarted or snapshot.could_show(recording.started_at + UNDER_WAY)
            if settled and not snapshot.has(recording.channel):
                await self._ended(recording.channel, "resync", told_by=asterisk)
        halves = {recording.channel + half for recording in known for half in ("", ";2")}
        for channel in snapshot.beginning(CHANNEL_PREFIX) - halves:
            await self._links[asterisk].stop(channel)

    # -- inside

    async def _session(self, turn: Turn, user: str) -> AgentSession:
        session = await sessions.of_user_locked(turn.tx.conn, user)
        if session is None or session.state is AgentState.CONNECTING:
            raise NotLoggedIn(agent=user)
        return session

    async def _begin(self, turn: Turn, session: AgentSession, suffix: str, asked_by: str) -> Recording:
        call = await calls.find(turn.tx.conn, session.call_id) if session.call_id else None
        about = call.number if call else str(session.lead_id or "")
        wanted = file_name(turn.at.astimezone(self._timezone), about, session.user, suffix)
        new = Recording(
            filename=await _free(turn, wanted),
            call_id=session.call_id or "",
            session_id=session.id,
            user=session.user,
            campaign=session.campaign,
            asterisk=session.asterisk,
            room=session.room,
            lead_id=session.lead_id,
            asked_by=asked_by,
            started_at=turn.at,
        )
        begun = msgspec.structs.replace(new, id=await queries.add(turn.tx.conn, new))
        turn.tx.emit(_event(RecordingStarted, begun, asked_by=asked_by))
        turn.after(partial(self._start, begun))
        return begun

    async def _end(  # noqa: PLR0913 - each is something else that is told of the end
        self,
        turn: Turn,
        known: Recording,
        reason: str,
        *,
        asked_by: str = "",
        call_id: str = "",
        cause: Cause = "",
        at_leisure: bool = False,
    ) -> Recording:
        """Close it, and hang up after the commit; `at_leisure`: whoever waits does not wait for that."""
        over = msgspec.structs.replace(known, ended_at=turn.at, call_id=known.call_id or call_id)
        await queries.save(turn.tx.conn, over, known)
        turn.tx.emit(_event(RecordingStopped, over, reason=reason, asked_by=asked_by, cause=cause))
        if over.asterisk in self._links:
            stop = partial(self._links[over.asterisk].stop, over.channel)
            turn.after(partial(_if_possible if at_leisure else _said_plainly, stop))
        return over

    async def _start(self, recording: Recording) -> None:
        try:
            await self._links[recording.asterisk].start(recording)
        except ActionRefused as error:
            await self._ended(recording.channel, "failed")
            raise AsteriskRefused(f"Asterisk would not record: {error.message}") from error
        except NotConnected as error:
            await self._ended(recording.channel, "failed")
            raise AsteriskUnavailable(asterisk=recording.asterisk) from error
        except AmiError as error:  # it may run: the comparison after the link is back tells
            raise AsteriskUnavailable(
                "The link to Asterisk was lost in mid action: it may be recording",
                asterisk=recording.asterisk,
            ) from error

    async def _ended(self, channel: str, reason: str, *, told_by: str = "") -> None:
        """What a channel wrote is complete; what an Asterisk tells counts only while it is ours to follow."""
        filename = named_by(channel)
        if not filename:
            return

        async def work(turn: Turn) -> None:
            known = await queries.running_named_locked(turn.tx.conn, filename)
            if known is not None and told_by in ("", known.asterisk):
                cause: Cause = "resync" if reason == "resync" else ""
                await self._end(turn, known, reason, cause=cause, at_leisure=True)

        await self._fenced.get(told_by, self._turns).run_all(work)


def _event(kind: type[RecordingEvent], recording: Recording, **more: object) -> RecordingEvent:
    return kind(
        recording_id=recording.id,
        filename=recording.filename,
        call_id=recording.call_id,
        user=recording.user,
        session_id=recording.session_id,
        campaign=recording.campaign,
        lead_id=recording.lead_id,
        **more,
    )


async def _free(turn: Turn, wanted: str) -> str:
    """The name, with a number behind it if a recording of this very second has it."""
    name, count = wanted, 1
    while await queries.is_taken(turn.tx.conn, name):
        count += 1
        name = f"{wanted}-{count}"
    return name


async def _if_possible(action: Callable[[], Awaitable[None]]) -> None:
    """If it fails, the comparison after the link is back ends it."""
    try:
        await action()
    except AmiError as error:
        _log.warning("a recording could not be ended in Asterisk", error=repr(error))


async def _said_plainly(action: Callable[[], Awaitable[None]]) -> None:
    try:
        await action()
    except AmiError as error:
        raise AsteriskUnavailable(
            "The link to Asterisk was lost: the recording ends as soon as it is back"
        ) from error
