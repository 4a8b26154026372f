"""The desk's questions as JSON lines, between relay and bridge and between a forked script and the relay.

    {"id": 7, "ask": "call_start", "with": {…}, "until": 1234.5}
    {"id": 7, "answer": {…}}      or      {"id": 7, "error": "expired"}

`until` is on the answering side's monotonic clock: a bridge that was frozen must not act on a question that
the relay has long answered by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from bridge.agi.desk import (
    ANSWER_PATIENCE,
    AnswerDecision,
    CallDesk,
    CallReport,
    CallStart,
    InboundCall,
    InboundDecision,
    OfferDecision,
    ScreenDecision,
    StartDecision,
)
from bridge.agi.wire import Record

LINE_LIMIT = 64 * 1024
"""Bytes of one line; the longest record has a dozen texts of 4 KiB at most, and in practice 1 KiB."""

PING = "ping"
"""The question that only wants to know whether somebody is there."""


@dataclass(frozen=True)
class Answered(Record):
    """What `call_answered` asks about."""

    call_id: str
    channel: str


@dataclass(frozen=True)
class Screened(Record):
    """What `call_screened` asks about."""

    call_id: str
    amd_status: str
    amd_cause: str


@dataclass(frozen=True)
class OptedOut(Record):
    """What `opt_out` tells."""

    call_id: str
    key: str


@dataclass(frozen=True)
class Offered(Record):
    """What `agent_offer` asks about."""

    member: str
    call_id: str
    channel: str
    queue: str


@dataclass(frozen=True)
class Done(Record):
    """The answer to a question that has none: it was done."""


class Question(NamedTuple):
    """How one of the desk's questions travels."""

    record: type[Record]
    answer: type[Record]
    put: Callable[[CallDesk, Any, float], Awaitable[Record]]
    """Ask a desk about a record; the last is the seconds for which the answer is waited for."""


async def _end(desk: CallDesk, report: CallReport, _patience: float) -> Done:
    await desk.call_end(report)
    return Done()


async def _opt_out(desk: CallDesk, told: OptedOut, _patience: float) -> Done:
    await desk.opt_out(told.call_id, told.key)
    return Done()


QUESTIONS = {
    "call_start": Question(CallStart, StartDecision, lambda desk, r, _: desk.call_start(r)),
    "call_answered": Question(
        Answered, AnswerDecision, lambda desk, r, patience: desk.call_answered(r.call_id, r.channel, patience)
    ),
    "call_screened": Question(
        Screened,
        ScreenDecision,
        lambda desk, r, _: desk.call_screened(r.call_id, r.amd_status, r.amd_cause),
    ),
    "opt_out": Question(OptedOut, Done, _opt_out),
    "agent_offer": Question(
        Offered, OfferDecision, lambda desk, r, _: desk.agent_offer(r.member, r.call_id, r.channel, r.queue)
    ),
    "call_end": Question(CallReport, Done, _end),
    "inbound": Question(InboundCall, InboundDecision, lambda desk, r, _: desk.inbound(r)),
}


class AskingDesk:
    """A `CallDesk` that passes each question on. Whoever derives from it says how, in `ask`."""

    async def ask(self, name: str, record: Record) -> Any:
        """Get the answer, a record of the question's kind."""
        raise NotImplementedError

    async def call_start(self, start: CallStart) -> StartDecision:
        """See `CallDesk.call_start`."""
        answer: StartDecision = await self.ask("call_start", start)
        return answer

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        """See `CallDesk.call_answered`; here whoever carries the question says how long it may take."""
        del patience
        answer: AnswerDecision = await self.ask("call_answered", Answered(call_id, channel))
        return answer

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        """See `CallDesk.call_screened`."""
        record = Screened(call_id, amd_status, amd_cause)
        answer: ScreenDecision = await self.ask("call_screened", record)
        return answer

    async def opt_out(self, call_id: str, key: str) -> None:
        """See `CallDesk.opt_out`."""
        await self.ask("opt_out", OptedOut(call_id, key))

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        """See `CallDesk.agent_offer`."""
        answer: OfferDecision = await self.ask("agent_offer", Offered(member, call_id, channel, queue))
        return answer

    async def call_end(self, report: CallReport) -> None:
        """See `CallDesk.call_end`."""
        await self.ask("call_end", report)

    async def inbound(self, call: InboundCall) -> InboundDecision:
        """See `CallDesk.inbound`."""
        answer: InboundDecision = await self.ask("inbound", call)
        return answer
