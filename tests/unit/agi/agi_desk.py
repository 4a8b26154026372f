"""A desk that remembers what it was asked, and whose answers a test decides."""

from __future__ import annotations

import asyncio

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


class TestDesk:
    """Answers yes to everything, unless `broken` (raises) or `frozen` (never answers).

    With `release` set it answers when that event comes.
    """

    __test__ = False

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.asked: list[object] = []
        self.reports: list[CallReport] = []
        self.broken = False
        self.frozen = False
        self.patience = 0.0
        self.release: asyncio.Event | None = None

    async def _ask(self, what: object) -> None:
        self.asked.append(what)
        if self.frozen:
            await asyncio.sleep(3600)
        if self.release is not None:
            await self.release.wait()
        if self.broken:
            raise RuntimeError("the database is away")

    async def call_start(self, start: CallStart) -> StartDecision:
        await self._ask(start)
        return StartDecision.allow("call-1", "PJSIP/15551234567@carrier", "15550009999", 30)

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        self.patience = patience
        await self._ask((call_id, channel))
        return AnswerDecision.join(self.name or "8600051")

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        await self._ask((call_id, amd_status, amd_cause))
        return ScreenDecision("message", "bridge/later", "9")

    async def opt_out(self, call_id: str, key: str) -> None:
        await self._ask((call_id, key))

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        await self._ask((member, call_id, channel, queue))
        return OfferDecision.take(member)

    async def call_end(self, report: CallReport) -> None:
        await self._ask(report)
        self.reports.append(report)

    async def inbound(self, call: InboundCall) -> InboundDecision:
        await self._ask(call)
        return InboundDecision("sales", "call-2", 17, {"NAME": "Ann"})
