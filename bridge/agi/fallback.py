"""What is answered when no bridge answers: nobody is dialled, nobody waits, no report is lost."""

from __future__ import annotations

from bridge.agi.desk import (
    ANSWER_PATIENCE,
    AnswerDecision,
    CallReport,
    CallStart,
    InboundCall,
    InboundDecision,
    OfferDecision,
    ScreenDecision,
    StartDecision,
)
from bridge.agi.errors import DeskUnavailable
from bridge.agi.spool import Spool

REASON = "no bridge answers"
"""BRIDGE_REASON of what is refused."""


class FallbackDesk:
    """A `CallDesk` without a bridge.

    Args:
        spool: keeps the reports.
        queue: the queue that callers join; empty: the dialplan's default queue.
        abandon_message: the sound that a customer hears for whom there is no agent; empty: none.
    """

    def __init__(self, spool: Spool, *, queue: str = "", abandon_message: str = "") -> None:
        self._spool = spool
        self._queue = queue
        self._abandon_message = abandon_message

    async def call_start(self, start: CallStart) -> StartDecision:
        """Refuse: without a permit nothing is dialled."""
        del start
        return StartDecision.refuse(REASON)

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        """Drop with the abandon message: nobody can say which agent is free."""
        del call_id, channel, patience
        return AnswerDecision.drop(self._abandon_message)

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        """Drop: nobody can say what the campaign wants of a machine."""
        del call_id, amd_status, amd_cause
        return ScreenDecision("drop", self._abandon_message)

    async def opt_out(self, call_id: str, key: str) -> None:
        """Refuse: nothing was written, and nobody must be told that it was.

        Raises:
            DeskUnavailable: always.
        """
        raise DeskUnavailable(f"call {call_id}: key {key} was pressed, and no bridge takes it")

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        """Busy: an agent is never given a caller that the bridge does not know of."""
        del member, call_id, channel, queue
        return OfferDecision.busy(REASON)

    async def call_end(self, report: CallReport) -> None:
        """Keep the report on disk. It is delivered when a bridge is back."""
        await self._spool.add(report)

    async def inbound(self, call: InboundCall) -> InboundDecision:
        """Queue her, without a lead."""
        del call
        return InboundDecision(queue=self._queue)
