"""Agents' sessions in the store and in Asterisk: they step, and what follows is carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

import structlog

from bridge.agents import effects, queries, queued, signals, spans, state
from bridge.agents.asterisk import PHONE_TIMEOUT_MS, AgentLink, room_of
from bridge.agents.comparing import Comparing, is_rung, phones
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.showing import Showing
from bridge.agents.translate import Translator
from bridge.ami.errors import ActionRefused, AmiError, InvalidAction, NotConnected
from bridge.ami.events import AmiEvent, ConfbridgeJoin
from bridge.calls.model import Seat
from bridge.calls.notices import Notice
from bridge.calls.signals import Signal as CallSignal
from bridge.calls.snapshot import AGENT_CONTEXT, Snapshot
from bridge.errors import AsteriskUnavailable, NoSuchQueue, OriginateRefused, OriginateUnknown
from bridge.ids import uuid7
from bridge.leads import next as next_leads
from bridge.rules import Permit, PermitExpired, PermitMisused
from bridge.store.database import Database
from bridge.timers import Timers
from bridge.turn import Action, Fence, Turn, Turns

TOPIC: Final = "sessions"
"""Of the notices to other bridges: Asterisk, session id, state."""

PHONE_DEADLINE: Final = PHONE_TIMEOUT_MS / 1000 + 5
"""Seconds after which a phone that Asterisk has said nothing about counts as not answered."""

_log = structlog.get_logger(__name__)


class TellCall(Protocol):
    """Steps a call with news of its agent, in the same transaction."""

    async def __call__(self, turn: Turn, call_id: str, signal: CallSignal, /) -> object:
        """Tell the call."""


class OnStep(Protocol):
    """Hears of each step of a session, in the same transaction."""

    async def __call__(self, turn: Turn, before: AgentSession, after: AgentSession, /) -> None:
        """Take note of it."""


class Sessions:
    """All agents' sessions of the bridge."""

    def __init__(
        self,
        db: Database,
        links: Mapping[str, AgentLink],
        tell_call: TellCall,
        fences: Mapping[str, Fence],
    ) -> None:
        """Take the store, each Asterisk by name, how calls are told, and the fences that its news passes."""
        self._db = db
        self._turns = Turns(db)
        self._fenced = {name: Turns(db, fence) for name, fence in fences.items()}
        self._links = links
        self._showing = Showing(db, links)
        self._tell_call = tell_call
        self._translators = {name: Translator() for name in links}
        self._rooms: dict[tuple[str, str], AgentSession] = {}
        self._when_ready: list[Callable[[], None]] = []
        self._on_step: list[OnStep] = []
        self._when_free: list[Callable[[str], None]] = []
        self._timers = Timers()
        self._comparing = Comparing(
            db,
            links,
            showing=self._showing,
            told=self._told,
            follow=self._follow_now,
            wait=self._wait_for_phone,
        )
        db.notices.hear(TOPIC, self._heard)
        db.notices.when_missed(self._ready)

    def on_ready(self, wake: Callable[[], None]) -> None:
        """Call this whenever an agent has become ready: somebody may be waiting for her."""
        self._when_ready.append(wake)

    def on_step(self, hear: OnStep) -> None:
        """Call this in the transaction of each step of a session that changes it."""
        self._on_step.append(hear)

    def on_free(self, wake: Callable[[str], None]) -> None:
        """Call this with her session's id whenever an agent may have become free: calls may wait for her."""
        self._when_free.append(wake)

    def seat_of(self, asterisk: str, member: str) -> Seat | None:
        """Who sits in the room that a queue member's interface names; `None` for what is no room of ours."""
        room = room_of(member)
        session = self._rooms.get((asterisk, room))
        if session is not None:
            return Seat(session.id, session.user, room)
        return Seat() if room else None

    async def of_user(self, user: str) -> AgentSession | None:
        """Her open session."""
        known = self._showing.known(user)
        if known is not None:
            return _unless_over(known)
        async with self._db.read() as conn:
            return await queries.of_user(conn, user)

    async def of_user_locked(self, turn: Turn, user: str) -> AgentSession | None:
        """The same, kept from other writers until the turn ends; there are none where it is known."""
        known = self._showing.known(user)
        if known is not None:
            return _unless_over(known)
        return await queries.of_user_locked(turn.tx.conn, user)

    async def check_queues(self, session: AgentSession, queues: Sequence[str]) -> None:
        """Make sure that her Asterisk has these queues.

        Raises:
            NoSuchQueue: it does not have one of them.
            AsteriskUnavailable: it cannot be asked.
        """
        link = self._links.get(session.asterisk)
        if link is None:
            raise AsteriskUnavailable(asterisk=session.asterisk)
        try:
            missing = [queue for queue in queues if not await link.has_queue(queue)]
        except AmiError as error:
            raise AsteriskUnavailable(asterisk=session.asterisk) from error
        if missing:
            names = ", ".join(missing)
            raise NoSuchQueue(f"Asterisk {session.asterisk} has no queue {names}", queue=names)

    async def begin(self, turn: Turn, session: AgentSession, dial: str, permit: Permit | None = None) -> None:
        """Write a new session and ring her phone after the commit.

        Raises:
            AsteriskUnavailable, OriginateRefused: (after the commit) her phone could not be rung; the session
                is over.
            OriginateUnknown: (after the commit) the link was lost; the phone may ring.
        """
        await queries.add(turn.tx.conn, session)
        self._tell_others(turn, session)
        await self._carry_out(turn, session, state.begin(session))
        turn.in_doubt(partial(self._wait_for_phone, session))
        turn.after(partial(self._ring, session, dial, permit))

    async def begin_on_hook(self, turn: Turn, session: AgentSession) -> None:
        """Write a new session of an agent whose phone is rung for each call: nothing rings now."""
        await queries.add(turn.tx.conn, session)
        self._tell_others(turn, session)
        turn.tx.after_commit(partial(self._follow_now, session))
        await self._carry_out(turn, session, state.begin(session))

    async def ring_again(
        self, turn: Turn, session: AgentSession, dial: str, permit: Permit | None
    ) -> AgentSession:
        """Ring the phone of a seated agent once more after the commit, by a new channel.

        Raises:
            Refused: she is not seated.
            AsteriskUnavailable, OriginateRefused: (after the commit) it could not be rung; all is as before.
            OriginateUnknown: (after the commit) the link was lost; it may ring.
        """
        rung = await self.signal(turn, session, signals.RingAgain(at=turn.at, channel=uuid7()))
        turn.in_doubt(partial(self._wait_for_phone, rung))
        turn.after(partial(self._ring, rung, dial, permit))
        return rung

    async def signal(self, turn: Turn, session: AgentSession, signal: signals.Signal) -> AgentSession:
        """Step a session that was read locked in this turn.

        Raises:
            Refused: the session does not take this command now.
        """
        step = state.step(session, signal)
        if step.session is not session:
            await queries.save(turn.tx.conn, step.session, session)
            if (span := spans.ended(session, step.session)) is not None:
                await spans.add(turn.tx.conn, span)
            self._tell_others(turn, step.session)
            for hear in self._on_step:
                await hear(turn, session, step.session)
        await self._carry_out(turn, session, step)
        if _may_dial_anew(session, step.session, signal):
            turn.tx.after_commit(partial(self._free, session.id))
        return step.session

    async def notice(self, turn: Turn, session_id: str, notice: Notice) -> None:
        """Take news of her call, in the transaction of the call's step."""
        session = await queries.locked(turn.tx.conn, session_id)
        if session is not None:
            await self.signal(turn, session, notice)

    # -- news

    async def on_event(self, asterisk: str, event: AmiEvent) -> None:
        """Take an event of Asterisk."""
        translator = self._translators[asterisk]
        if isinstance(event, ConfbridgeJoin):
            self._know_phone(asterisk, event)
        found = translator.signal(event, datetime.now(UTC))
        if found is None:
            return
        session_id, signal = found
        await self._told(asterisk, session_id, signal)
        if not isinstance(signal, signals.PhoneUp):  # the channel is gone for good
            translator.forget(signal.channel)

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare every open session with what Asterisk has now.

        Raises:
            AmiError: the link was lost again; nothing is in step yet.
        """
        await self._comparing.resync(asterisk, snapshot)

    def follow(self, session: AgentSession) -> bool:
        """Follow a session that another bridge has written; `False` if we did."""
        new = any(not self._translators[session.asterisk].follows(one) for one in phones(session))
        self._follow_now(session)
        if new and is_rung(session):
            self._wait_for_phone(session)
        return new

    def forget(self, session: AgentSession) -> None:
        """Another bridge has ended the session; a phone that shows up all the same is to be hung up."""
        self._let_go(session)

    async def restore(self) -> None:
        """After a start: follow what is open."""
        async with self._db.read() as conn:
            sessions = await queries.open_sessions(conn)
        for session in sessions:
            if session.asterisk in self._links:
                self._follow_now(session)
            else:  # the settings no longer name it: nobody would ever tell, and she could not log in again
                gone = signals.Logout(at=datetime.now(UTC), reason="asterisk_removed", now=True)
                await self._news(session.id, gone)

    async def stop(self) -> None:
        """Let go of the sessions: they go on in Asterisk, and are adopted after the next start."""
        await self._timers.stop()

    # -- inside

    def _tell_others(self, turn: Turn, session: AgentSession) -> None:
        """One of the other bridges follows her Asterisk; at any of them a call may wait for her."""
        if self._db.shared:
            turn.tx.notify(TOPIC, f"{session.asterisk} {session.id} {session.state}")

    def _heard(self, notice: str) -> None:
        _asterisk, session_id, state_now = notice.split(" ", 2)
        if state_now == AgentState.READY:
            self._ready()
        if state_now in _FREE:  # whoever has let her free may be gone before it dials for her
            self._free(session_id)

    async def _news(self, session_id: str, signal: signals.Signal, turns: Turns | None = None) -> None:
        async def work(turn: Turn) -> None:
            session = await queries.locked(turn.tx.conn, session_id)
            if session is not None:
                await self.signal(turn, session, signal)

        await (turns or self._turns).run_all(work)

    def _know_phone(self, asterisk: str, event: ConfbridgeJoin) -> None:
        """Follow a phone that was rung for a call: only the room that it has come into tells whose it is."""
        session = self._rooms.get((asterisk, event.get("Conference")))
        if session is not None and session.on_hook and event.get("Context") == AGENT_CONTEXT:
            self._translators[asterisk].follow(session.id, event.get("Uniqueid"))

    async def _told(self, asterisk: str, session_id: str, signal: signals.Signal) -> None:
        """Step a session with what an Asterisk has told, if that is ours to follow."""
        await self._news(session_id, signal, self._fenced[asterisk])

    async def _carry_out(self, turn: Turn, before: AgentSession, step: state.Step) -> None:
        session = step.session
        self._showing.step(session.user)
        turn.tx.after_commit(partial(self._showing.note, session))
        told: list[Action] = []
        for effect in step.effects:
            match effect:
                case effects.Emit():
                    turn.tx.emit(effect.event, at=effect.at)
                case effects.TellCall():
                    await self._tell_call(turn, effect.call_id, effect.signal)
                case effects.GiveLeadBack():
                    await next_leads.give_back(
                        turn.tx.conn, effect.lead_id, effect.status, turn.at, passed_over=effect.passed_over
                    )
                case effects.DropWaitingDials():
                    await queued.drop_all(turn.tx, session, "logged_out")
                case _ if session.asterisk in self._links:
                    told.append(self._action(session, effect))
        if told:
            turn.after(partial(_at_once, told))
        if _waits_anew(before, session):
            turn.tx.after_commit(self._ready)
        if session.state is AgentState.LOGGED_OUT:
            turn.tx.after_commit(partial(self._let_go, session))

    def _action(self, session: AgentSession, effect: effects.AsteriskEffect) -> Action:
        """What an effect asks of Asterisk."""
        link = self._links[session.asterisk]
        match effect:
            case effects.HangupPhone():
                return partial(link.hangup, effect.channel)
            case effects.QueueJoin():
                return partial(self._showing.join, session, effect.queues)
            case effects.QueuePause():
                return partial(self._showing.pause, session, effect.queues)
            case effects.QueueLeave():
                return partial(self._showing.leave, session, effect.queues)
            case effects.SetDeviceState():
                return partial(self._showing.device, session)

    def _wait_for_phone(self, session: AgentSession) -> None:
        """Every ring ends: seated, or failed. Asterisk says so itself unless the link is lost."""
        channel = phones(session)[-1]
        self._timers.start(channel, PHONE_DEADLINE, partial(self._no_phone, session.id, channel))

    async def _no_phone(self, session_id: str, channel: str) -> None:
        await self._news(session_id, signals.PhoneFailed(at=datetime.now(UTC), channel=channel))

    async def _ring(self, session: AgentSession, dial: str, permit: Permit | None) -> None:
        self._follow_now(session)
        self._wait_for_phone(session)
        failed = partial(self._no_phone, session.id, phones(session)[-1])
        try:
            await self._links[session.asterisk].ring(session, dial, permit)
        except NotConnected as error:
            await failed()
            raise AsteriskUnavailable(asterisk=session.asterisk) from error
        except ActionRefused as error:
            await failed()
            raise OriginateRefused(
                f"Asterisk would not ring the phone: {error.message}", asterisk=session.asterisk
            ) from error
        except PermitExpired as error:
            await failed()
            raise AsteriskUnavailable(
                "it came too late to Asterisk, and was not sent", asterisk=session.asterisk
            ) from error
        except (InvalidAction, PermitMisused):  # a fault of ours; the session must not stay behind
            await failed()
            raise
        except AmiError as error:  # the link was lost: the snapshot after it tells
            raise OriginateUnknown(
                "The link to Asterisk was lost in mid action: the phone may ring", agent=session.user
            ) from error

    def _free(self, session_id: str) -> None:
        for wake in self._when_free:
            wake(session_id)

    def _ready(self) -> None:
        for wake in self._when_ready:
            wake()

    def _follow_now(self, session: AgentSession) -> None:
        for channel in phones(session):
            self._translators[session.asterisk].follow(session.id, channel)
        self._rooms[session.asterisk, session.room] = session

    def _let_go(self, session: AgentSession) -> None:
        # Her phone's channel may still show up (it was just being rung): keep its events for that.
        in_it = self._rooms.get((session.asterisk, session.room))
        if in_it is not None and in_it.id == session.id:
            del self._rooms[session.asterisk, session.room]


_FREE = (AgentState.PAUSED, AgentState.READY)


def _unless_over(session: AgentSession) -> AgentSession | None:
    return None if session.state is AgentState.LOGGED_OUT else session


def _may_dial_anew(before: AgentSession, after: AgentSession, signal: signals.Signal) -> bool:
    """Whether a call that waits for her may be dialled now; after a gap that is not known."""
    if after.state not in _FREE:
        return False
    landed = before.state not in (*_FREE, AgentState.CONNECTING)
    paused = before.state is AgentState.READY and after.state is AgentState.PAUSED
    return landed or paused or isinstance(signal, signals.SnapshotPresent)


def _waits_anew(before: AgentSession, after: AgentSession) -> bool:
    """Whether a call that waits for an agent may find her now."""
    if after.state is not AgentState.READY:
        return False
    return before.state is not AgentState.READY or (after.blended and not before.blended)


async def _at_once(actions: Sequence[Action]) -> None:
    """What one step asks of Asterisk is about different things: one way there and back for all of it."""
    if len(actions) == 1:
        await _if_possible(actions[0])
    else:
        await asyncio.gather(*(_if_possible(action) for action in actions))


async def _if_possible(action: Action) -> None:
    """Tell Asterisk of what is decided: if that fails the command stands, and the resync says it again."""
    try:
        await action()
    except AmiError as error:
        _log.warning("Asterisk could not be told of a session", error=repr(error))
