"""Calls in the store and in Asterisk: commands go down, news comes up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol

from bridge.ami.errors import ActionRefused, InvalidAction, NotConnected, OutcomeUnknown
from bridge.ami.events import AmiEvent, Newchannel
from bridge.calls import effects, history, of_lead, queries, signals, state, verdicts
from bridge.calls.asterisk import CallLink, Extension, Way
from bridge.calls.comparing import Comparing
from bridge.calls.deadlines import Deadlines
from bridge.calls.family import Family
from bridge.calls.followed import Followed, SeatOf
from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.calls.notices import Notice
from bridge.calls.results import with_result
from bridge.calls.snapshot import Snapshot, seen_first
from bridge.errors import AsteriskUnavailable, NoSuchCall, OriginateRefused, OriginateUnknown
from bridge.rules import Permit, PermitExpired, PermitMisused
from bridge.store.database import Database
from bridge.timers import Timers
from bridge.turn import Fence, Turn, Turns

TOPIC: Final = "calls"
"""Of the notices to other bridges: Asterisk, call id, state."""

OFFERS: Final = "offers"
"""Of those that say whom a queue rings: Asterisk, call id, the leg's channel."""


class TellAgent(Protocol):
    """Steps an agent's session with news of her call, in the same transaction."""

    async def __call__(self, turn: Turn, session_id: str, notice: Notice) -> None:
        """Tell the session."""


class Calls:
    """All calls of the bridge."""

    def __init__(
        self,
        db: Database,
        links: Mapping[str, CallLink],
        seat_of: SeatOf,
        fences: Mapping[str, Fence],
    ) -> None:
        """Take the store, each Asterisk by name, who sits where a queue's member there is, and the fences.

        Those (by Asterisk) are passed by its news: of several bridges, one tells them.
        """
        self._db = db
        self._turns = Turns(db)
        self._fenced = {name: Turns(db, fence) for name, fence in fences.items()}
        self._links = links
        self._timers = Timers()
        self._deadlines = Deadlines(self._timers, db, links, self._news)
        self.followed = Followed(links, seat_of, self._deadlines)
        """Whose events in Asterisk are news."""
        self._comparing = Comparing(db, self.followed, self._deadlines, self._news, self._look)
        self._family = Family(self._apply)
        self._tell_agent: TellAgent | None = None
        self._on_disposed: list[Callable[[Turn, Call], Awaitable[None]]] = []
        self.drops = history.DropCounts()
        """What each campaign has abandoned."""

    def tell_agents_by(self, tell: TellAgent) -> None:
        """Say how news reaches the agents, who are above us."""
        self._tell_agent = tell

    def on_disposed(self, listener: Callable[[Turn, Call], Awaitable[None]]) -> None:
        """Call it with each call that has its disposition, in the transaction that gives it."""
        self._on_disposed.append(listener)

    # -- commands

    def check_link(self, asterisk: str) -> None:
        """Raise if this Asterisk cannot be reached now, so that nothing need be written.

        Raises:
            AsteriskUnavailable: there is no link, or no such Asterisk.
        """
        if not self.is_linked(asterisk):
            raise AsteriskUnavailable(asterisk=asterisk)

    def is_linked(self, asterisk: str) -> bool:
        """Whether this Asterisk can be reached now."""
        link = self._links.get(asterisk)
        return link is not None and link.up

    async def placed(self, call_id: str) -> Call | None:
        """The call that an earlier request with this id has made, if there was one: it is not made twice."""
        if not call_id:
            return None
        async with self._db.read() as conn:
            return await queries.find(conn, call_id)

    async def place(
        self, turn: Turn, call: Call, permit: Permit, ring_seconds: int, extension: Extension | None = None
    ) -> Call:
        """Write the intent of a call and send its Originate after the commit.

        Args:
            turn: the transaction.
            call: as planned.
            permit: the gate's word for it.
            ring_seconds: how long the customer's phone may ring.
            extension: the phone that is rung first, in a call by a click or of an agent on hook.

        Raises:
            AsteriskUnavailable, OriginateRefused: (after the commit) nothing was dialled; the call is ended.
            OriginateUnknown: (after the commit) the link was lost; the call may exist.
        """
        permit.check(call.dial, turn.at)
        sent = await self._begin(turn, call)
        await verdicts.allowed(turn.tx.conn, call, permit, turn.at)
        await of_lead.went_out(turn, sent)
        link = self._links[call.asterisk]
        turn.after(partial(self._send, sent, partial(link.originate, sent, permit, ring_seconds, extension)))
        return sent

    async def consult(self, turn: Turn, call: Call) -> Call:
        """Ask an in-group to join the agent's room: no number is dialled.

        Raises:
            as `place`.
        """
        sent = await self._begin(turn, call)
        turn.after(partial(self._send, sent, partial(self._links[call.asterisk].consult, sent)))
        return sent

    async def pass_on(self, turn: Turn, call: Call, way: Way) -> Call:
        """Let the customer of `call.parent` go on as this call; her agent is out as soon as she does.

        Args:
            turn: in which the call is written; she is sent on after its commit.
            call: on the customer's channel, which is that of its parent.
            way: where to, with the gate's permit if that is a number.

        Raises:
            AsteriskUnavailable, OriginateRefused: (after the commit) she is where she was.
            OriginateUnknown: (after the commit) the link was lost; she may have gone on.
        """
        if way.permit is not None:
            way.permit.check(call.dial, turn.at)
            await verdicts.allowed(turn.tx.conn, call, way.permit, turn.at)
        sent = await self._begin(turn, call)
        turn.after(partial(self._pass, sent, way))
        return sent

    async def _begin(self, turn: Turn, call: Call) -> Call:
        sent = state.step(call, signals.Send(at=turn.at)).call
        await queries.add(turn.tx.conn, sent)  # planned and sent are one commit, so one write
        self._tell_others(turn, sent)
        await self._carry_out(turn, state.begin(call))
        turn.in_doubt(partial(self._deadlines.truth, sent))
        return sent

    async def _pass(self, call: Call, way: Way) -> None:
        """Send the customer on, and tell that she went."""
        await self._send(call, partial(self._links[call.asterisk].pass_on, call, way))
        went = signals.Answered if call.kind is CallKind.LEFT else signals.ChannelUp
        await self._news(call.id, lambda turn: went(at=turn.at, channel=call.channel))

    async def _still_there(self, call_id: str) -> None:
        """The customer who was to go on stays her agent's, unless her channel is gone."""
        async with self._db.read() as conn:
            call = await queries.find(conn, call_id)
        if call is None or call.state not in LIVE:
            return
        self.followed.now(call)
        await self._deadlines.check(call)

    async def refuse(self, turn: Turn, call: Call, forbid: signals.Forbid) -> None:
        """Write down a call that the gate does not let happen."""
        await queries.add(turn.tx.conn, call)
        await verdicts.refused(turn.tx.conn, call, forbid)
        await self._carry_out(turn, state.begin(call))
        await self._apply(turn, call, forbid)

    async def arrive(self, turn: Turn, call: Call, channel: str, permit: Permit | None = None) -> None:
        """Write a call that has begun in the dialplan, on this channel: it is up, and can be hung up.

        `permit` is the gate's word for one that is to be dialled.
        """
        await queries.add(turn.tx.conn, call)
        if permit is not None:
            await verdicts.allowed(turn.tx.conn, call, permit, turn.at)
        await self._carry_out(turn, state.begin(call))
        self._tell_others(turn, call)
        await self._apply(turn, call, signals.ChannelUp(at=turn.at, channel=channel))
        turn.in_doubt(partial(self._await_caller, call, channel))
        turn.after(partial(self._arrived, call, channel))

    async def signal(self, turn: Turn, call_id: str, signal: signals.Signal) -> Call:
        """Step a call.

        Raises:
            NoSuchCall: there is none with this id.
            Refused: the call does not take this command now.
        """
        call = await queries.locked(turn.tx.conn, call_id)
        if call is None:
            raise NoSuchCall(call=call_id)
        return await self._apply(turn, call, signal)

    def offer(self, turn: Turn, call: Call, member: str) -> None:
        """The agent whom this leg of a queue rings was taken for the call."""
        if self._db.shared:
            turn.tx.notify(OFFERS, f"{call.asterisk} {call.id} {member}")
        turn.tx.after_commit(partial(self.followed.offered, call.asterisk, call.id, member))

    async def hangup(self, call_id: str) -> Call:
        """End a call, whatever it is doing."""
        return await self._turns.run(lambda turn: self.signal(turn, call_id, signals.HangupAsked(at=turn.at)))

    async def report(self, call_id: str, report: signals.Report, *, machine: str, dropped: bool) -> bool:
        """Take the dialplan's account of a call's end; whether there is such a call.

        Args:
            call_id: ours.
            report: the account; a late copy changes nothing.
            machine: AMDSTATUS, where detection ran.
            dropped: nobody was there for a call that was answered.
        """

        async def work(turn: Turn) -> bool:
            call = await queries.locked(turn.tx.conn, call_id)
            if call is None:
                return False
            await self._apply(turn, call, with_result(call, report, machine, dropped=dropped))
            return True

        self.followed.reported(call_id)
        return await self._turns.run_all(work)

    # -- news

    async def on_event(self, asterisk: str, event: AmiEvent) -> None:
        """Take an event of Asterisk."""
        at = datetime.now(UTC)
        if isinstance(event, Newchannel) and self.followed.is_stranger(asterisk, event.uniqueid):
            await self._comparing.unknown_channel(asterisk, event.uniqueid)
        for call_id, signal in self.followed.signals(asterisk, event, at):
            await self._news(call_id, partial(_as_it_is, signal), asterisk)

    async def link_lost(self, asterisk: str) -> None:
        """What was in flight is unknown from now on."""
        async with self._db.read() as conn:
            calls = await queries.open_calls(conn, asterisk)
        for call in calls:
            if call.state is CallState.SENT:
                await self._news(call.id, lambda turn: signals.LinkLost(at=turn.at))

    async def resync(self, asterisk: str, snapshot: Snapshot) -> None:
        """Compare every open call with what Asterisk has now."""
        await self._comparing.resync(asterisk, snapshot)

    async def restore(self) -> None:
        """After a start: follow what is open; calls in flight are unknown until the first snapshot."""
        await self._comparing.restore()
        for name in self._links:
            await self.link_lost(name)

    async def stop(self) -> None:
        """Let go of the calls: they go on in Asterisk, and are adopted after the next start."""
        await self._timers.stop()

    # -- inside

    async def _news(
        self, call_id: str, build: Callable[[Turn], signals.Signal], told_by: str = ""
    ) -> Call | None:
        """Step a call; with what an Asterisk has told, only while it is ours to follow."""

        async def work(turn: Turn) -> Call | None:
            call = await queries.locked(turn.tx.conn, call_id)
            return None if call is None else await self._apply(turn, call, build(turn))

        return await self._fenced.get(told_by, self._turns).run_all(work)

    async def _look(self, of: Call, judge: Callable[[Call, datetime], signals.Signal | None]) -> Call | None:
        async def work(turn: Turn) -> Call | None:
            call = await queries.locked(turn.tx.conn, of.id)
            told = None if call is None else judge(call, turn.at)
            return None if call is None or told is None else await self._apply(turn, call, told)

        return await self._fenced[of.asterisk].run_all(work)

    async def _apply(self, turn: Turn, call: Call, signal: signals.Signal) -> Call:
        step = state.step(call, with_result(call, signal))
        if step.call is not call:
            await queries.save(turn.tx.conn, step.call, call)
            self._tell_others(turn, step.call)
        if step.call.state is CallState.DISPOSED and call.state is not CallState.DISPOSED:
            await of_lead.disposed(turn, step.call)
            await self.drops.disposed(turn, step.call)
            for listener in self._on_disposed:
                await listener(turn, step.call)
        await self._carry_out(turn, step)
        return step.call

    def _tell_others(self, turn: Turn, call: Call) -> None:
        """One of the other bridges follows its Asterisk."""
        if self._db.shared:
            turn.tx.notify(TOPIC, f"{call.asterisk} {call.id} {call.state}")

    async def _carry_out(self, turn: Turn, step: state.Step) -> None:
        call = step.call
        for effect in step.effects:
            match effect:
                case effects.Emit():
                    turn.tx.emit(effect.event, at=effect.at)
                case effects.TellAgent() if self._tell_agent:
                    await self._tell_agent(turn, effect.session_id, effect.notice)
                case effects.PassParent() | effects.EndLegs() | effects.EndRivals():
                    await self._family.tell(turn, call, effect)
                case effects.HangupChannel() if call.asterisk in self._links:
                    turn.after(partial(self._links[call.asterisk].hangup, effect.channel))
                case effects.StartWrapup() | effects.AwaitReport():
                    turn.after(partial(self._await_disposition, call))
                case effects.AwaitAgent():
                    turn.after(partial(self._await_agent, call, effect.session_id))
                case _:
                    pass  # SendOriginate: `place`; AwaitTruth: the snapshot; a hang-up without its Asterisk
        if call.state is CallState.DISPOSED:
            turn.after(partial(self._let_go, call))

    async def _send(self, call: Call, action: Callable[[], Awaitable[None]]) -> None:
        """Ask Asterisk for a call whose intent is written, once."""
        self.followed.now(call)
        try:
            await action()
        except NotConnected as error:
            await self._failed(call, "not_connected")
            raise AsteriskUnavailable(asterisk=call.asterisk) from error
        except ActionRefused as error:
            await self._failed(call, "originate_refused")
            raise OriginateRefused(
                f"Asterisk would not place the call: {error.message}", asterisk=call.asterisk
            ) from error
        except PermitExpired as error:
            await self._failed(call, "not_sent")
            raise AsteriskUnavailable(
                "it came too late to Asterisk, and was not sent", asterisk=call.asterisk
            ) from error
        except (InvalidAction, PermitMisused):  # a fault of ours; the call must not stay behind
            await self._failed(call, "not_sent")
            raise
        except OutcomeUnknown as error:
            self._deadlines.truth(call)  # the link may stand: then no resync comes
            await self._news(call.id, lambda turn: signals.LinkLost(at=turn.at))
            raise OriginateUnknown(call=call.id) from error

    async def _failed(self, call: Call, reason: str) -> None:
        """Nothing was sent: CONGESTION, which says nothing against the number."""
        self._deadlines.truth(call)  # should the store not take it now, nobody else would ever end the call
        await self._news(
            call.id,
            lambda turn: signals.OriginateFailed(at=turn.at, reason=reason, dial_status="CONGESTION"),
        )

    async def _await_disposition(self, call: Call) -> None:
        self._deadlines.disposition(call)

    async def _await_agent(self, call: Call, session_id: str) -> None:
        self._deadlines.agent(call, session_id)

    async def _arrived(self, call: Call, channel: str) -> None:
        self._await_caller(call, channel)

    def _await_caller(self, call: Call, channel: str) -> None:
        self.followed.now(call, channel)
        self._deadlines.arrival(call, channel)

    async def _let_go(self, call: Call) -> None:
        self.followed.forget(call.asterisk, call.id)
        if call.continues and call.sent_at and seen_first(call) is None:
            await self._still_there(call.parent)


def _as_it_is(signal: signals.Signal, _turn: Turn) -> signals.Signal:
    return signal
