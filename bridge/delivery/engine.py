"""The whole of it: sources are followed and what waits is delivered, by one bridge of several."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bridge.delivery.filling import Filling
from bridge.delivery.model import Source
from bridge.delivery.sending import FIRST_PAUSE, Http, Sending
from bridge.delivery.service import RETRY_HOURS
from bridge.events.log import EventLog
from bridge.store.database import Database
from bridge.store.duties import Duty, while_held


class DeliveryEngine:
    """Follows the event log and delivers, whenever the duty is ours.

    Args:
        db: the open store.
        log: of the same store.
        sources: what is to be told.
        http: the client.
        duty: whose holder does it; the others wait for it.
        per_host: deliveries under way to one host at a time.
        retry_hours: how long a delivery is tried.
        first_pause: seconds until the second attempt, at most.
        clock: what time it is, aware.
    """

    def __init__(  # noqa: PLR0913  each is a part or a limit
        self,
        db: Database,
        log: EventLog,
        sources: Sequence[Source],
        http: Http,
        duty: Duty,
        *,
        per_host: int = 4,
        retry_hours: float = RETRY_HOURS,
        first_pause: float = FIRST_PAUSE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._duty = duty
        self._sending = Sending(
            db,
            {source.name: source for source in sources},
            http,
            duty=duty,
            per_host=per_host,
            clock=clock,
            first_pause=first_pause,
        )
        self._fillings = [
            Filling(
                db,
                log,
                source,
                duty=duty,
                keep=timedelta(hours=retry_hours),
                clock=clock,
                made=self._sending.wake,
            )
            for source in sources
        ]

    async def run(self) -> None:
        """Until cancelled."""
        self._duty.want()
        await while_held(self._duty, self._work)

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as group:
            for filling in self._fillings:
                group.create_task(filling.run(), name="delivery-filling")
            group.create_task(self._sending.run(), name="delivery-sending")
