"""A bridge that only has a desk, in a process of its own so that it can be stopped and killed.

`agi_bridge.py <port> <secret> <delay> <file>` answers each question after `delay` seconds, and writes a line
for each that it answered into the file. Prints `ready` once it listens.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

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
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession


class SlowDesk:
    """Says yes to everything, after a while."""

    def __init__(self, delay: float, file: Path) -> None:
        self._delay = delay
        self._file = file

    async def _answer(self, question: str, call_id: str) -> None:
        await asyncio.sleep(self._delay)
        with self._file.open("a") as file:
            file.write(f"{question} {call_id}\n")

    async def call_start(self, start: CallStart) -> StartDecision:
        """Allow it."""
        await self._answer("call_start", start.unique_id)
        return StartDecision.allow("call-started", "Local/s@step-nowhere")

    async def call_answered(
        self, call_id: str, channel: str, patience: float = ANSWER_PATIENCE
    ) -> AnswerDecision:
        """Give it a room."""
        del channel, patience
        await self._answer("call_answered", call_id)
        return AnswerDecision.join("8600051")

    async def call_screened(self, call_id: str, amd_status: str, amd_cause: str) -> ScreenDecision:
        """Take it for a person."""
        del amd_status, amd_cause
        await self._answer("call_screened", call_id)
        return ScreenDecision("ask")

    async def opt_out(self, call_id: str, key: str) -> None:
        """Believe it."""
        del key
        await self._answer("opt_out", call_id)

    async def agent_offer(self, member: str, call_id: str, channel: str, queue: str) -> OfferDecision:
        """Take it."""
        del channel, queue
        await self._answer("agent_offer", call_id)
        return OfferDecision.take(member)

    async def call_end(self, report: CallReport) -> None:
        """Keep the report."""
        await self._answer("call_end", report.call_id)

    async def inbound(self, call: InboundCall) -> InboundDecision:
        """Know her."""
        await self._answer("inbound", call.unique_id)
        return InboundDecision("sales", "call-came", 17)


async def _no_script(_agi: AgiSession) -> None:
    """This bridge has none of its own."""


async def _main(port: int, secret: str, delay: float, file: Path) -> None:
    server = FastAgiServer(_no_script, "0.0.0.0", port, secret=secret, desk=SlowDesk(delay, file))
    await server.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), Path(sys.argv[4])))
