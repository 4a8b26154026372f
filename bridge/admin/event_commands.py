"""Commands that read the event log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from bridge.admin.command import Parts, Reading
from bridge.events.envelope import EventRecord
from bridge.events.filters import Filter
from bridge.events.log import EventLog, Page, Span

PAGE = 1000
"""Records that are looked at for one answer."""
MOST_WAIT = 1.0
"""Seconds that an answer may wait for an event: a stop of the service waits for it, too."""


class EventsRead(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, and where the log stands."""

    records: Sequence[EventRecord]
    begin: int
    """What was looked at begins behind this number, which may not be the one that was asked for."""
    seq: int
    """Everything up to this number was looked at: go on after it."""
    oldest: int
    newest: int
    """What the log holds; nothing if `oldest` is the higher."""


class ReadEvents(Reading[EventsRead], frozen=True, kw_only=True):
    """Read the event log from a number or a time on; with neither, what comes from now on."""

    often: ClassVar[bool] = True

    after: int | None = None
    since: datetime | None = None
    types: tuple[str, ...] = ()
    agent: str = ""
    campaign: str = ""
    call: str = ""
    wait: Annotated[float, Meta(ge=0, le=MOST_WAIT)] = 0.0
    """Seconds to wait for an event if there is none yet; none of those who wait costs more than its place."""

    async def do(self, parts: Parts) -> EventsRead:
        """See `Command`."""
        log, rings = parts.log, parts.log.rings
        span = await log.span()
        begin = await self._begin(log, span)
        page = await self._read(log, begin)
        if page.seq == begin and self.wait and await log.wait(rings, self.wait):
            page = await self._read(log, begin)
        return EventsRead(
            records=page.records,
            begin=begin,
            seq=page.seq,
            oldest=span.oldest,
            newest=max(span.newest, page.seq),
        )

    async def _begin(self, log: EventLog, span: Span) -> int:
        if self.after is not None:
            return min(max(self.after, span.oldest - 1), span.newest)
        return span.newest if self.since is None else await log.before(self.since, span)

    async def _read(self, log: EventLog, begin: int) -> Page:
        wanted = Filter(types=self.types, agent=self.agent, campaign=self.campaign, call=self.call)
        return await log.read_after(begin, PAGE, wanted)
