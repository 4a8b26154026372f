"""Which event goes to whom: a dictionary from an event's first line to what is to be done with its bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from bridge.ami.events.base import EVENT_TYPES, AmiEvent
from bridge.ami.protocol import tidy

__all__ = ["Route", "Router", "Sink"]

Sink: TypeAlias = Callable[[AmiEvent], None]
"""Takes an event at once: it must neither wait nor raise."""

Route: TypeAlias = Callable[[bytes], None]
"""Takes the bytes of an event."""

_ROUTES_LIMIT: Final = 2000
"""First lines remembered. Asterisk has some 200 event names; only a peer gone mad has more than this."""

_LF: Final = 10


class Router:
    """Sinks by event name. An event that nobody asked for costs one look into a dictionary.

    Attributes:
        routes: what to do with an event, by its first line; `None` for one that nobody wants. It holds only
            what `learn()` has been asked about, and is emptied whenever a sink comes or goes.
    """

    def __init__(self) -> None:
        """Start without sinks."""
        self.routes: dict[bytes, Route | None] = {}
        self._named: dict[bytes, list[Sink]] = {}
        self._all: list[Sink] = []

    def add(self, names: Iterable[str] | None, sink: Sink) -> Callable[[], None]:
        """Send events of these names (all, if `None`) to a sink; return what undoes it."""
        if names is None:
            places = [self._all]
        else:
            wanted = {names} if isinstance(names, str) else set(names)
            places = [self._named.setdefault(name.encode(), []) for name in wanted]
        for place in places:
            place.append(sink)
        self.routes.clear()

        def remove() -> None:
            for place in places:
                place.remove(sink)
            self.routes.clear()

        return remove

    def learn(self, line: bytes) -> Route | None:
        """Find out what to do with events of this first line (`Event: Name`), and remember it."""
        name = line.partition(b":")[2].strip(b" ")
        sinks = [*self._named.get(name, ()), *self._all]
        route = _route(EVENT_TYPES.get(name, AmiEvent), sinks) if sinks else None
        if len(self.routes) >= _ROUTES_LIMIT:
            self.routes.clear()
        self.routes[line] = route
        return route


def _route(kind: type[AmiEvent], sinks: list[Sink]) -> Route:
    if len(sinks) == 1:
        (sink,) = sinks

        def to_one(piece: bytes) -> None:
            sink(kind(tidy(piece) if piece[-1] == _LF else piece))

        return to_one

    def to_many(piece: bytes) -> None:
        event = kind(tidy(piece))
        for sink in sinks:
            sink(event)

    return to_many
