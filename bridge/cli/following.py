"""Follows the event log for a command: over the socket of the service, and over its restarts.

The number of the last event is kept here, so that after a restart nothing is missed and nothing comes twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import msgspec

from bridge.admin.client import ask, perform
from bridge.admin.errors import AdminError, ServiceDown, ServiceEnded
from bridge.admin.event_commands import MOST_WAIT, EventsRead, ReadEvents
from bridge.admin.place import socket_path
from bridge.settings import Settings

AGAIN_SECONDS = 0.5
"""Between two looks for a service that is not there."""
BETWEEN_SECONDS = 0.1
"""Between two questions: when much happens, events come by the page and not each by itself."""
PATIENCE_SECONDS = 60.0
"""A service that answers, but refuses for so long, will not change its mind."""

Say = Callable[[str], None]


class Following:
    """The pages of the event log, one after the other.

    Args:
        settings: of the service.
        first: which events, and from where on.
        say: tells a person what happens beside events: a service that is not there, events that are gone.
    """

    def __init__(self, settings: Settings, first: ReadEvents, say: Say) -> None:
        self._settings = settings
        self._path = socket_path(settings)
        self._next = first
        self._say = say
        self._away = ""
        self._refused_since = 0.0

    def past(self) -> Iterator[EventsRead]:
        """What the log holds now; the store is read if there is no service.

        Raises:
            AdminError, StoreError: it cannot be read.
        """
        end: int | None = None
        while end is None or (self._next.after or 0) < end:
            page = self._take(perform(self._settings, self._next))
            end = page.newest if end is None else end
            yield page
            if page.seq == page.begin:
                return

    def live(self) -> Iterator[EventsRead]:
        """All that comes, for ever; a page without events is a sign that the time goes on.

        Raises:
            AdminError: the service has refused for `PATIENCE_SECONDS`.
        """
        while True:
            page = self._ask()
            if page is not None:
                yield page
            else:
                yield EventsRead(records=(), begin=self._seq, seq=self._seq, oldest=0, newest=self._seq)
            time.sleep(AGAIN_SECONDS if page is None else BETWEEN_SECONDS)

    @property
    def _seq(self) -> int:
        return self._next.after or 0

    def _ask(self) -> EventsRead | None:
        wanted = msgspec.structs.replace(self._next, wait=MOST_WAIT)
        try:
            found = ask(self._path, wanted)
        except (ServiceDown, ServiceEnded):
            self._refused_since = 0.0
            self._tell_away(f"no bridge answers here; after event {self._seq}, waiting for one")
            return None
        except AdminError as error:
            self._count(error)
            return None
        self._refused_since = 0.0
        if self._away:
            self._away = ""
            self._say(f"the bridge answers again; going on after event {self._seq}")
        return self._take(found)

    def _count(self, error: AdminError) -> None:
        now = time.monotonic()
        self._refused_since = self._refused_since or now
        if now - self._refused_since > PATIENCE_SECONDS:
            raise error
        self._tell_away(f"{error}; trying again")

    def _tell_away(self, why: str) -> None:
        if why != self._away:
            self._away = why
            self._say(why)

    def _take(self, page: EventsRead) -> EventsRead:
        asked = self._next.after
        if asked is not None and page.begin > asked:
            self._say(f"events {asked + 1} to {page.begin} are not kept any more")
        if asked is not None and page.begin < asked:
            self._say(f"the log ends at event {page.newest}, not at {asked}: going on from its end")
        self._next = msgspec.structs.replace(self._next, after=page.seq, since=None)
        return page
