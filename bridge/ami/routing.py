"""Which event goes to whom: a dictionary from names to what is to be done with the bytes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from bridge.ami.events.base import EVENT_TYPES, AmiEvent, typed
from bridge.ami.protocol import Message, tidy

__all__ = ["Router", "Sink"]

log = logging.getLogger(__name__)

Sink = Callable[[AmiEvent], None]
"""Takes an event at once: it must neither wait nor raise."""

_LF: Final = 10


class Router:
    """Sinks by event name. An event that nobody asked for costs a dictionary miss.

    Attributes:
        table: what to do with the bytes of an event, by name. The reader looks here.
        rest: what to do with every other event; nothing, unless somebody asked for all.
    """

    def __init__(self) -> None:
        """Start without sinks."""
        self.table: dict[bytes, Callable[[bytes], None]] = {}
        self.rest: Callable[[bytes], None] | None = None
        self._named: dict[bytes, list[Sink]] = {}
        self._all: list[Sink] = []

    def add(self, names: Iterable[str] | None, sink: Sink) -> Callable[[], None]:
        """Send events of these names (all, if `None`) to a sink; return what undoes it."""
        keys = None if names is None else {name.encode() for name in names}
        if keys is None:
            self._all.append(sink)
        else:
            for key in keys:
                self._named.setdefault(key, []).append(sink)
        self._rebuild()
        return lambda: self._remove(keys, sink)

    def _remove(self, keys: set[bytes] | None, sink: Sink) -> None:
        if keys is None:
            self._all.remove(sink)
        else:
            for key in keys:
                self._named[key].remove(sink)
        self._rebuild()

    def _rebuild(self) -> None:
        """Make the table anew, in place: the reader holds on to it."""
        self._named = {key: sinks for key, sinks in self._named.items() if sinks}
        routes = {key: _route(key, [*sinks, *self._all]) for key, sinks in self._named.items()}
        self.table.clear()
        self.table.update(routes)
        self.rest = _route_any(list(self._all)) if self._all else None


def _route(key: bytes, sinks: list[Sink]) -> Callable[[bytes], None]:
    make = EVENT_TYPES.get(key, AmiEvent)
    if len(sinks) > 1:

        def to_many(piece: bytes) -> None:
            event = make(tidy(piece))
            for sink in sinks:
                sink(event)

        return to_many
    (sink,) = sinks

    def to_one(piece: bytes) -> None:
        sink(make(tidy(piece) if piece[-1] == _LF else piece))

    return to_one


def _route_any(sinks: list[Sink]) -> Callable[[bytes], None]:
    def to_all(piece: bytes) -> None:
        event = typed(Message(tidy(piece)))
        for sink in sinks:
            sink(event)

    return to_all
