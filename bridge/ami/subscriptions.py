"""Events on their way to whoever asked for them, without ever making the reader wait."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal, Self, TypeAlias

from bridge.ami.events.base import AmiEvent
from bridge.ami.state import CloseReason

__all__ = ["Gap", "Item", "LinkDown", "LinkUp", "Policy", "Subscription"]

Policy: TypeAlias = Literal["gap", "drop"]

MARKER_ROOM = 16
"""Link reports kept beyond a queue's bound; a consumer further behind than this gets them summed up."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Events between two times were lost: read the state again.

    Attributes:
        since: no event before this time is missing.
        until: none after this time is.
        reason: the link was lost, or this subscription's own queue overflowed.
        restarted: Asterisk itself was restarted meanwhile: no channel from before is left.
    """

    since: datetime
    until: datetime
    reason: Literal["link", "overflow"]
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Logged in; events flow from here on.

    Attributes:
        at: when.
        asterisk_version: for instance `22.10.1`; empty if the AMI user may not know.
        started_at: which run of Asterisk this is, see `CoreStatusResult.startup`.
        first: the first link that this subscription hears of. There is no gap before it, yet nothing is
            known either: read the state.
    """

    at: datetime
    asterisk_version: str
    started_at: str
    first: bool


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is lost; a `Gap` follows once it is back."""

    at: datetime
    reason: CloseReason


Item: TypeAlias = AmiEvent | Gap | LinkUp | LinkDown


class Subscription:
    """A bounded queue of events and link reports, in the order in which they came.

    An async iterator for one consumer. It ends when it is closed or the client stops. Leave it (`async with`,
    or `close()`) to stop the events.

    Attributes:
        dropped: events that this subscription lost to its bound, whatever the policy.
        informed: whether it has been told of a link yet.
    """

    def __init__(self, maxsize: int, policy: Policy, leave: Callable[[Subscription], None]) -> None:
        """Start empty; `leave` is called once, when it is closed."""
        if maxsize < 1:
            raise ValueError("a subscription needs room for one event at least")
        self._maxsize = maxsize
        self._policy = policy
        self._leave = leave
        self._queue: deque[Item] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._behind_since = 0.0
        self._closed = False
        self.dropped = 0
        self.informed = False

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, event: AmiEvent) -> None:
        """Queue an event. Called by the reader; never waits."""
        queue = self._queue
        if not queue:
            self._behind_since = time.time()
            queue.append(event)
            self._wake()
        elif len(queue) < self._maxsize:
            queue.append(event)
        elif self._policy == "gap":
            self._collapse()
            queue.append(event)
        else:
            self.dropped += 1

    def put_report(self, report: Gap | LinkUp | LinkDown) -> None:
        """Queue a link report; it is never dropped, only summed up."""
        if not self._queue:
            self._behind_since = time.time()
        elif len(self._queue) >= self._maxsize + MARKER_ROOM:
            self._collapse()
        self._queue.append(report)
        self._wake()

    def _collapse(self) -> None:
        """Discard everything queued; what is left is one gap and the last word about the link."""
        gaps = [item for item in self._queue if isinstance(item, Gap)]
        links = [item for item in self._queue if isinstance(item, LinkUp | LinkDown)]
        behind = datetime.fromtimestamp(self._behind_since, UTC)
        gap = Gap(
            since=min([behind, *(gap.since for gap in gaps)]),
            until=datetime.now(UTC),
            reason="overflow",
            restarted=any(gap.restarted for gap in gaps),
        )
        self.dropped += len(self._queue) - len(gaps) - len(links)
        self._queue.clear()
        self._queue.extend([*links[-1:], gap])

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            await self._wait()
        return self._queue.popleft()

    async def _wait(self) -> None:
        if self._waiter is not None:
            raise RuntimeError("a subscription has one consumer")
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def close(self) -> None:
        """Take no more events. What is queued can still be read; then the iteration ends."""
        if not self._closed:
            self._closed = True
            self._leave(self)
            self._wake()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
