"""What is waited for in a call's life, and what follows when it does not come in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias

from bridge.ami.errors import AmiError, NotConnected
from bridge.calls import queries, signals
from bridge.calls.asterisk import CallLink
from bridge.calls.ending import in_wrapup
from bridge.calls.model import FROM_ROOM, Call, CallKind, CallState
from bridge.calls.results import machine_of, network_result
from bridge.calls.snapshot import Snapshot
from bridge.store.database import Database
from bridge.timers import Timers
from bridge.turn import Turn

REPORT_DEADLINE: Final = 20.0
"""Seconds that an ended call waits for the dialplan's report before it is disposed without."""

AGENT_DEADLINE: Final = 10.0
"""Seconds from an agent's being taken for a call to their hearing each other; it needs some tens of ms."""

RUNG_DEADLINE: Final = 130.0
"""The same for an agent on hook, whose phone has to be answered first: it rings as long as her queue lets it,
and two minutes at most, says the dialplan."""

TRUTH_DEADLINE: Final = 5.0
"""Seconds after a snapshot in which the channel of an unknown call may still show up: Asterisk makes it
within milliseconds of the action (measured), so one that is not there by then never was."""

SENDING_DEADLINE: Final = 15.0
"""The same where another bridge is about to send the action, or to hear (within 10 s) that it was lost."""

News: TypeAlias = Callable[[str, Callable[[Turn], signals.Signal]], Awaitable[Call | None]]
"""Steps a call with a signal that is made in the turn."""


class Deadlines:
    """Those of all calls. After a restart the resync sets them again."""

    def __init__(self, timers: Timers, db: Database, links: Mapping[str, CallLink], news: News) -> None:
        """Take the clock, where calls are read and channels are listed, and what a signal is given to."""
        self._timers = timers
        self._db = db
        self._links = links
        self._news = news

    def let_go(self, call_id: str) -> None:
        """Wait for nothing more: the call is disposed."""
        for what in ("disposition", "truth", "agent"):
            self._timers.cancel((what, call_id))

    def resume(self, call: Call) -> None:
        """Wait for what a call waits for that another bridge has written: that one may die."""
        if call.state is CallState.ENDED:
            self.disposition(call)
        elif call.state is CallState.SENT:
            self.truth(call, SENDING_DEADLINE)
        elif call.state is CallState.UNKNOWN:
            self.truth(call)
        elif call.kind in FROM_ROOM | {CallKind.CLICK} or call.state is CallState.BRIDGED:
            pass
        elif call.session_id:
            self.agent(call, call.session_id)
        elif call.channel and call.state is CallState.DIALING and call.kind is not CallKind.AUTO:
            self.arrival(call, call.channel)

    # -- an ended call: the agent's word, or the dialplan's report

    def disposition(self, call: Call) -> None:
        """Dispose the call if nobody does in time; what is left of the time counts, after a restart too."""
        wrapup = in_wrapup(call)
        allowed = float(call.wrapup_seconds) if wrapup else REPORT_DEADLINE
        gone = max(0.0, (datetime.now(UTC) - call.ended_at).total_seconds()) if call.ended_at else 0.0
        self._timers.start(("disposition", call.id), allowed - gone, partial(self._undisposed, call, wrapup))

    async def _undisposed(self, call: Call, wrapup: bool) -> None:  # noqa: FBT001 - bound by partial
        answered = call.answered_at is not None
        machine = machine_of(call)
        status = (
            ""
            if wrapup
            else network_result(call.dial_status, call.hangup_cause, answered=answered, machine=machine)
        )
        await self._news(call.id, lambda turn: signals.WrapupOver(at=turn.at, default_status=status))

    # -- a call that was given to an agent

    def agent(self, call: Call, session_id: str) -> None:
        """An agent to whom a call was given and who does not get it is free again.

        Asterisk is asked first: news of their hearing each other may only be late.
        """
        allowed = RUNG_DEADLINE if call.extension else AGENT_DEADLINE
        self._timers.start(("agent", call.id), allowed, partial(self._seek_agent, call, session_id))

    async def _seek_agent(self, call: Call, session_id: str) -> None:
        now = datetime.now(UTC)
        try:
            rows = await self._links[call.asterisk].channels()
        except NotConnected:
            return  # the resync begins this anew
        except AmiError:
            self.agent(call, session_id)
            return
        seen = Snapshot(rows, taken=now, restarted=False).of_call(call, now)
        if isinstance(seen, signals.SnapshotPresent) and seen.seen is CallState.BRIDGED:
            await self._news(call.id, lambda _turn: seen)
        else:
            await self._news(call.id, lambda turn: signals.Unassign(at=turn.at, session_id=session_id))

    # -- a call of which nobody knows whether its channel exists

    def truth(self, call: Call, seconds: float = 0.0) -> None:
        """Adopt an unknown call whose channel is there by then, give up one whose is not.

        Without a link nothing can be said: the resync after it begins this anew.
        """
        self._timers.start(("truth", call.id), seconds or TRUTH_DEADLINE, partial(self._seek_truth, call))

    async def _seek_truth(self, call: Call) -> None:
        now = datetime.now(UTC)
        try:
            rows = await self._links[call.asterisk].channels()
        except NotConnected:
            return
        except AmiError:
            self.truth(call)
            return
        seen = Snapshot(rows, taken=now, restarted=False).of_call(call, now)
        if isinstance(seen, signals.SnapshotPresent):
            await self._news(call.id, lambda _turn: seen)
        else:
            status = network_result(call.dial_status, call.hangup_cause, answered=False)
            # It may still count as sent, where the loss of the link could not be written down.
            await self._news(call.id, lambda turn: signals.LinkLost(at=turn.at))
            await self._news(call.id, lambda turn: signals.GiveUp(at=turn.at, network_status=status))

    async def check(self, call: Call) -> None:
        """End a call whose channel is gone: the event that would have told it was another call's."""
        now = datetime.now(UTC)
        try:
            rows = await self._links[call.asterisk].channels()
        except AmiError:
            return  # the resync finds it
        seen = Snapshot(rows, taken=now, restarted=False).of_call(call, now)
        if isinstance(seen, signals.SnapshotAbsent):
            await self._news(call.id, lambda _turn: seen)

    def arrival(self, call: Call, channel: str) -> None:
        """End a call whose caller was gone before it was written: no event of her will ever come."""
        self._timers.start(("truth", call.id), TRUTH_DEADLINE, partial(self._seek_arrival, call, channel))

    async def _seek_arrival(self, arrived: Call, channel: str) -> None:
        async with self._db.read() as conn:
            call = await queries.find(conn, arrived.id)
        if call is None or call.state is not CallState.DIALING:
            return
        try:
            rows = await self._links[call.asterisk].channels()
        except NotConnected:
            return  # the resync finds it
        except AmiError:
            self.arrival(call, channel)
            return
        if all(row.uniqueid != channel for row in rows):
            await self._news(call.id, lambda turn: signals.HangupSeen(at=turn.at))
