"""Carries what waits on disk to a bridge, oldest first, as soon as there is one."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

from bridge.agi.bridges import Bridges
from bridge.agi.desk import CallReport
from bridge.agi.errors import AgiError, DeskRefused
from bridge.agi.spool import Spool

log = logging.getLogger(__name__)

DELIVER_TIMEOUT = 5.0
"""Seconds for a bridge to take one report."""

AT_ONCE = 50
"""Reports under way at a time: enough to keep a bridge's grouped commits full."""

RETRY_EVERY = 2.0
"""Seconds between two tries while no bridge takes anything."""

LOOK_EVERY = 10.0
"""Seconds between two looks for reports that forked scripts wrote while no relay ran."""


class Delivery:
    """Empties the spool. A report may be delivered twice (the bridge drops the second), never not at all."""

    def __init__(self, spool: Spool, bridges: Bridges) -> None:
        self._spool = spool
        self._bridges = bridges

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            self._spool.arrived.clear()
            if await self._deliver_all():
                await _first_of(LOOK_EVERY, self._spool.arrived)
            else:
                self._bridges.connected.clear()
                await _first_of(RETRY_EVERY, self._bridges.connected)

    async def _deliver_all(self) -> bool:
        """Deliver what waits; whether all is gone. What the disk will not give now is tried again."""
        try:
            return all([await self._deliver_surely(batch) for batch in self._spool.batches()])
        except OSError as error:
            log.error("the spool cannot be read: %s", error)  # noqa: TRY400 - it says all
            return False

    async def _deliver_surely(self, batch: Path) -> bool:
        """Deliver a file; one that the disk will not give, or not let go, does not hold up the others."""
        try:
            return await self._deliver(batch)
        except OSError as error:
            log.error("the reports in %s have to wait: %s", batch.name, error)  # noqa: TRY400 - it says all
            return False

    async def _deliver(self, batch: Path) -> bool:
        """Deliver a file. It stays if one of its reports cannot be taken now; the others go on."""
        if not self._bridges.is_connected:
            return False
        reports = list(self._spool.read(batch))
        taken = True
        for start in range(0, len(reports), AT_ONCE):
            if not self._bridges.is_connected:  # else each would wait for itself, and say so
                return False
            some = reports[start : start + AT_ONCE]
            taken &= all(await asyncio.gather(*(self._hand_over(report) for report in some)))
        if taken:
            self._spool.remove(batch)
        return taken

    async def _hand_over(self, report: CallReport) -> bool:
        try:
            await self._bridges.ask("call_end", report, DELIVER_TIMEOUT)
        except DeskRefused as error:
            self._spool.reject(json.dumps(report.to_wire()).encode(), str(error))
        except AgiError as error:
            log.warning("the report of call %s has to wait: %s", report.call_id or report.unique_id, error)
            return False
        return True


async def _first_of(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, but not longer than that."""
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
