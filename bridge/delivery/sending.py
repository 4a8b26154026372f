"""Out of the table to the other side: so many at a time, in order for each subject, until it is taken."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bridge.delivery import queries
from bridge.delivery.model import Attempt, DeliveryState, Due, Source, Unsendable
from bridge.events.catalogue import DeliveryFailed
from bridge.outgoing import OutgoingError, Reply, TargetInvalid
from bridge.store.database import Database, Transaction
from bridge.store.duties import Duty
from bridge.store.errors import StoreError

FIRST_PAUSE: Final = 5.0
"""Seconds until the second attempt, at most; each further one waits twice as long."""
LONGEST_PAUSE: Final = 3600.0
"""Seconds between two attempts at most."""
MOST: Final = 50
"""Deliveries under way at a time, to all hosts."""
STORE_PAUSE: Final = 1.0
"""Seconds until the store is asked again after it failed."""
_BUSY: Final = frozenset({429, 503})

_log = structlog.get_logger(__name__)


class Http(Protocol):
    """What requests are sent with: `bridge.outgoing.Outgoing`."""

    async def request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send one."""


class Sending:
    """Delivers what waits.

    Args:
        db: the open store.
        sources: who says how something is sent, by name.
        http: the client.
        duty: whose holder does it.
        per_host: deliveries under way to one host at a time.
        clock: what time it is, aware.
        first_pause: seconds until the second attempt, at most.
    """

    def __init__(  # noqa: PLR0913  each is a part or a limit
        self,
        db: Database,
        sources: Mapping[str, Source],
        http: Http,
        *,
        duty: Duty,
        per_host: int,
        clock: Callable[[], datetime],
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self._db = db
        self._sources = sources
        self._http = http
        self._duty = duty
        self._per_host = per_host
        self._clock = clock
        self._first_pause = first_pause
        self._news = asyncio.Event()
        self._flying: dict[str, str] = {}

    def wake(self) -> None:
        """There may be something new to deliver."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is given up, and sent again by whoever goes on."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                self._news.clear()
                now = self._clock()  # one for both looks: what comes due between them must not be missed
                try:
                    for due in await self._due(now):
                        self._flying[due.id] = due.host
                        task = asyncio.create_task(self._deliver(due), name="delivery")
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
                    seconds = await self._until_next(now)
                except StoreError as error:
                    _log.warning("deliveries wait for the store", error=str(error))
                    seconds = STORE_PAUSE
                await self._sleep(seconds)
        finally:
            for task in tuple(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._flying.clear()

    async def _due(self, now: datetime) -> list[Due]:
        """What there is room for now.

        What is under way as this begins is passed over, also if it ends meanwhile: the read may still show it
        as it was.
        """
        found: list[Due] = []
        flying = frozenset(self._flying)
        under_way = Counter(self._flying.values())
        async with self._db.read() as conn:
            for host in await queries.hosts_due(conn, now):
                room = min(self._per_host - under_way[host], MOST - len(self._flying) - len(found))
                if room > 0:
                    due = await queries.due(conn, host, now, room + under_way[host])
                    found += [each for each in due if each.id not in flying][:room]
        return found

    async def _until_next(self, now: datetime) -> float | None:
        async with self._db.read() as conn:
            moment = await queries.next_at(conn, now)
        return None if moment is None else max(0.0, (moment - self._clock()).total_seconds())

    async def _sleep(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _deliver(self, due: Due) -> None:
        try:
            attempt = await self._attempt(due)
            await self._settle(due, attempt)
        except StoreError as error:  # it may be sent twice then, with the same id; never not at all
            _log.warning("what became of a delivery is not kept", delivery=due.id, error=str(error))
            await asyncio.sleep(STORE_PAUSE)
        finally:
            self._flying.pop(due.id, None)
            self._news.set()

    async def _attempt(self, due: Due) -> Attempt:
        headers = {
            "User-Agent": "agent-bridge",
            "X-Delivery-Id": due.id,
            "X-Delivery-Attempt": str(due.attempts + 1),
        }
        try:
            wish = await self._sources[due.source].request(due)
            told = headers | dict(wish.headers)
            url = wish.url or due.url
            return judged(await self._http.request(wish.method, url, headers=told, body=wish.body))
        except (TargetInvalid, Unsendable) as error:
            return Attempt(error=str(error), hopeless=True)
        except OutgoingError as error:
            return Attempt(error=str(error))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001  one that breaks the client must not stop the others
            _log.error("a delivery broke the client", delivery=due.id, error=type(error).__name__)
            return Attempt(error=f"the request failed ({type(error).__name__})")

    async def _settle(self, due: Due, attempt: Attempt) -> None:
        async def work(tx: Transaction) -> None:
            await self._duty.fence(tx.conn)
            values = self._outcome(due, attempt, self._clock())
            if await queries.settle(tx.conn, due.id, **values) and values["state"] == DeliveryState.FAILED:
                tx.emit(DeliveryFailed(delivery_id=due.id, host=due.host, why=attempt.error))

        await self._db.write(work)

    def _outcome(self, due: Due, attempt: Attempt, now: datetime) -> dict[str, Any]:
        told = {"tried_at": now, "status": attempt.status, "error": attempt.error}
        if not attempt.error:  # the values have arrived: nobody needs them here any more
            return told | {"state": DeliveryState.DONE.value, "settled_at": now, "next_at": None, "url": ""}
        again = now + timedelta(seconds=max(self._pause(due.attempts), attempt.wait))
        if attempt.hopeless or again > due.give_up_at:
            return told | {"state": DeliveryState.FAILED.value, "settled_at": now, "next_at": None}
        return told | {"state": DeliveryState.PENDING.value, "next_at": again}

    def _pause(self, attempts: int) -> float:
        longest = min(self._first_pause * 2 ** min(attempts, 20), LONGEST_PAUSE)
        return random.uniform(longest / 2, longest)  # noqa: S311  no secret


def judged(reply: Reply) -> Attempt:
    """What an answer means: 2xx is taken, all else is tried again."""
    if 200 <= reply.status < 300:
        return Attempt(status=reply.status)
    moved = " (redirects are not followed)" if 300 <= reply.status < 400 else ""
    wait = reply.headers.get("retry-after", "") if reply.status in _BUSY else ""
    seconds = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
    return Attempt(
        status=reply.status, error=f"answered {reply.status}{moved}", wait=min(seconds, LONGEST_PAUSE)
    )
