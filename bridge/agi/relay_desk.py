"""The desk that the relay gives to its scripts: a bridge's answer if there is one in time, else its own."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from bridge.agi.bridges import Bridges
from bridge.agi.deadline import within
from bridge.agi.desk import ANSWER_PATIENCE, CallReport
from bridge.agi.errors import AgiError, CommandTimeout
from bridge.agi.fallback import FallbackDesk
from bridge.agi.questions import QUESTIONS, AskingDesk
from bridge.agi.spool import Spool
from bridge.agi.wire import Record

log = logging.getLogger(__name__)

PATIENCE = {
    "call_start": 3.0,
    "call_answered": ANSWER_PATIENCE,
    "call_screened": 3.0,
    "opt_out": 5.0,
    "agent_offer": 3.0,
    "call_end": 3.0,
    "inbound": 3.0,
}
"""Seconds in which a bridge has to answer. The dialplan's own limit for a step is 10 s.

`call_answered` is longer because the bridge holds the question until an agent is ready, up to the campaign's
drop time or to most of this; a bridge that is gone is noticed by its silence long before
(`desk_link.DEAD_AFTER`)."""

DISK_TIMEOUT = 3.0
"""Seconds for the disk to keep a report; the slowest of a loaded test machine took 0.2."""


class RelayDesk(AskingDesk):
    """A `CallDesk` that always answers within `PATIENCE`."""

    def __init__(self, bridges: Bridges, fallback: FallbackDesk, spool: Spool) -> None:
        self.fallbacks: Counter[str] = Counter()
        """How often it had to answer by itself, by question."""
        self._bridges = bridges
        self._fallback = fallback
        self._spool = spool

    async def ask(self, name: str, record: Record) -> Any:
        """Ask the bridges, then ourselves."""
        try:
            return await self._bridges.ask(name, record, PATIENCE[name])
        except AgiError as error:
            self.fallbacks[name] += 1
            log.warning("%s answered by the relay itself: %s", name, error)
            return await QUESTIONS[name].put(self._fallback, record, 0.0)

    async def call_end(self, report: CallReport) -> None:
        """Keep the report on disk; it goes to a bridge at once, but nobody waits for that.

        Raises:
            DeskError: the disk refuses and no bridge answers: the report is not acknowledged.
        """
        try:
            await within(DISK_TIMEOUT, self._spool.add(report))
        except (OSError, CommandTimeout):
            log.exception("the spool cannot be written")
            await self._bridges.ask("call_end", report, PATIENCE["call_end"])
